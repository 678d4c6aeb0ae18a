//! What the engine knows of exemptions: that a result may be exempt under a policy, and by what.
//!
//! Not its job: deciding whether it is (`policy::exemption`).

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::Text;

/// By what a result is exempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exempt {
    /// The exemption: `ComplianceExemption/name`.
    pub by: String,
    /// Why.
    pub reason: Text,
    /// Until when, if not for ever.
    pub until: Option<Timestamp>,
}

/// Says which results of a subject are exempt.
pub trait Exempts {
    /// By what the results of this name are exempt under a policy, if they are.
    fn exempts(&self, policy: &Text, check: &str) -> Option<Arc<Exempt>>;
}

/// Nothing is exempt.
#[derive(Clone, Copy, Debug)]
pub struct NothingExempt;

impl Exempts for NothingExempt {
    fn exempts(&self, _: &Text, _: &str) -> Option<Arc<Exempt>> {
        None
    }
}
