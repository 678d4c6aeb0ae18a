//! no-progressive-delivery: a bad version that reaches everybody at once.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Canary, Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "no-progressive-delivery",
    title: "New versions reach users step by step",
    category: Category::Rollout,
    severity: Severity::Info,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["ST-51", "SE-27", "RE-21"],
    remediation: "Let an Argo Rollout or a Flagger Canary roll it out in steps.",
    rule: &PerWorkload(judge),
    page: include_str!("no_progressive_delivery.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let (kind, name) = (workload.kind, &workload.meta.name);
    match kind {
        Kind::Rollout => return Verdict::Pass,
        Kind::Deployment => {}
        _ => {
            return Verdict::not_applicable(format!(
                "a {kind} has no steps that could go to a part of the users"
            ));
        }
    }
    // Flagger runs the version that it trusts in a Deployment of its own, which the Canary controls.
    let made_by_canary =
        workload.meta.controller.as_ref().and_then(|owner| owner.known_kind()) == Some(Kind::Canary);
    if made_by_canary || cx.rollout_of(workload).is_some() {
        return Verdict::Pass;
    }
    let canaries = cx.beside::<Canary>(Kind::Canary);
    if canaries.iter().any(|canary| canary.target.is(kind, name)) {
        return Verdict::Pass;
    }
    let namesake = canaries.iter().find(|canary| canary.meta.name == *name);
    let considered = match namesake {
        Some(canary) => {
            let target = &canary.target;
            format!(" (Canary '{name}' is for {} '{}')", target.kind, target.name)
        }
        None => match cx.beside_elsewhere(Kind::Canary, name).first() {
            Some(namespace) => format!(" (Canary '{name}' exists in namespace '{namespace}')"),
            None => String::new(),
        },
    };
    Verdict::fail(Finding::new(format!(
        "neither an Argo Rollout nor a Flagger Canary governs Deployment '{name}'{considered}: a version that starts well and \
         works badly reaches all users within minutes; roll it out in steps that metrics decide on"
    )))
}
