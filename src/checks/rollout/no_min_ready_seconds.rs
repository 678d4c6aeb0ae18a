//! no-min-ready-seconds: an update that trusts a pod the moment it says that it is ready.

use crate::api::{Category, Level, Severity};
use crate::checks::support::rollout::is_rolled_out;
use crate::checks::support::serving::{named_services, unselected};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "no-min-ready-seconds",
    title: "A new pod proves itself before the next is replaced",
    category: Category::Rollout,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["RE-19"],
    remediation: "Set minReadySeconds to 10 or more.",
    rule: &PerWorkload(judge),
    page: include_str!("no_min_ready_seconds.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let kind = workload.kind;
    if !is_rolled_out(kind) {
        return Verdict::not_applicable(format!("a {kind} is not updated step by step"));
    }
    let services = cx.services_of(workload);
    if services.is_empty() {
        return Verdict::not_applicable(unselected(cx, workload));
    }
    let unset = workload.rolling.min_ready_seconds.unwrap_or(0) <= 0;
    let message = format!(
        "minReadySeconds is 0 behind {}: a new pod that is ready for a moment and then fails has already had an old one \
         replaced, until none is left; set it to 10 or more",
        named_services(services)
    );
    unset.then(|| Finding::new(message).field("spec.minReadySeconds")).into()
}
