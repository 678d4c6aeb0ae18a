//! NetworkPolicies for namespaces that have none: which objects, in which order, and where there must not be any.
//!
//! A NetworkPolicy that allows also isolates: whatever it does not allow is denied from the moment that it stands. So
//! all that stays allowed for a direction is one object, and only what is asked to be denied is allowed at all. Allows
//! come first and go last; a deny never stands without the allow that it was made with. Not its job: who asks
//! (`consent`), or when (`restraint`).

mod dns;
mod enforcement;
mod entry;
mod ground;
mod objects;
mod plan;
mod readiness;

pub use objects::objection as network_objection;
pub use plan::Hold;
pub(super) use plan::for_namespace;
pub use readiness::Readiness;

/// The check whose finding is remedied.
pub const NETWORK_CHECK: &str = "namespace-without-default-deny";
/// The name of the object that does what the check asks for.
pub const DENY_INGRESS: &str = "seaworthy-deny-ingress";
