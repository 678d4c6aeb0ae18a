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
    pub pod_disruption_budgets: RemedyCounts,
    /// Whether the controller may write PodDisruptionBudgets at all.
    pub permitted: bool,
    /// Why the controller writes none at the moment, whoever asks.
    pub suspended: Option<String>,
}

/// Adds to a policy's status what remediation came to; nothing where the policy asks for none and nothing stands.
pub(super) fn add_remediation(
    status: &mut PolicyStatus,
    policy: &Policy,
    remediated: &Remediated,
    before: &[Condition],
    now: Timestamp,
) {
    let counts = remediated.pod_disruption_budgets;
    let mode = policy.remediation.pod_disruption_budgets.mode;
    if mode == RemediationMode::Disabled && counts == RemedyCounts::default() {
        return;
    }
    status.remediation = Some(RemediationStatus { pod_disruption_budgets: counts });
    if mode == RemediationMode::Disabled {
        return;
    }
    let verdict = verdict(mode, &counts, remediated);
    status.conditions.extend(conditions(policy.generation, [("Remediated", verdict)], before, now));
}

/// The weightiest reason first.
fn verdict(
    mode: RemediationMode,
    counts: &RemedyCounts,
    remediated: &Remediated,
) -> (Truth, &'static str, String) {
    let RemedyCounts { made, planned, pending, refused, contested, conflicting } = *counts;
    let enabled = mode == RemediationMode::Enabled;
    if enabled && !remediated.permitted {
        let message = "the controller runs without --remediation=pod-disruption-budgets, so nothing is made";
        return (Truth::False, "NotPermitted", message.to_owned());
    }
    if let Some(why) = remediated.suspended.as_ref().filter(|_| enabled) {
        return (Truth::False, "Suspended", format!("nothing is made for now: {why}"));
    }
    if conflicting > 0 {
        let message = format!(
            "an older policy asks for something else for {conflicting} workloads, and it decides there"
        );
        return (Truth::False, "Conflicted", message);
    }
    if contested > 0 {
        let message = format!(
            "somebody took away {contested} PodDisruptionBudgets three times within ten minutes; none is made there until \
             the policy is changed"
        );
        return (Truth::False, "Contested", message);
    }
    let refusals = if refused > 0 { format!(", {refused} are refused") } else { String::new() };
    if !enabled {
        let message =
            format!("{planned} PodDisruptionBudgets would be made{refusals}; the reports name them");
        return (Truth::False, "DryRun", message);
    }
    if pending > 0 {
        let message = format!("{made} PodDisruptionBudgets stand, {pending} will be made{refusals}");
        return (Truth::False, "Pending", message);
    }
    (Truth::True, "Remediated", format!("{made} PodDisruptionBudgets stand{refusals}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(mode: RemediationMode, counts: RemedyCounts, permitted: bool, suspended: bool) -> &'static str {
        let suspended = suspended.then(|| "x".to_owned());
        let remediated = Remediated { pod_disruption_budgets: counts, permitted, suspended };
        verdict(mode, &counts, &remediated).1
    }

    #[test]
    fn the_weightiest_reason_shows() {
        use RemediationMode::{DryRun, Enabled};
        let all = RemedyCounts { made: 1, planned: 1, pending: 1, refused: 1, contested: 1, conflicting: 1 };
        assert_eq!(reason(Enabled, all, false, true), "NotPermitted");
        assert_eq!(reason(Enabled, all, true, true), "Suspended");
        assert_eq!(reason(Enabled, all, true, false), "Conflicted");
        assert_eq!(reason(DryRun, all, false, true), "Conflicted", "a dry run needs nobody's permission");
        let mut counts = RemedyCounts { conflicting: 0, ..all };
        assert_eq!(reason(Enabled, counts, true, false), "Contested");
        counts.contested = 0;
        assert_eq!(reason(DryRun, counts, true, false), "DryRun");
        assert_eq!(reason(Enabled, counts, true, false), "Pending");
        counts.pending = 0;
        assert_eq!(reason(Enabled, counts, true, false), "Remediated");
    }
}
