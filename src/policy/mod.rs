//! From what a policy says to what it asks for: profiles, settings, parameters, and whom it covers.
//!
//! Pure. Not its job: judging (`engine`), or where policies come from.

mod profile;
mod resolve;
mod selection;
mod set;
mod workload_kinds;

pub use profile::{BuiltIn, NoProfile, versions};
pub use resolve::{Policy, PolicyError, resolve};
pub use selection::Selection;
pub use set::{PolicySet, default_policy};
