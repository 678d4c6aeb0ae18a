//! From what a policy says to what it asks for: profiles, settings, parameters, and whom it covers.
//!
//! Pure. Not its job: judging (`engine`), or where policies come from.

mod demand;
mod profile;
mod resolve;
mod schema;
mod selection;
mod set;
mod validate;
mod workload_kinds;

pub use demand::{Asking, Demand, demands};
pub use profile::{BuiltIn, NoProfile, versions};
pub use resolve::{Policy, PolicyError, resolve};
pub use selection::{NotCovered, Selection};
pub use set::{PolicySet, default_policy};
pub use validate::{Flaw, name_of, validate};
