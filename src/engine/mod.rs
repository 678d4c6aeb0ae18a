//! The engine: what a check is, and how checks are run over a subject.
//!
//! Pure and total: values in, values out. It takes the catalogue as an argument and never names a check.
//! Not its job: which checks a policy asks for (`policy`), what becomes of the results (`report`).

mod attested;
mod check;
mod context;
mod evaluate;
mod exempt;
mod outcome;
mod page;
mod params;
mod rule;
mod verdict;

pub use attested::{Standing, Weighed, ends_at, standing, weigh_claims, weigh_runs};
pub use check::{Catalogue, Check, Sees};
pub use context::Context;
pub use evaluate::{Evaluation, InForce, Ruleset, evaluate, evaluate_exempting};
pub use exempt::{Exempt, Exempts, NothingExempt};
pub use outcome::Outcome;
pub use page::{Example, Expected, Page};
pub use params::{NoParams, ParamError, ParamValue, Params, selector};
pub use rule::{Definition, PerContainer, PerManifest, PerNamespace, PerWorkload, Rule, Scope, Subject};
pub use verdict::{Finding, Verdict};
