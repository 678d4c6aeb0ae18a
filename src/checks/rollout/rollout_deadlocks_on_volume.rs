//! rollout-deadlocks-on-volume: an update whose new pod waits for the volume of the old one.

use crate::api::{Category, Level, Severity};
use crate::checks::support::rollout::{unavailable, written};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Strategy, Workload};

pub(super) static CHECK: Check = Check {
    id: "rollout-deadlocks-on-volume",
    title: "An update lets go of a volume before it asks for it",
    category: Category::Rollout,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Use strategy Recreate, or set maxSurge: 0 and maxUnavailable: 1.",
    rule: &PerWorkload(judge),
    page: include_str!("rollout_deadlocks_on_volume.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let kind = workload.kind;
    if kind != Kind::Deployment {
        return Verdict::not_applicable(format!(
            "a {kind} does not start new pods beside the old ones that hold its claim"
        ));
    }
    if !workload.template.spec.volumes.iter().any(|volume| volume.persistent_volume_claim().is_some()) {
        return Verdict::not_applicable("it mounts no claim");
    }
    if workload.strategy == Strategy::Recreate {
        return Verdict::Pass;
    }
    let Some(floor) = cx.floor(workload) else { return Verdict::Pass };
    if floor.replicas == 0 {
        return Verdict::not_applicable(format!("it may scale to zero: {}", floor.describe()));
    }
    match unavailable(workload, floor.replicas) {
        None => return Verdict::unknown("maxUnavailable or maxSurge is neither a number nor a percentage"),
        Some(0) => {}
        Some(_) => return Verdict::Pass,
    }
    let Some(claim) = cx.single_node_claim(workload) else { return Verdict::Pass };
    let of = match floor.replicas {
        1 => "of 1 pod is 0".to_owned(),
        n => format!("of {n} pods is 0"),
    };
    let message = format!(
        "an update starts a new pod before an old one goes (maxUnavailable {} {of}), but one node at a time may mount claim \
         '{claim}': on another node the new pod waits for a volume that the old one holds, and neither moves; set \
         strategy.type to Recreate",
        written(workload)
    );
    Verdict::fail(Finding::new(message).field("spec.strategy"))
}
