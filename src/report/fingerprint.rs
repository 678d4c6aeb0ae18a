//! Whether two reports say the same: a hash over content, not over times.
//!
//! It is computed from what the cluster holds just as from what should be there, so a report that somebody edited or
//! that an older version wrote is found as well. It is never stored.

use std::hash::{DefaultHasher, Hasher};

use jiff::Timestamp;
use serde_json::Value;

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
        result.since = Timestamp::UNIX_EPOCH;
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

/// Whether a label of a report is one that we set: others may add theirs.
fn is_ours(key: &str) -> bool {
    let prefix = key.split_once('/').map_or("", |(prefix, _)| prefix);
    prefix == "seaworthy.dev" || prefix.ends_with(".seaworthy.dev") || key == "app.kubernetes.io/managed-by"
}
