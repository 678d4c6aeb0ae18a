//! A `ComplianceReportList` as JSON or YAML: exactly the objects that a cluster would hold.

use serde::Serialize;

use crate::api::{API_VERSION, ComplianceReport};
use crate::report::{Document, document};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Empty,
    items: Vec<Document<'a>>,
}

#[derive(Serialize)]
struct Empty {}

fn list<'a>(reports: impl Iterator<Item = &'a ComplianceReport>) -> List<'a> {
    let items = reports.map(document).collect();
    List { api_version: API_VERSION, kind: "ComplianceReportList", metadata: Empty {}, items }
}

/// As JSON, indented.
pub fn json<'a>(reports: impl Iterator<Item = &'a ComplianceReport>) -> String {
    let mut text = serde_json::to_string_pretty(&list(reports)).unwrap_or_default();
    text.push('\n');
    text
}

/// As YAML.
///
/// # Errors
/// When the YAML library refuses a value, which no report holds.
pub fn yaml<'a>(reports: impl Iterator<Item = &'a ComplianceReport>) -> Result<String, String> {
    serde_saphyr::to_string(&list(reports))
        .map_err(|error| format!("cannot write the reports as YAML: {error}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn truths_stay_texts_in_yaml() {
        // `compliant: True` without quotes would be a boolean to every YAML reader.
        let written = serde_saphyr::to_string(&serde_json::json!({"compliant": "True", "n": "1"})).unwrap();
        assert!(written.contains("\"True\"") || written.contains("'True'"), "{written}");
    }
}
