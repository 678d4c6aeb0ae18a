//! From what a policy says to what it asks for: profiles, settings, parameters, whom it covers, and who is exempt.
//!
//! Pure. Not its job: judging (`engine`), or where policies come from.

mod attestation;
mod custom;
mod definition;
mod demand;
mod exempting;
mod exemption;
mod grant;
mod networks;
mod profile;
mod resolve;
mod schema;
mod selection;
mod set;
mod standing;
mod unreachable;
mod validate;
mod workload_kinds;

pub use attestation::{ATTESTATION, AskError, PracticeAsking, asking};
pub use demand::{Asking, Demand, demands};
pub use exempting::{Applied, Exempting, Objects, Under};
pub use exemption::{Checks, Decision, Exemption, ExemptionId, Permits, Refusal, Standing, Whom, decide};
pub use grant::{flaws, instant, of_object};
pub use profile::{BuiltIn, NoProfile, versions};
pub use resolve::{Policy, PolicyError, resolve};
pub use selection::{NotCovered, Selection};
pub use set::{PolicySet, default_policy};
pub use standing::{
    Breadth, Ledger, Stand, Used, breadth, breadth_message, counts, no_such_check, stand, unknown_names,
};
pub use validate::{Beside, Flaw, name_of, policy_of, validate};
