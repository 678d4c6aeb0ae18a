//! The status of a ComplianceExemption: its state, a number and conditions.
//!
//! Not its job: what the state is (`policy::stand`).

use jiff::Timestamp;

use crate::api::{Condition, ExemptionState, ExemptionStatus, Truth};
use crate::policy::{Breadth, Exemption, Used, breadth_message, stand};

use super::status::conditions;

/// The conditions that are the controller's; `Approved` is somebody else's.
pub const OWN_CONDITIONS: [&str; 3] = ["Ready", "InForce", "OverBroad"];

/// The status of an exemption, from what it came to for each subject at this instant. Times move only when a
/// condition does.
pub fn exemption_status(
    generation: i64,
    exemption: &Exemption,
    used: &Used,
    unknown: &[String],
    breadth: Option<Breadth>,
    before: &[Condition],
    now: Timestamp,
) -> ExemptionStatus {
    let stand = stand(exemption, used, unknown, now);
    let in_force = match stand.state {
        ExemptionState::Active | ExemptionState::Unused => Truth::True,
        ExemptionState::Pending | ExemptionState::Expired | ExemptionState::Refused => Truth::False,
    };
    let ready = match used.subjects {
        1 => "evaluated; it selects 1 subject that a policy covers".to_owned(),
        n => format!("evaluated; it selects {n} subjects that a policy covers"),
    };
    let over_broad = match breadth {
        Some(breadth) => (Truth::True, breadth.reason(), breadth_message(exemption, breadth)),
        None => (Truth::False, "Selective", "it says what it is about and whom it is for".to_owned()),
    };
    let each = [
        ("Ready", (Truth::True, "Evaluated", ready)),
        ("InForce", (in_force, stand.state.as_str(), stand.message)),
        ("OverBroad", over_broad),
    ];
    ExemptionStatus {
        observed_generation: generation,
        state: Some(stand.state),
        exempt_results: i32::try_from(used.results).unwrap_or(i32::MAX),
        conditions: conditions(generation, each, before, now),
    }
}

/// The status of an exemption that cannot be read, such as one with fields that a newer version has.
pub fn unreadable_exemption(
    generation: i64,
    why: &str,
    before: &[Condition],
    now: Timestamp,
) -> ExemptionStatus {
    let ready = (Truth::False, "NotReadable", "it exempts nothing until it is corrected".to_owned());
    let in_force = (Truth::False, ExemptionState::Refused.as_str(), why.to_owned());
    ExemptionStatus {
        observed_generation: generation,
        state: Some(ExemptionState::Refused),
        exempt_results: 0,
        conditions: conditions(generation, [("Ready", ready), ("InForce", in_force)], before, now),
    }
}
