//! namespace-without-default-deny: a namespace where what nobody thought of is open.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Kind, NetworkPolicy};

pub(super) static CHECK: Check = Check {
    id: "namespace-without-default-deny",
    title: "Every namespace denies incoming connections by default",
    category: Category::Networking,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-53", "ST-54", "RE-16", "HA-12", "PE"],
    remediation: "Create a NetworkPolicy with podSelector: {} and policyTypes: [Ingress] without rules.",
    rule: &PerNamespace(judge),
    page: include_str!("namespace_without_default_deny.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let policies = cx.network_policies();
    let everywhere = || policies.iter().filter(|policy| policy.pod_selector.is_empty());
    let isolating = || everywhere().filter(|policy| policy.isolates_ingress);
    // Policies add up: what one of them allows, no other takes back.
    if let Some(open) = isolating().find(|policy| policy.allows_all_ingress) {
        let name = &open.meta.name;
        let finding = Finding::new(format!(
            "NetworkPolicy '{name}' allows every connection to every pod of namespace '{}', and no other policy can take \
             that back; remove its ingress rule, which leaves a default deny",
            cx.namespace()
        ));
        return Verdict::fail(finding.object(Kind::NetworkPolicy, name).field("spec.ingress"));
    }
    if isolating().next().is_some() {
        return Verdict::Pass;
    }
    let considered = near_miss(&policies, everywhere().next().copied());
    Verdict::fail(Finding::new(format!(
        "no NetworkPolicy isolates all pods of namespace '{}' for Ingress{}, so a pod that no other policy selects is \
         open to the whole cluster; create one with podSelector {{}} and policyTypes [Ingress]",
        cx.namespace(),
        considered.map(|near| format!(" ({near})")).unwrap_or_default()
    )))
}

/// What comes closest to a default deny, and why it does not count.
fn near_miss(policies: &[&NetworkPolicy], of_all_pods: Option<&NetworkPolicy>) -> Option<String> {
    if let Some(policy) = of_all_pods {
        return Some(format!("NetworkPolicy '{}' is about Egress only", policy.meta.name));
    }
    let isolating = || policies.iter().filter(|policy| policy.isolates_ingress);
    // Of several, the one whose name says so was meant to be it.
    let named = isolating().find(|policy| policy.meta.name.contains("deny"));
    let policy = named.or_else(|| isolating().next())?;
    Some(format!("NetworkPolicy '{}' selects only some of them", policy.meta.name))
}
