//! recreate-strategy: an update that takes all pods away first, or that waits for a hand.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Strategy, Workload};

pub(super) static CHECK: Check = Check {
    id: "recreate-strategy",
    title: "Updates replace pods step by step",
    category: Category::Rollout,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-49", "ST-51", "SE-27", "RE-19", "PE"],
    remediation: "Use the RollingUpdate strategy.",
    rule: &PerWorkload(judge),
    page: include_str!("recreate_strategy.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let kind = workload.kind;
    if !matches!(kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet) {
        return Verdict::not_applicable(format!("a {kind} cannot be set to Recreate or OnDelete"));
    }
    match workload.strategy {
        Strategy::Rolling => Verdict::Pass,
        Strategy::Recreate => recreate(cx, workload),
        Strategy::OnDelete => Verdict::fail(
            Finding::new(format!(
                "the {kind} is updated OnDelete: a new version, security fixes included, reaches a pod only once \
                 somebody deletes that pod; set updateStrategy.type to RollingUpdate"
            ))
            .field("spec.updateStrategy.type"),
        ),
    }
}

fn recreate(cx: &Context<'_>, workload: &Workload) -> Verdict {
    if let Some(claim) = cx.single_node_claim(workload) {
        return Verdict::not_applicable(format!(
            "Recreate is right here: one node at a time may mount claim '{claim}'"
        ));
    }
    let message = format!(
        "strategy Recreate stops every pod before the first new one starts, so each rollout is an outage; \
         set strategy.type to RollingUpdate{}",
        claims(cx, workload)
    );
    Verdict::fail(Finding::new(message).field("spec.strategy.type"))
}

/// Why the claims that it mounts do not call for Recreate.
fn claims(cx: &Context<'_>, workload: &Workload) -> String {
    let volumes = workload.template.spec.volumes.iter();
    let mut names: Vec<_> =
        volumes.filter_map(|v| v.persistent_volume_claim()).map(|c| &c.claim_name).collect();
    names.sort_unstable();
    names.dedup();
    let (known, missing): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| cx.volume_claim(name).is_some());
    let shared = (!known.is_empty()).then(|| match known.as_slice() {
        [_] => format!("its claim {} may be mounted on many nodes", quoted_list(known)),
        _ => format!("its claims {} may be mounted on many nodes", quoted_list(known)),
    });
    let missing = (!missing.is_empty())
        .then(|| format!("namespace '{}' has no claim {}", cx.namespace(), quoted_list(missing)));
    let parts: Vec<String> = shared.into_iter().chain(missing).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}
