//! The status of a policy: numbers and conditions, never names.

use jiff::Timestamp;

use crate::api::{Condition, Failures, PolicyStatus, Truth};
use crate::engine::Outcome;
use crate::policy::Policy;

use super::tally::Tally;

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

/// The status of a policy in force. `blind`: why some of it cannot be judged; `overruled`: what of it other policies
/// decide. Times move only when a condition does.
pub fn status(
    policy: &Policy,
    totals: &PolicyTotals,
    blind: &[String],
    overruled: &[String],
    before: Option<&PolicyStatus>,
    now: Timestamp,
) -> PolicyStatus {
    let checks = policy.ruleset.checks.len();
    let PolicyTotals { namespaces, workloads, non_compliant, unknown, non_compliant_namespaces, tally } =
        *totals;
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
    let ready = if blind.is_empty() {
        let message =
            format!("{checks} checks in force over {workloads} workloads in {namespaces} namespaces");
        (Truth::True, "Evaluated", message)
    } else {
        let message = format!("evaluated, but what rests on these is Unknown: {}", blind.join("; "));
        (Truth::True, "EvaluatedInPart", message)
    };
    let resolved = format!("profile {} resolved", policy.profile);
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
        remediation: None,
        conditions: Vec::new(),
    };
    status.conditions = conditions(
        policy.generation,
        [("Accepted", accepted), ("Ready", ready), ("Compliant", compliant)],
        before,
        now,
    );
    status
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
    PolicyStatus {
        observed_generation: generation,
        conditions: conditions(generation, each, before, now),
        ..PolicyStatus::default()
    }
}

fn conditions(
    generation: i64,
    each: [(&str, (Truth, &str, String)); 3],
    before: Option<&PolicyStatus>,
    now: Timestamp,
) -> Vec<Condition> {
    let each = each.into_iter();
    each.map(|(type_, (status, reason, message))| {
        condition(generation, type_, status, reason, message, before, now)
    })
    .collect()
}

pub(super) fn condition(
    generation: i64,
    type_: &str,
    status: Truth,
    reason: &str,
    message: String,
    before: Option<&PolicyStatus>,
    now: Timestamp,
) -> Condition {
    // The API's times have seconds; a finer one would not come back as it was written.
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let conditions = before.into_iter().flat_map(|before| &before.conditions);
    let old = conditions.into_iter().find(|c| c.type_ == type_ && c.status == status);
    Condition {
        type_: type_.to_owned(),
        status,
        observed_generation: Some(generation),
        last_transition_time: old.map_or(now, |old| old.last_transition_time),
        reason: reason.to_owned(),
        message: message.chars().take(2048).collect(),
    }
}
