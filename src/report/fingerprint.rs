//! Whether two reports say the same: a hash over content, not over times.
//!
//! It is computed from what the cluster holds just as from what should be there, so a report that somebody edited or
//! that an older version wrote is found as well. It is never stored.

use std::hash::{DefaultHasher, Hasher};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::api::ComplianceReport;

/// A hash over all that a report says, except when; over its owners; and over the labels that are ours.
pub fn fingerprint(report: &ComplianceReport) -> u64 {
    let mut report = report.clone();
    let metadata = &mut report.metadata;
    metadata.uid.clear();
    metadata.resource_version.clear();
    metadata.generation = 0;
    metadata.creation_timestamp = None;
    metadata.labels.retain(|key, _| is_ours(key));
    for result in &mut report.results {
        result.since = None;
    }
    for condition in &mut report.conditions {
        condition.last_transition_time = Timestamp::UNIX_EPOCH;
    }
    // By way of a value, whose maps are sorted, so that the order of fields in the JSON does not matter.
    let content = serde_json::to_value(&report).map(|value: Value| value.to_string()).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    hasher.write(content.as_bytes());
    hasher.finish()
}

/// What a merge patch has to say so that a stored report becomes the wanted one: server-side apply takes nothing away
/// that somebody else put in. Labels of others stay.
pub fn correction(wanted: &Value, stored: &Value) -> Value {
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let labels = |value: &Value| members(value.pointer("/metadata/labels").unwrap_or(&Value::Null));
    let mut patch = members(wanted);
    patch.retain(|key, _| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata"));
    for key in members(stored).keys().filter(|key| wanted.get(key.as_str()).is_none()) {
        patch.insert(key.clone(), Value::Null);
    }
    let wanted_labels = labels(wanted);
    let foreign = labels(stored).into_iter().map(|(key, _)| key);
    let foreign = foreign.filter(|key| is_ours(key) && !wanted_labels.contains_key(key));
    let gone: Map<String, Value> = foreign.map(|key| (key, Value::Null)).collect();
    let owners =
        wanted.pointer("/metadata/ownerReferences").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
    let metadata = Map::from_iter([
        ("labels".to_owned(), wanted_labels.into_iter().chain(gone).collect::<Map<_, _>>().into()),
        ("ownerReferences".to_owned(), owners),
    ]);
    patch.insert("metadata".to_owned(), metadata.into());
    patch.into()
}

/// Whether a label of a report is one that we set: others may add theirs.
fn is_ours(key: &str) -> bool {
    let prefix = key.split_once('/').map_or("", |(prefix, _)| prefix);
    prefix == "seaworthy.dev" || prefix.ends_with(".seaworthy.dev") || key == "app.kubernetes.io/managed-by"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_others_put_in_is_taken_out_and_their_labels_stay() {
        let labels = |more: Value| {
            let mut labels = json!({"seaworthy.dev/scope-kind": "Pod"});
            labels.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            labels
        };
        let wanted = json!({"kind": "x", "metadata": {"name": "a", "labels": labels(json!({}))}, "score": 1});
        let stored = json!({
            "kind": "x",
            "metadata": {"name": "a", "uid": "u", "labels": labels(json!({"policy.seaworthy.dev/fake": "", "team": "a"}))},
            "score": 9,
            "omittedResults": 7,
        });
        let patch = correction(&wanted, &stored);
        assert_eq!(
            patch,
            json!({
                "metadata": {"labels": labels(json!({"policy.seaworthy.dev/fake": null})), "ownerReferences": []},
                "score": 1,
                "omittedResults": null,
            })
        );
    }
}
