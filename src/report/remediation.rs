//! What a policy's status says of remediation: counts, and one condition with the reason for what is not done.
//!
//! Not its job: counting (`controller::remediation`), or deciding anything (`remedy`).

use jiff::Timestamp;

use super::status::conditions;
use crate::api::{Condition, PolicyStatus, RemediationMode, RemediationStatus, RemedyCounts, Truth};
use crate::policy::Policy;

/// What is known of remediation under a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remediated {
    /// PodDisruptionBudgets by what became of them.
    pub pod_disruption_budgets: RemediedKind,
    /// NetworkPolicies by what became of them.
    pub network_policies: RemediedKind,
    /// Why the controller writes none at the moment, whoever asks.
    pub suspended: Option<String>,
}

/// What is known of objects of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemediedKind {
    /// How many came to what.
    pub counts: RemedyCounts,
    /// Whether the controller may write such objects at all.
    pub permitted: bool,
}

/// What a condition says: the later weighs less.
type Verdict = (usize, Truth, &'static str, String);

/// Adds to a policy's status what remediation came to; nothing where the policy asks for none and nothing stands.
pub(super) fn add_remediation(
    status: &mut PolicyStatus,
    policy: &Policy,
    remediated: &Remediated,
    before: &[Condition],
    now: Timestamp,
) {
    let Remediated { pod_disruption_budgets: budgets, network_policies: networks, suspended } = remediated;
    let ask = &policy.remediation;
    let each = [
        (ask.pod_disruption_budgets.mode, budgets, "PodDisruptionBudgets", "pod-disruption-budgets"),
        (ask.network_policies.mode, networks, "NetworkPolicies", "network-policies"),
    ];
    let is_idle =
        |mode, of: &RemediedKind| mode == RemediationMode::Disabled && of.counts == RemedyCounts::default();
    if each.iter().all(|(mode, of, ..)| is_idle(*mode, of)) {
        return;
    }
    status.remediation =
        Some(RemediationStatus { pod_disruption_budgets: budgets.counts, network_policies: networks.counts });
    let asked = each.into_iter().filter(|(mode, ..)| *mode != RemediationMode::Disabled);
    let mut verdicts: Vec<Verdict> =
        asked.map(|(mode, of, plural, flag)| verdict(mode, of, suspended.as_ref(), (plural, flag))).collect();
    verdicts.sort_by_key(|(weight, ..)| *weight);
    let messages: Vec<&str> = verdicts.iter().map(|(_, _, _, message)| message.as_str()).collect();
    let Some((_, truth, reason, _)) = verdicts.first() else { return };
    let verdict = (*truth, *reason, messages.join("; "));
    status.conditions.extend(conditions(policy.generation, [("Remediated", verdict)], before, now));
}

/// The weightiest reason first.
fn verdict(
    mode: RemediationMode,
    of: &RemediedKind,
    suspended: Option<&String>,
    (plural, flag): (&str, &str),
) -> Verdict {
    let RemediedKind { counts, permitted } = of;
    let RemedyCounts { made, planned, pending, refused, contested, rolled_back, conflicting } = *counts;
    let enabled = mode == RemediationMode::Enabled;
    if enabled && !permitted {
        let message = format!("the controller runs without --remediation={flag}, so no {plural} are made");
        return (0, Truth::False, "NotPermitted", message);
    }
    if let Some(why) = suspended.filter(|_| enabled) {
        return (1, Truth::False, "Suspended", format!("no {plural} are made for now: {why}"));
    }
    if conflicting > 0 {
        let message = format!(
            "an older policy asks for something else than {conflicting} {plural}, and it decides there"
        );
        return (2, Truth::False, "Conflicted", message);
    }
    if contested > 0 {
        let message = format!(
            "somebody took away {contested} {plural} three times within ten minutes; none is made there until the policy is \
             changed"
        );
        return (3, Truth::False, "Contested", message);
    }
    if rolled_back > 0 {
        let message = format!(
            "{rolled_back} {plural} were rolled back, as workloads lost pods; none is made there until the policy is changed"
        );
        return (4, Truth::False, "RolledBack", message);
    }
    let refusals = if refused > 0 { format!(", {refused} are refused") } else { String::new() };
    if !enabled {
        let message = format!("{planned} {plural} would be made{refusals}; the reports name them");
        return (5, Truth::False, "DryRun", message);
    }
    if pending > 0 {
        let message = format!("{made} {plural} stand, {pending} will be made{refusals}");
        return (6, Truth::False, "Pending", message);
    }
    (7, Truth::True, "Remediated", format!("{made} {plural} stand{refusals}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(mode: RemediationMode, counts: RemedyCounts, permitted: bool, suspended: bool) -> &'static str {
        let suspended = suspended.then(|| "x".to_owned());
        verdict(mode, &RemediedKind { counts, permitted }, suspended.as_ref(), ("X", "x")).2
    }

    #[test]
    fn the_weightiest_reason_shows() {
        use RemediationMode::{DryRun, Enabled};
        let all = RemedyCounts {
            made: 1,
            planned: 1,
            pending: 1,
            refused: 1,
            contested: 1,
            rolled_back: 1,
            conflicting: 1,
        };
        assert_eq!(reason(Enabled, all, false, true), "NotPermitted");
        assert_eq!(reason(Enabled, all, true, true), "Suspended");
        assert_eq!(reason(Enabled, all, true, false), "Conflicted");
        assert_eq!(reason(DryRun, all, false, true), "Conflicted", "a dry run needs nobody's permission");
        let mut counts = RemedyCounts { conflicting: 0, ..all };
        assert_eq!(reason(Enabled, counts, true, false), "Contested");
        counts.contested = 0;
        assert_eq!(reason(Enabled, counts, true, false), "RolledBack");
        counts.rolled_back = 0;
        assert_eq!(reason(DryRun, counts, true, false), "DryRun");
        assert_eq!(reason(Enabled, counts, true, false), "Pending");
        counts.pending = 0;
        assert_eq!(reason(Enabled, counts, true, false), "Remediated");
    }
}
