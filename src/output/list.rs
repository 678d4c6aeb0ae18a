//! A `ComplianceReportList` as JSON or YAML: exactly the objects that a cluster would hold.

use serde::Serialize;

use crate::api::{API_VERSION, ComplianceReport, Document};
use crate::report::document;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    items: Vec<Document<'a, ComplianceReport>>,
}

#[derive(Serialize)]
struct Metadata {}

fn list(items: Vec<Document<'_, ComplianceReport>>) -> List<'_> {
    List { api_version: API_VERSION, kind: "ComplianceReportList", metadata: Metadata {}, items }
}

/// The beginning of the list as indented JSON; then comes each item, and a comma between two.
pub fn json_begin() -> String {
    let empty = serde_json::to_string_pretty(&list(Vec::new())).unwrap_or_default();
    empty.rsplit_once(']').map_or(String::new(), |(begin, _)| begin.to_owned())
}

/// One item of the list.
pub fn json_item(report: &ComplianceReport) -> String {
    let text = serde_json::to_string_pretty(&document(report)).unwrap_or_default();
    // A text in JSON has no line break of its own.
    format!("\n    {}", text.replace('\n', "\n    "))
}

/// The end of the list. `any`: there was an item.
pub fn json_end(any: bool) -> &'static str {
    if any { "\n  ]\n}\n" } else { "]\n}\n" }
}

/// As YAML.
///
/// # Errors
/// When the YAML library refuses a value, which no report holds.
pub fn yaml(reports: &[&ComplianceReport]) -> Result<String, String> {
    serde_saphyr::to_string(&list(reports.iter().map(|report| document(report)).collect()))
        .map_err(|error| format!("cannot write the reports as YAML: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_make_one_json_text() {
        let none = json_begin() + json_end(false);
        assert_eq!(none, serde_json::to_string_pretty(&list(Vec::new())).unwrap() + "\n");
    }

    #[test]
    fn truths_stay_texts_in_yaml() {
        // `compliant: True` without quotes would be a boolean to every YAML reader.
        let written = serde_saphyr::to_string(&serde_json::json!({"compliant": "True", "n": "1"})).unwrap();
        assert!(written.contains("\"True\"") || written.contains("'True'"), "{written}");
    }
}
