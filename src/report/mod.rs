//! From an evaluation to what is said about it: reports, events, and the status of policies.
//!
//! Pure. Not its job: judging (`engine`), printing (`output`) or writing to the cluster (`controller::apply`).

mod attestation;
mod audit;
mod build;
mod checklists;
mod event;
mod exemption;
mod fingerprint;
mod fit;
mod name;
mod policy_diff;
mod preview;
mod remediation;
mod status;
mod tally;
mod why;

pub use crate::engine::Outcome;
pub use attestation::attestation_status;
pub use audit::{Audited, Judgement, Rollup, audit, audit_all, audit_each, judge, meta_of};
pub use build::{Known, Material, build, document};
pub use checklists::{Answer, ItemAnswer, ItemState, checklists};
pub use event::{EventDraft, EventType, draft, expires_soon};
pub use exemption::{OWN_CONDITIONS, exemption_status, unreadable_exemption};
pub use fingerprint::{correction, fingerprint};
pub use fit::MAX_STATUS;
pub use name::{NAMESPACE_REPORT, name_of};
pub use policy_diff::{Changed, Changes, PolicyDiff, policy_diff};
pub use preview::{Newly, PreviewTotals, Previewed, preview};
pub use remediation::{Remediated, RemediedKind};
pub use status::{PolicySums, PolicyTotals, rejected, status};
pub use tally::Tally;
pub use why::{Named, Why, check_named, why};
