//! replicas-not-spread: several replicas that may all sit on one node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::spread;
use crate::engine::{Check, Context, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "replicas-not-spread",
    title: "Replicas are spread over nodes",
    category: Category::Availability,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-31", "SE-14", "RE-25", "HA-21", "PE"],
    remediation: "Add a topology spread constraint over nodes that selects the workload's own pods.",
    rule: &PerWorkload(judge),
    page: include_str!("replicas_not_spread.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// topologyKey is the node label whose values the replicas must be spread over.
    #[schemars(length(min = 1, max = 317))]
    topology_key: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { topology_key: "kubernetes.io/hostname".to_owned() }
    }
}

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    spread::judge(cx, workload, &parameters.topology_key, "node")
}
