//! From what a policy says to what it asks for: profiles, settings, parameters, whom it covers, and who is exempt.
//!
//! Pure. Not its job: judging (`engine`), or where policies come from.

mod exempting;
mod exemption;
mod grant;
mod profile;
mod resolve;
mod selection;
mod set;
mod standing;
mod workload_kinds;

pub use exempting::{Applied, Exempting, Objects, Under};
pub use exemption::{Checks, Decision, Exemption, ExemptionId, Permits, Refusal, Standing, Whom, decide};
pub use grant::{flaws, instant, of_object};
pub use profile::{BuiltIn, NoProfile, versions};
pub use resolve::{Policy, PolicyError, resolve};
pub use selection::Selection;
pub use set::{PolicySet, default_policy};
pub use standing::{
    Breadth, Ledger, Stand, Used, breadth, breadth_message, counts, no_such_check, stand, unknown_names,
};
