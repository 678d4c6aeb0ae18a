//! From an evaluation to what is said about it: reports, events, and the status of policies.
//!
//! Pure. Not its job: judging (`engine`), printing (`output`) or writing to the cluster (`controller::apply`).

mod audit;
mod build;
mod checklists;
mod event;
mod fingerprint;
mod name;
mod remediation;
mod status;
mod tally;

pub use audit::{Rollup, audit, judge, meta_of};
pub use build::{Document, Known, Material, build, document};
pub use checklists::{Answer, ItemAnswer, ItemState, checklists};
pub use event::{EventDraft, EventType, draft};
pub use fingerprint::{correction, fingerprint};
pub use name::{NAMESPACE_REPORT, name_of};
pub use remediation::{Remediated, add_remediation};
pub use status::{PolicyTotals, rejected, status};
pub use tally::Tally;
