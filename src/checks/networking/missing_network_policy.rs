//! missing-network-policy: a workload that every pod of the cluster may connect to.

use crate::api::{Category, Level, Severity};
use crate::checks::support::selection::nearest;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-network-policy",
    title: "A NetworkPolicy says who may connect to the pods",
    category: Category::Networking,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-53", "RE-16", "RE-29", "HA-12", "PE"],
    remediation: "Create a NetworkPolicy that selects the pods and allows only the callers that they need.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_network_policy.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if workload.template.spec.host_network {
        return Verdict::not_applicable("its pods share the node's network, where no NetworkPolicy applies");
    }
    let selecting = cx.network_policies_of(workload);
    let isolating: Vec<_> = selecting.iter().filter(|policy| policy.isolates_ingress).collect();
    // Policies add up: what one of them allows, no other takes back.
    if let Some(open) = isolating.iter().find(|policy| policy.allows_all_ingress) {
        let name = &open.meta.name;
        let finding = Finding::new(format!(
            "NetworkPolicy '{name}' allows every connection to its pods, and no other policy can take that back; give its \
             ingress rule the callers that are needed"
        ));
        return Verdict::fail(finding.object(Kind::NetworkPolicy, name).field("spec.ingress"));
    }
    if !isolating.is_empty() {
        return Verdict::Pass;
    }
    let egress = selecting.first().map(|p| format!("NetworkPolicy '{}' is about Egress only", p.meta.name));
    let near = egress.or_else(|| near_miss(cx, workload)).map(|near| format!(" ({near})"));
    Verdict::fail(Finding::new(format!(
        "no NetworkPolicy isolates its pods for Ingress{}, so every pod of the cluster may connect to them; create one \
         that selects them and allows only the callers that are needed",
        near.unwrap_or_default()
    )))
}

/// A policy that somebody may have meant for the workload, and why it does not count.
fn near_miss(cx: &Context<'_>, workload: &Workload) -> Option<String> {
    let policies = cx.network_policies_nearby().filter(|policy| policy.isolates_ingress);
    let near = nearest(policies, |policy| {
        (&policy.pod_selector, workload.pod_labels(), policy.meta.name == workload.meta.name)
    });
    if let Some((policy, how)) = near {
        return Some(format!("NetworkPolicy '{}' {how}", policy.meta.name));
    }
    let stray = cx.stray_network_policy(workload)?;
    Some(format!("NetworkPolicy '{}' is in namespace '{}'", stray.meta.name, stray.meta.namespace))
}
