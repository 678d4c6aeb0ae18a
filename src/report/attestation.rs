//! The status of a PracticeAttestation: whether it counts, for how long, and whether anybody asks for it.
//!
//! It speaks of one attestation alone; which of several decides about a workload, the workload's report says.
//! Not its job: what counts at an instant (`engine`), or which policies ask (`policy`).

use jiff::Timestamp;

use crate::api::{AttestationStatus, Condition, Truth};
use crate::engine::{Standing, ends_at, standing};
use crate::model::Done;
use crate::policy::PracticeAsking;

use super::status::conditions;

/// The status of an attestation at an instant, and when it changes though nothing else does.
pub fn attestation_status(
    generation: i64,
    done: &Done,
    asking: &PracticeAsking,
    before: &[Condition],
    now: Timestamp,
) -> (AttestationStatus, Option<Timestamp>) {
    let strictest = asking.policies.iter().filter_map(|(policy, days)| Some((days.as_ref()?, policy))).min();
    let max_age_days = strictest.map(|(days, _)| *days);
    let ends = ends_at(done, max_age_days);
    let by = strictest.map(|(days, policy)| format!("{days} days, policy '{policy}'")).unwrap_or_default();
    let own = |instant| done.expires == Some(instant);
    let valid = match standing(done, max_age_days, now) {
        Standing::Counts(None) => (Truth::True, "Unlimited", "it counts without an end".to_owned()),
        Standing::Counts(Some(end)) if own(end) => {
            (Truth::True, "NotExpired", format!("it counts until {end}"))
        }
        Standing::Counts(Some(end)) => (Truth::True, "WithinMaxAge", format!("it counts until {end} ({by})")),
        Standing::Failed => (Truth::False, "Failed", format!("it failed at {}", done.at)),
        Standing::TooOld(since) => (Truth::False, "TooOld", format!("it is too old since {since} ({by})")),
        Standing::Expired(since) => (Truth::False, "Expired", format!("it has expired at {since}")),
        Standing::ToCome => (Truth::False, "ToCome", format!("{} is still to come", done.at)),
    };
    let asked = match asking.policies.len() {
        _ if !asking.has_target => {
            (Truth::False, "NoTarget", "the workload that it names is not there, or has no report".to_owned())
        }
        0 => (Truth::False, "NotAsked", "no policy asks for this practice here".to_owned()),
        1 => (Truth::True, "Asked", "1 policy asks for it".to_owned()),
        n => (Truth::True, "Asked", format!("{n} policies ask for it")),
    };
    let status = AttestationStatus {
        observed_generation: generation,
        expiration_time: ends,
        conditions: conditions(generation, [("Valid", valid), ("Asked", asked)], before, now),
    };
    (status, [Some(done.at), ends].into_iter().flatten().filter(|instant| *instant > now).min())
}
