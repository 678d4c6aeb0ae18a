//! zones-not-spread: several replicas that may all sit in one zone.

use crate::api::{Category, Level, Severity};
use crate::checks::support::spread;
use crate::engine::{Check, Context, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "zones-not-spread",
    title: "Replicas are spread over zones",
    category: Category::Availability,
    severity: Severity::Medium,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["ST-32", "HA-21"],
    remediation: "Add a topology spread constraint over zones that selects the workload's own pods.",
    rule: &PerWorkload(judge),
    page: include_str!("zones_not_spread.md"),
};

/// Nodes are not watched yet, so a cluster whose nodes are all in one zone is not told from one with several; there it
/// is to be `NotApplicable`.
fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    spread::judge(cx, workload, "topology.kubernetes.io/zone", "zone")
}
