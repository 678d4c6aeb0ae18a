//! namespace-without-default-deny: a namespace where what nobody thought of is open.

use crate::api::{Category, Level, Severity};
use crate::checks::support::network::applied::{Pods, opens, stance_of};
use crate::checks::support::network::stance::Stance;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Direction, Kind, NetworkPolicy};

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
    let namespace = cx.namespace();
    match stance_of(cx, Pods::All, Direction::Ingress) {
        Stance::Isolated => Verdict::Pass,
        Stance::Unknown(why) => Verdict::unknown(why),
        Stance::Open(policy) => {
            let opens = opens(&policy, &format!("to every pod of namespace '{namespace}'"));
            let fix = match policy.kind {
                Kind::NetworkPolicy => "remove its ingress rule, which leaves a default deny",
                _ => "narrow that rule down to the callers that are needed",
            };
            let finding = Finding::new(format!("{opens}; {fix}"));
            Verdict::fail(finding.object(policy.kind, policy.name).field("spec.ingress"))
        }
        Stance::Untouched => {
            let considered = near_miss(&cx.network_policies()).map(|near| format!(" ({near})"));
            Verdict::fail(Finding::new(format!(
                "no NetworkPolicy isolates all pods of namespace '{namespace}' for Ingress{}, so a pod that no other \
                 policy selects is open to the whole cluster; create one with podSelector {{}} and policyTypes [Ingress]",
                considered.unwrap_or_default()
            )))
        }
    }
}

/// What comes closest to a default deny, and why it does not count.
fn near_miss(policies: &[&NetworkPolicy]) -> Option<String> {
    if let Some(policy) = policies.iter().find(|policy| policy.pod_selector.is_empty()) {
        return Some(format!("NetworkPolicy '{}' is about Egress only", policy.meta.name));
    }
    let isolating = || policies.iter().filter(|policy| policy.isolates(Direction::Ingress));
    // Of several, the one whose name says so was meant to be it.
    let named = isolating().find(|policy| policy.meta.name.contains("deny"));
    let policy = named.or_else(|| isolating().next())?;
    Some(format!("NetworkPolicy '{}' selects only some of them", policy.meta.name))
}
