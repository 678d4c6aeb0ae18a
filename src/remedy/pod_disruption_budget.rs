//! PodDisruptionBudgets: which workloads lack one, what it would say, and when one of ours does harm.
//!
//! Only `maxUnavailable`, only as a number, only `AlwaysAllow`: percentages are rounded up, so that `minAvailable: 34%`
//! of 3 keeps 2 and holds drains up sooner than it reads, while `maxUnavailable` errs on the side of the drain. This
//! module cannot say anything else. Not its job: who asks, and what is done about it (`plan`).

use std::sync::Arc;

use serde_json::{Value, json};

use super::desired::{self, Desired};
use crate::engine::Context;
use crate::model::{DisruptionBudget, IntOrString, Kind, LivePod, Made, Selector, Text, Workload};

/// The kinds of workloads that may get one.
pub const BUDGETED: [Kind; 3] = [Kind::Deployment, Kind::StatefulSet, Kind::Rollout];

/// The check whose finding is remedied.
pub(super) const CHECK: &str = "missing-pod-disruption-budget";

/// How long one of ours may allow no eviction in one go. A rollout or a node that comes back takes less; a workload
/// that stays unavailable so long would hold up whoever drains a node.
const BLOCKED_SECONDS: u32 = 300;
/// The same where the disruption controller says that it cannot count the pods.
const UNCOUNTABLE_SECONDS: u32 = 30;
/// How long the disruption controller may take to look at one of ours; until then it allows no eviction either.
const UNOBSERVED_SECONDS: u32 = 60;

/// What is found of a workload and its budgets.
#[derive(Debug)]
pub(super) struct Look {
    /// Why one of ours must go, and at once.
    pub(super) harm: Option<Harm>,
    /// Whether the workload lacks one.
    pub(super) need: Need,
}

/// Why one of ours must go.
#[derive(Debug)]
pub(super) struct Harm {
    pub(super) why: String,
    /// Somebody's own budget selects the same pods: Kubernetes then answers every eviction with an error.
    pub(super) overlaps: bool,
}

/// Whether a workload lacks a budget.
#[derive(Debug)]
pub(super) enum Need {
    /// It needs none, or somebody gave it one.
    None,
    /// It would, and must not get one; why.
    Refused(String),
    /// It does.
    Missing {
        /// The fewest pods that it is meant to have.
        fewest: i64,
        /// What says so.
        because: String,
        /// Why this is not the moment.
        waits: Option<String>,
    },
}

impl Look {
    fn refused(why: String) -> Self {
        Self { harm: None, need: Need::Refused(why) }
    }

    fn harm(why: String, need: Need) -> Self {
        Self { harm: Some(Harm { why, overlaps: false }), need }
    }
}

/// Looks at a workload. `ours`: the budgets that were made for it, the one that is to stay first.
pub(super) fn look(cx: &Context<'_>, workload: &Workload, ours: &[&DisruptionBudget]) -> Look {
    if !BUDGETED.contains(&workload.kind) {
        return Look { harm: None, need: Need::None };
    }
    let pods = if cx.is_live() { cx.pods_of(workload) } else { Vec::new() };
    let other = others(cx, workload, &pods, ours);
    // What is there is there, whatever else could not be seen.
    if let Some(other) = other {
        cx.take_blind();
        let why = format!("PodDisruptionBudget '{other}' selects its pods");
        return Look { harm: Some(Harm { why, overlaps: true }), need: Need::None };
    }
    let made = ours.first().and_then(|budget| budget.made.as_deref());
    if let Some(why) = made.and_then(|made| blocking(cx, made)) {
        cx.take_blind();
        return Look::harm(why, Need::None);
    }
    let fewest = fewest(cx, workload);
    if let Some(why) = cx.take_blind() {
        return Look::refused(format!("cannot be known: {why}"));
    }
    let (fewest, because) = match fewest {
        Some((fewest, because)) if fewest >= 2 => (fewest, because),
        Some((_, because)) => {
            return Look::harm(format!("it may have fewer than two pods ({because})"), Need::None);
        }
        None => return Look { harm: None, need: Need::None },
    };
    let Some(selector) = usable(workload) else {
        return Look::refused("its selector does not select its own pods alone".to_owned());
    };
    let mut waits = None;
    match strangers(cx, workload, selector, &pods) {
        Some(Stranger::Is(who)) => {
            cx.take_blind();
            let why = format!("its selector also selects {who}");
            return Look::harm(why.clone(), Need::Refused(why));
        }
        Some(Stranger::MayBe(who)) => waits = Some(who),
        None => {}
    }
    if let Some(why) = cx.take_blind() {
        return Look::refused(format!("cannot be known: {why}"));
    }
    let waits = waits.or_else(|| if cx.is_live() { unready(workload) } else { None });
    Look { harm: None, need: Need::Missing { fewest, because, waits } }
}

/// The spec of the budget of a workload. One that would let all pods go would protect nothing.
pub(super) fn spec(workload: &Workload, max_unavailable: i32, fewest: i64) -> Value {
    let selector = workload.selector.clone().unwrap_or_default();
    json!({
        "maxUnavailable": most(max_unavailable, fewest),
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": desired::selector(&selector),
    })
}

fn most(max_unavailable: i32, fewest: i64) -> i64 {
    i64::from(max_unavailable).min(fewest - 1).max(1)
}

/// Whether a budget says what `spec` says.
pub(super) fn says(
    budget: &DisruptionBudget,
    workload: &Workload,
    max_unavailable: i32,
    fewest: i64,
) -> bool {
    budget.max_unavailable == Some(IntOrString::Int(most(max_unavailable, fewest)))
        && budget.min_available.is_none()
        && budget.always_evicts_unhealthy
        && budget.selector == workload.selector
}

/// What speaks against writing a budget for a workload, by what the API server shows of both just before.
/// `budgets`: all of the namespace; `own`: the uid of the one that is written, where it stands already.
pub fn objection(
    desired: &Desired,
    workload: &Workload,
    budgets: &[DisruptionBudget],
    own: Option<&Text>,
) -> Option<String> {
    let meta = &workload.meta;
    if meta.uid != desired.subject_uid || meta.terminating {
        return Some("the workload is gone, or going".to_owned());
    }
    if workload.replicas.is_some_and(|replicas| replicas < 2) {
        return Some("the workload has fewer than two replicas".to_owned());
    }
    let selector = workload.selector.as_ref().map(desired::selector);
    if selector.as_ref() != desired.spec.get("selector") {
        return Some("the workload has another selector".to_owned());
    }
    let foreign = |budget: &&DisruptionBudget| own != Some(&budget.meta.uid);
    let selects = |budget: &&DisruptionBudget| {
        budget.selector.as_ref().is_some_and(|selector| selector.matches_template(workload.pod_labels()))
    };
    let other = budgets.iter().filter(foreign).find(selects);
    other.map(|other| format!("PodDisruptionBudget '{}' selects its pods", other.meta.name))
}

/// A budget that is not one of `ours` and selects any of the workload's pods.
fn others<'a>(
    cx: &Context<'a>,
    workload: &Workload,
    pods: &[&LivePod],
    ours: &[&DisruptionBudget],
) -> Option<&'a Text> {
    let foreign = |budget: &&DisruptionBudget| ours.iter().all(|own| own.meta.name != budget.meta.name);
    let labels = pods.iter().map(|pod| &pod.meta.labels).chain([workload.pod_labels()]);
    labels.flat_map(|labels| cx.budgets_selecting(labels)).find(foreign).map(|budget| &budget.meta.name)
}

/// Why one of ours keeps people from evicting pods.
fn blocking(cx: &Context<'_>, made: &Made) -> Option<String> {
    let standing = &made.standing;
    if !standing.observed {
        let written = made.writers.iter().filter_map(|writer| writer.at).max()?;
        return cx.has_passed(written, UNOBSERVED_SECONDS).then(|| {
            format!("the disruption controller has not looked at it for {UNOBSERVED_SECONDS} s, so no pod may be evicted")
        });
    }
    let (reason, since) = standing.blocked.as_ref()?;
    let since = (*since)?;
    if *reason == "SyncFailed" {
        let why = "the disruption controller cannot count its pods, so none may be evicted".to_owned();
        return cx.has_passed(since, UNCOUNTABLE_SECONDS).then_some(why);
    }
    let minutes = BLOCKED_SECONDS / 60;
    let why = format!("pods are missing for {minutes} minutes, and the others could not be evicted");
    cx.has_passed(since, BLOCKED_SECONDS).then_some(why)
}

/// The fewest pods that a workload is meant to have, and what says so.
fn fewest(cx: &Context<'_>, workload: &Workload) -> Option<(i64, String)> {
    let floor = cx.floor(workload)?;
    // A ScaledObject goes down to this when nothing is to be done, whatever its minimum.
    let idle = cx
        .autoscalers_of(workload)
        .into_iter()
        .filter_map(|a| Some((a.idle_replicas?, a)))
        .min_by_key(|(idle, _)| *idle);
    Some(match idle {
        Some((idle, scaler)) if idle < floor.replicas => {
            (idle, format!("idleReplicaCount {idle} of {}", scaler.describe()))
        }
        _ => (floor.replicas, floor.describe()),
    })
}

/// The workload's own selector, if it selects its own pods and not simply everything.
fn usable(workload: &Workload) -> Option<&Selector> {
    let selector = workload.selector.as_ref()?;
    (!selector.is_empty() && selector.matches_template(workload.pod_labels())).then_some(selector)
}

/// Pods that are selected and are not the workload's.
enum Stranger {
    /// Somebody else's.
    Is(String),
    /// Nobody knows yet whose.
    MayBe(String),
}

fn strangers(
    cx: &Context<'_>,
    workload: &Workload,
    selector: &Selector,
    own: &[&LivePod],
) -> Option<Stranger> {
    let other = |other: &&Arc<Workload>| other.id() != workload.id();
    if let Some(other) = cx.selected(selector).into_iter().find(other) {
        return Some(Stranger::Is(match other.kind {
            Kind::Pod => format!("Pod '{}'", other.meta.name),
            kind => format!("the pods of {kind} '{}'", other.meta.name),
        }));
    }
    if !cx.is_live() {
        return None;
    }
    let is_own = |pod: &LivePod| own.iter().any(|known| known.meta.name == pod.meta.name);
    let mut maybe = None;
    for pod in cx.running_pods(selector).into_iter().filter(|pod| !is_own(pod)) {
        let name = &pod.meta.name;
        let Some(owner) = &pod.meta.controller else { return Some(Stranger::Is(format!("Pod '{name}'"))) };
        // A pod may be seen before the ReplicaSet that made it.
        let known = owner.known_kind().map(|kind| cx.owner_of(kind, &owner.name));
        match known {
            Some(None) => maybe = Some(Stranger::MayBe(format!("whose Pod '{name}' is, is not known yet"))),
            Some(Some((kind, of))) => {
                return Some(Stranger::Is(format!("Pod '{name}' of {kind} '{of}'")));
            }
            None => {
                return Some(Stranger::Is(format!("Pod '{name}' of {} '{}'", owner.kind, owner.name)));
            }
        }
    }
    maybe
}

/// Why a workload should not get a budget at this moment: it would only hold up whoever drains a node.
fn unready(workload: &Workload) -> Option<String> {
    let Some(availability) = workload.availability else {
        return Some("its status does not say how many of its pods are available".to_owned());
    };
    let (available, wanted) = (availability.available, availability.wanted);
    if wanted < 2 {
        return Some(format!("it is to have {wanted} pods at the moment"));
    }
    (available < wanted).then(|| format!("{available} of {wanted} pods are available"))
}
