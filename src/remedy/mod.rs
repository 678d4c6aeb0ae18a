//! From what is known to what would be made where it is missing: plans, and the reasons for and against each.
//!
//! Pure. The rule above all: a cluster is never worse off for it. What cannot be known is not remedied, what does harm
//! is withdrawn, and what somebody else made is never touched. Not its job: writing (`controller::apply`).

mod consent;
mod desired;
mod network_policy;
mod origin;
mod ownership;
mod plan;
mod pod_disruption_budget;
mod restraint;

pub use consent::{Ask, CONSENT, Terms};
pub use desired::Desired;
pub use network_policy::{DENY_INGRESS, Hold, NETWORK_CHECK, Readiness, network_objection};
pub use origin::delivered_by;
pub use ownership::{MANAGER, Place, Standing};
pub use plan::{Action, Cause, Outcome, Remedy, plan, subjects_of_ours};
pub use pod_disruption_budget::{BUDGETED, objection};
pub use restraint::{Breaker, Contest, Pace, Recovery, Rollout, Stages, Trip};
