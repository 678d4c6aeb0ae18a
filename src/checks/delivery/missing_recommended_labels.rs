//! missing-recommended-labels: a workload that no tool can put beside what it belongs to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "missing-recommended-labels",
    title: "Workloads carry the recommended labels",
    category: Category::Delivery,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["ST-17", "HA-05", "PE"],
    remediation: "Add the labels to the workload's own metadata.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_recommended_labels.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// requiredLabels are the keys that must be there with a value; one of several that a bar separates is enough.
    #[schemars(
        length(min = 1, max = 16),
        inner(length(min = 1, max = 512), regex(pattern = r"^[^|\s]+(\|[^|\s]+)*$")),
        extend("x-kubernetes-list-type" = "set")
    )]
    required_labels: Vec<String>,
}

impl Default for Parameters {
    fn default() -> Self {
        let labels = ["app.kubernetes.io/name", "app.kubernetes.io/instance|app.kubernetes.io/part-of"];
        Self { required_labels: labels.map(str::to_owned).to_vec() }
    }
}

fn judge(_: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let labels = &workload.meta.labels;
    let set = |key: &str| labels.get(key).is_some_and(|value| !value.is_empty());
    let missing: Vec<String> = parameters
        .required_labels
        .iter()
        .map(|keys| keys.split('|').collect::<Vec<_>>())
        .filter(|keys| !keys.iter().any(|key| set(key)))
        .map(|keys| keys.into_iter().map(|key| near(workload, key)).collect::<Vec<_>>().join(" or "))
        .collect();
    if missing.is_empty() {
        return Verdict::Pass;
    }
    let message = format!(
        "{} '{}' lacks label {}: dashboards and queries cannot tell what it belongs to",
        workload.kind,
        workload.meta.name,
        missing.join(" and label ")
    );
    Verdict::fail(Finding::new(message).field("metadata.labels"))
}

/// A missing label, and where it was nearly found.
fn near(workload: &Workload, key: &str) -> String {
    if workload.meta.labels.has(key) {
        return format!("'{key}' (it is empty)");
    }
    if workload.pod_labels().has(key) {
        return format!("'{key}' (only its pod template has it)");
    }
    format!("'{key}'")
}
