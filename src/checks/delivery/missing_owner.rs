//! missing-owner: a workload that nobody is called for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{Labels, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-owner",
    title: "Every workload says whose it is",
    category: Category::Delivery,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-17", "HA-05", "PE"],
    remediation: "Label the namespace, or the workload, with the team that owns it.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_owner.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// ownerKeys are label keys of which one must be there with a value, on the workload or on its namespace.
    #[schemars(length(min = 1, max = 16), inner(length(min = 1, max = 317)), extend("x-kubernetes-list-type" = "set"))]
    owner_keys: Vec<String>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { owner_keys: ["team", "owner"].map(str::to_owned).to_vec() }
    }
}

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let keys = &parameters.owner_keys;
    let names =
        |labels: &Labels| keys.iter().any(|key| labels.get(key).is_some_and(|value| !value.is_empty()));
    // The namespace is looked at only where the workload does not say it.
    if names(&workload.meta.labels) || names(&cx.namespace_labels()) {
        return Verdict::Pass;
    }
    let only_pods = if names(workload.pod_labels()) { " (only its pod template does)" } else { "" };
    let wanted: Vec<String> = keys.iter().map(|key| format!("'{key}'")).collect();
    let message = format!(
        "neither {} '{}' nor namespace '{}' has label {}{only_pods}: when it fails at night, nobody knows whom to call; \
         label the namespace, or the workload",
        workload.kind,
        workload.meta.name,
        cx.namespace(),
        wanted.join(" or ")
    );
    Verdict::fail(Finding::new(message).field("metadata.labels"))
}
