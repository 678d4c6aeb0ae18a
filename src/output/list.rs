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

/// Where the items begin in YAML.
const ITEMS: &str = "items:\n";

/// The beginning of the list as YAML; then comes each item. `any`: there is one.
///
/// # Errors
/// When the YAML library refuses a value, which no report holds.
pub fn yaml_begin(any: bool) -> Result<String, String> {
    let empty = written(&list(Vec::new()))?;
    if !any {
        return Ok(empty);
    }
    let begin = empty.split_once("items:").map(|(begin, _)| begin).unwrap_or_default();
    Ok([begin, ITEMS].concat())
}

/// One item of the list.
///
/// # Errors
/// When the YAML library refuses a value, which no report holds.
pub fn yaml_item(report: &ComplianceReport) -> Result<String, String> {
    let alone = written(&list(vec![document(report)]))?;
    Ok(alone.split_once(ITEMS).map(|(_, item)| item.to_owned()).unwrap_or_default())
}

fn written(list: &List<'_>) -> Result<String, String> {
    serde_saphyr::to_string(list).map_err(|error| format!("cannot write the reports as YAML: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Summary;

    #[test]
    fn the_parts_make_one_json_text() {
        let none = json_begin() + json_end(false);
        assert_eq!(none, serde_json::to_string_pretty(&list(Vec::new())).unwrap() + "\n");
    }

    #[test]
    fn the_parts_make_one_yaml_text() {
        assert_eq!(yaml_begin(false).unwrap(), written(&list(Vec::new())).unwrap());
        let report = serde_json::json!({
            "scope": {"apiGroup": "apps", "kind": "Deployment", "name": "api", "uid": "", "generation": 1},
            "compliant": "True", "score": 100, "policies": [], "summary": serde_json::to_value(Summary::default()).unwrap(),
            "conditions": [], "engineVersion": "items:\n- ",
        });
        let report: ComplianceReport = serde_json::from_value(report).unwrap();
        let parts = yaml_begin(true).unwrap() + &yaml_item(&report).unwrap() + &yaml_item(&report).unwrap();
        assert_eq!(parts, written(&list(vec![document(&report), document(&report)])).unwrap());
    }

    #[test]
    fn truths_stay_texts_in_yaml() {
        // `compliant: True` without quotes would be a boolean to every YAML reader.
        let written = serde_saphyr::to_string(&serde_json::json!({"compliant": "True", "n": "1"})).unwrap();
        assert!(written.contains("\"True\"") || written.contains("'True'"), "{written}");
    }
}
