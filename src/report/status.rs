//! The status of a policy: numbers and conditions, never names.

use jiff::Timestamp;

use crate::api::{Condition, ExemptionCounts, Failures, PolicyStatus, PreviewStatus, Truth};
use crate::engine::Outcome;
use crate::policy::Policy;

use super::build::few;
use super::fit;
use super::preview::PreviewTotals;
use super::remediation::{Remediated, add_remediation};
use super::tally::Tally;

/// What a preview comes to, in numbers.
fn told(totals: &PreviewTotals) -> PreviewStatus {
    let checks = totals.most_first();
    let listed = fit::listed(checks.iter().map(|(name, n)| (*name, *n)));
    let omitted = checks.len().checked_sub(listed.len()).filter(|n| *n > 0);
    PreviewStatus {
        workloads: totals.workloads,
        namespaces: totals.namespaces,
        checks: listed,
        omitted_checks: omitted.map(|n| i32::try_from(n).unwrap_or(i32::MAX)),
    }
}

/// What all subjects of a policy add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyTotals {
    /// Namespaces covered.
    pub namespaces: i32,
    /// Workloads covered.
    pub workloads: i32,
    /// Workloads with a failure at or above the threshold.
    pub non_compliant: i32,
    /// Workloads of which nobody can tell.
    pub unknown: i32,
    /// Namespaces whose own checks fail at or above the threshold.
    pub non_compliant_namespaces: i32,
    tally: Tally,
}

impl PolicyTotals {
    /// Adds a subject: the results that name the policy, and the verdict under it.
    pub fn add<'a>(
        &mut self,
        is_workload: bool,
        verdict: Truth,
        outcomes: impl Iterator<Item = &'a Outcome>,
    ) {
        if is_workload {
            self.workloads += 1;
            self.non_compliant += i32::from(verdict == Truth::False);
            self.unknown += i32::from(verdict == Truth::Unknown);
        } else {
            self.namespaces += 1;
            self.non_compliant_namespaces += i32::from(verdict == Truth::False);
        }
        self.tally += Tally::of(outcomes);
    }

    /// Adds what another subject came to.
    pub fn merge(&mut self, other: &Self) {
        let Self { namespaces, workloads, non_compliant, unknown, non_compliant_namespaces, tally } = other;
        self.namespaces += namespaces;
        self.workloads += workloads;
        self.non_compliant += non_compliant;
        self.unknown += unknown;
        self.non_compliant_namespaces += non_compliant_namespaces;
        self.tally += *tally;
    }
}

/// All that is summed up for a policy.
#[derive(Clone, Debug, Default)]
pub struct PolicySums {
    /// Of the subjects that it covers.
    pub totals: PolicyTotals,
    /// Of what would newly fail, where the policy is only previewed.
    pub preview: Option<PreviewTotals>,
    /// Of exemptions that concern what it covers.
    pub exemptions: ExemptionCounts,
    /// What remediation came to.
    pub remediation: Remediated,
}

/// The status of a policy in force. `blind`: why some of it cannot be judged; `overruled`: what of it other policies
/// decide. Times move only when a condition does.
pub fn status(
    policy: &Policy,
    sums: &PolicySums,
    blind: &[String],
    overruled: &[String],
    before: Option<&PolicyStatus>,
    now: Timestamp,
) -> PolicyStatus {
    let checks = policy.ruleset.checks.len();
    let PolicyTotals { namespaces, workloads, non_compliant, unknown, non_compliant_namespaces, tally } =
        sums.totals;
    let threshold = policy.ruleset.threshold;
    let compliant = if non_compliant + non_compliant_namespaces > 0 {
        let message = format!(
            "{non_compliant} of {workloads} workloads and {non_compliant_namespaces} of {namespaces} namespaces have a failure of severity {threshold} or above"
        );
        (Truth::False, "NonCompliant", message)
    } else if unknown > 0 {
        (Truth::Unknown, "NotJudged", format!("{unknown} of {workloads} workloads cannot be judged in full"))
    } else {
        (
            Truth::True,
            "Compliant",
            format!("no failure of severity {threshold} or above in {workloads} workloads"),
        )
    };
    let compliant = match sums.preview {
        None => compliant,
        Some(_) => (compliant.0, "Preview", format!("if it were enforced: {}", compliant.2)),
    };
    let ready = if blind.is_empty() {
        let message =
            format!("{checks} checks in force over {workloads} workloads in {namespaces} namespaces");
        (Truth::True, "Evaluated", message)
    } else {
        let message = format!("evaluated, but not all could be seen: {}", blind.join("; "));
        (Truth::True, "EvaluatedInPart", message)
    };
    let resolved = match policy.over_broad.as_slice() {
        [] => format!("profile {} resolved", policy.profile),
        names => format!("profile {} resolved; over-broad exemptions: {}", policy.profile, few(names)),
    };
    let accepted = match overruled {
        [] => (Truth::True, "Accepted", resolved),
        _ => (Truth::True, "AcceptedInPart", format!("{resolved}; {}", overruled.join("; "))),
    };
    let mut status = PolicyStatus {
        observed_generation: policy.generation,
        profile: policy.profile.clone(),
        checks: i32::try_from(checks).unwrap_or(i32::MAX),
        namespaces,
        workloads,
        non_compliant_workloads: non_compliant,
        score: (namespaces + workloads > 0).then(|| tally.score()),
        failures: Failures::from(&tally.summary),
        preview: sums.preview.as_ref().map(told),
        exempt_results: tally.summary.exempt,
        exemptions: sums.exemptions,
        remediation: None,
        conditions: Vec::new(),
    };
    let each = [("Accepted", accepted), ("Ready", ready), ("Compliant", compliant)];
    let before = before.map_or(&[][..], |before| &before.conditions);
    status.conditions = conditions(policy.generation, each, before, now);
    add_remediation(&mut status, policy, &sums.remediation, before, now);
    fit::fitted(status)
}

/// The status of a policy that cannot be applied.
pub fn rejected<E: std::fmt::Display>(
    generation: i64,
    errors: &[E],
    before: Option<&PolicyStatus>,
    now: Timestamp,
) -> PolicyStatus {
    let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let accepted = (Truth::False, "Invalid", all.join("; "));
    let ready = (Truth::False, "NotAccepted", "the policy is not in force until it is corrected".to_owned());
    let compliant = (Truth::Unknown, "NotAccepted", "nothing was judged under this policy".to_owned());
    let each = [("Accepted", accepted), ("Ready", ready), ("Compliant", compliant)];
    let before = before.map_or(&[][..], |before| &before.conditions);
    fit::fitted(PolicyStatus {
        observed_generation: generation,
        conditions: conditions(generation, each, before, now),
        ..PolicyStatus::default()
    })
}

/// Conditions, each with its type, status, reason and message; those that were so `before` keep their time.
pub(super) fn conditions<const N: usize>(
    generation: i64,
    each: [(&str, (Truth, &str, String)); N],
    before: &[Condition],
    now: Timestamp,
) -> Vec<Condition> {
    // The API's times have seconds; a finer one would not come back as it was written.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let since = |type_: &str, status: Truth| {
        let old = before.iter().find(|c| c.type_ == type_ && c.status == status)?;
        Some(old.last_transition_time)
    };
    let condition = |(type_, (status, reason, message)): (&str, (Truth, &str, String))| Condition {
        type_: type_.to_owned(),
        status,
        observed_generation: Some(generation),
        last_transition_time: since(type_, status).unwrap_or(now),
        reason: reason.to_owned(),
        message: message.chars().take(2048).collect(),
    };
    each.into_iter().map(condition).collect()
}
