//! rollout-drops-capacity: an update that takes half the pods away at once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::rollout::{is_rolled_out, unavailable, written};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{Amount, Kind, Strategy, Workload};

pub(super) static CHECK: Check = Check {
    id: "rollout-drops-capacity",
    title: "An update keeps most of the pods",
    category: Category::Rollout,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["SE-09", "ST-49", "RE-19"],
    remediation: "Lower maxUnavailable, or set it to 0 and let maxSurge do the work.",
    rule: &PerWorkload(judge),
    page: include_str!("rollout_drops_capacity.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// maxPercent is the share of the pods that an update must not reach.
    #[schemars(range(min = 1, max = 100))]
    max_percent: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { max_percent: 50 }
    }
}

impl Parameters {
    fn is_reached(&self, gone: i64, of: i64) -> bool {
        gone.saturating_mul(100) >= i64::from(self.max_percent).saturating_mul(of)
    }
}

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let kind = workload.kind;
    if !is_rolled_out(kind) {
        return Verdict::not_applicable(format!("a {kind} is not updated step by step"));
    }
    if workload.strategy != Strategy::Rolling {
        return Verdict::not_applicable("its strategy is not a rolling update");
    }
    match kind {
        Kind::DaemonSet => of_daemon_set(cx, parameters, workload),
        _ => of_replicas(cx, parameters, workload),
    }
}

fn of_replicas(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let stateful = workload.kind == Kind::StatefulSet;
    if workload.rolling.keeps_stable || (stateful && workload.rolling.max_unavailable.is_none()) {
        return Verdict::Pass;
    }
    let Some(floor) = cx.floor(workload) else { return Verdict::Pass };
    let replicas = floor.replicas;
    if replicas == 0 {
        return Verdict::not_applicable(format!("it may scale to zero: {}", floor.describe()));
    }
    let gone = if stateful {
        let amount = workload.rolling.max_unavailable.as_ref().and_then(Amount::of);
        // Less than one at a time, no number can bring about.
        amount.map(|amount| amount.rounded_down(replicas).clamp(1, replicas))
    } else {
        unavailable(workload, replicas)
    };
    let Some(gone) = gone else { return malformed() };
    if (stateful && gone == 1) || !parameters.is_reached(gone, replicas) {
        return Verdict::Pass;
    }
    if let Some(claim) = cx.single_node_claim(workload).filter(|_| !stateful) {
        return Verdict::not_applicable(format!(
            "old pods must go first: one node at a time may mount claim '{claim}'"
        ));
    }
    let share = if gone == replicas {
        "all of its pods".to_owned()
    } else {
        format!("{gone} of its {replicas} pods")
    };
    let message = format!(
        "an update takes {share} away at once (maxUnavailable {}, {}), so the rest carries all the load; {}",
        written(workload),
        floor.describe(),
        if stateful {
            "set maxUnavailable to 1"
        } else {
            "set maxUnavailable to 0 and maxSurge to 1 or more"
        }
    );
    Verdict::fail(Finding::new(message).field(field(workload)))
}

fn of_daemon_set(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let Some(set) = &workload.rolling.max_unavailable else { return Verdict::Pass };
    let Some(amount) = Amount::of(set) else { return malformed() };
    // One node at a time is what no number can undercut.
    let bad = |nodes: i64| {
        let gone = amount.rounded_up(nodes).min(nodes);
        gone > 1 && parameters.is_reached(gone, nodes)
    };
    let message = match amount {
        Amount::Count(count) if count <= 1 => return Verdict::Pass,
        Amount::Percent(percent) if percent >= i64::from(parameters.max_percent) => {
            format!("an update of the DaemonSet takes its pod away on {set} of the nodes at once")
        }
        // Rounding up makes a small share a large one on few nodes only.
        Amount::Percent(_) if !(1..=FEW_NODES).any(bad) => return Verdict::Pass,
        _ => {
            let nodes = match cx.availability(workload) {
                Some(pods) if pods.wanted > 0 => pods.wanted,
                Some(_) => return Verdict::not_applicable("no node is to run it"),
                None => return Verdict::unknown("its status does not say on how many nodes it runs"),
            };
            if !bad(nodes) {
                return Verdict::Pass;
            }
            let gone = amount.rounded_up(nodes).min(nodes);
            format!(
                "an update of the DaemonSet takes its pod away on {gone} of {nodes} nodes at once (maxUnavailable {set})"
            )
        }
    };
    let message =
        format!("{message}, so that whatever it does is missing there; set maxUnavailable to 1 or 10%");
    Verdict::fail(Finding::new(message).field(field(workload)))
}

/// Beyond these, rounding up adds less than a percent.
const FEW_NODES: i64 = 100;

fn malformed() -> Verdict {
    Verdict::unknown("maxUnavailable or maxSurge is neither a number nor a percentage")
}

fn field(workload: &Workload) -> &'static str {
    match workload.kind {
        Kind::Deployment => "spec.strategy.rollingUpdate.maxUnavailable",
        Kind::Rollout => "spec.strategy.canary.maxUnavailable",
        _ => "spec.updateStrategy.rollingUpdate.maxUnavailable",
    }
}
