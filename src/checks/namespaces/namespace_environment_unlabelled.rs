//! namespace-environment-unlabelled: a namespace of which nobody can tell whether it is production.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerNamespace, Sees, Verdict};

pub(super) static CHECK: Check = Check {
    id: "namespace-environment-unlabelled",
    title: "Every namespace says by a label which environment it belongs to",
    category: Category::Namespaces,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["ST-21", "SE-07", "HA-04"],
    remediation: "Label the Namespace with its environment, such as environment: production.",
    rule: &PerNamespace(judge),
    page: include_str!("namespace_environment_unlabelled.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// environmentKeys are label keys of which one must be there with a value; one without '/' stands also for itself after any prefix.
    #[schemars(length(min = 1, max = 16), inner(length(min = 1, max = 317)), extend("x-kubernetes-list-type" = "set"))]
    environment_keys: Vec<String>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { environment_keys: ["environment", "env", "stage"].map(str::to_owned).to_vec() }
    }
}

fn judge(cx: &Context<'_>, parameters: &Parameters) -> Verdict {
    let labels = cx.namespace_labels();
    let keys = &parameters.environment_keys;
    let is_one = |key: &str| {
        let name = key.rsplit_once('/').map_or(key, |(_, name)| name);
        keys.iter().any(|wanted| wanted == key || wanted == name)
    };
    if labels.iter().any(|(key, value)| is_one(key) && !value.is_empty()) {
        return Verdict::Pass;
    }
    let empty = labels.iter().find(|(key, _)| is_one(key)).map(|(key, _)| format!(" ('{key}' is empty)"));
    let wanted: Vec<String> = keys.iter().map(|key| format!("'{key}'")).collect();
    let message = format!(
        "namespace '{}' has no label {}{}: policies, alerts and people cannot tell whether it is production; label it",
        cx.namespace(),
        wanted.join(" or "),
        empty.unwrap_or_default()
    );
    Verdict::fail(Finding::new(message).field("metadata.labels"))
}
