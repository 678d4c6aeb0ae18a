//! What is to be written, and what became of it.

use crate::api::{ComplianceReport, PolicyStatus};
use crate::model::{SubjectKey, Text};
use crate::report::EventDraft;

use super::input::Stored;

/// One thing to be written.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// A subject's report.
    Report {
        /// The subject.
        key: SubjectKey,
        /// The report.
        report: Box<ComplianceReport>,
        /// What is announced once it stands.
        event: Option<EventDraft>,
    },
    /// A report without a subject goes.
    Remove {
        /// Its subject that was.
        key: SubjectKey,
        /// Its name.
        name: Text,
        /// What is known of it: nothing else is deleted.
        stored: Stored,
    },
    /// A policy's status.
    Status {
        /// The policy.
        policy: Text,
        /// Its status.
        status: Box<PolicyStatus>,
    },
}

/// What became of a change.
#[derive(Debug)]
pub(super) enum Written {
    /// The report stands; this is how.
    Report(SubjectKey, Stored),
    /// The report is gone.
    Removed(SubjectKey),
    /// The status stands.
    Status(Text, Box<PolicyStatus>),
    /// It could not be written; the subject is to be looked at again.
    ReportFailed(SubjectKey),
    /// It could not be written; the policy is to be looked at again.
    StatusFailed(Text),
}
