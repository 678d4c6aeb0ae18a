//! network-policy-selects-nothing: a policy that protects nobody.

use crate::api::{Category, Level, Severity};
use crate::checks::support::selection::nearest;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Kind, NetworkPolicy};

pub(super) static CHECK: Check = Check {
    id: "network-policy-selects-nothing",
    title: "Every NetworkPolicy selects a workload",
    category: Category::Networking,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-54", "PE"],
    remediation: "Correct the policy's podSelector so that it matches the labels of the pods, or delete the policy.",
    rule: &PerNamespace(judge),
    page: include_str!("network_policy_selects_nothing.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let policies = cx.network_policies();
    if policies.is_empty() {
        return Verdict::not_applicable(format!("namespace '{}' has no NetworkPolicy", cx.namespace()));
    }
    policies.into_iter().filter_map(|policy| dangling(cx, policy)).collect::<Vec<_>>().into()
}

fn dangling(cx: &Context<'_>, policy: &NetworkPolicy) -> Option<Finding> {
    let selector = &policy.pod_selector;
    // Pods first: they settle it without a look at every kind of workload. `{}` is for whoever comes.
    if selector.is_empty() || cx.selects_any_pod(selector) || !cx.selected(selector).is_empty() {
        return None;
    }
    let name = &policy.meta.name;
    let near = nearest(cx.workloads(), |w| (selector, w.pod_labels(), w.meta.name == *name));
    let considered =
        near.map(|(workload, how)| format!(" ({} '{}' {how})", workload.kind, workload.meta.name));
    let finding = Finding::new(format!(
        "NetworkPolicy '{name}' selects no workload{}, so whoever it was written for is as open as without it; make \
         spec.podSelector match the labels of the pods, or delete the policy",
        considered.unwrap_or_default()
    ));
    Some(finding.object(Kind::NetworkPolicy, name).field("spec.podSelector"))
}
