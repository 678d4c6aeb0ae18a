//! workload-not-separated: a workload that is to have nodes of its own and asks for none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, LabelSelector, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict, selector};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "workload-not-separated",
    title: "Workloads that are to have nodes of their own ask for them",
    category: Category::Availability,
    severity: Severity::Info,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["SE-13"],
    remediation: "Give the workload a nodeSelector or node affinity, and a toleration of the taint that keeps others away.",
    rule: &PerWorkload(judge),
    page: include_str!("workload_not_separated.md"),
};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// dedicatedSelector selects the workloads that have nodes of their own, by their own labels or those of their pods;
    /// unset selects none.
    dedicated_selector: Option<LabelSelector>,
}

fn judge(_: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let Some(written) = &parameters.dedicated_selector else {
        return Verdict::not_applicable("the policy does not say which workloads have nodes of their own");
    };
    let selector = selector(written);
    if !selector.matches(&workload.meta.labels) && !selector.matches(workload.pod_labels()) {
        return Verdict::not_applicable("it is not among the workloads that have nodes of their own");
    }
    let placement = workload.template.spec.placement;
    if placement.node_selector || placement.node_affinity || placement.toleration {
        return Verdict::Pass;
    }
    let message = "it is to have nodes of its own, but has no nodeSelector, node affinity or toleration: it shares nodes, \
                   and what its neighbours take, with everybody; add a nodeSelector for its nodes";
    Verdict::fail(Finding::new(message).field(workload.pod_field("nodeSelector")))
}
