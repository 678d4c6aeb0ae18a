//! What is to be written, and what became of it.

use crate::api::{ComplianceReport, PolicyStatus};
use crate::model::{SubjectKey, Text};
use crate::remedy::{Cause, Desired, Place, Standing, Trip};
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
        stored: Box<Stored>,
    },
    /// A policy's status.
    Status {
        /// The policy.
        policy: Text,
        /// Its status.
        status: Box<PolicyStatus>,
    },
    /// An object is made for somebody, changed, or taken away.
    Remedy(Box<Act>),
    /// Only an Event.
    Announce {
        /// The subject that it is about, and its uid.
        subject: (SubjectKey, Text),
        /// The Event.
        event: EventDraft,
    },
}

/// One act of remediation.
#[derive(Clone, Debug)]
pub(super) struct Act {
    /// Where the object stands, or will.
    pub(super) place: Place,
    /// What is done.
    pub(super) deed: Deed,
    /// The subject that it is for, and its uid.
    pub(super) subject: (SubjectKey, Text),
    /// The highest resourceVersion of objects of this kind that was ever seen: what the API server shows is newer.
    pub(super) seen: u64,
    /// What is announced once it is done.
    pub(super) event: EventDraft,
}

/// What is done.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// Make it.
    Create(Box<Desired>),
    /// Make what stands what it should be.
    Update(Box<Desired>, Box<Standing>),
    /// Take it away.
    Withdraw(Box<Standing>, Cause),
}

/// What became of an act.
#[derive(Debug)]
pub(super) struct Answer {
    /// Where.
    pub(super) place: Place,
    /// Whether it took a token of the pace.
    pub(super) paced: bool,
    /// What the API server showed as its resourceVersion, as far as it came to that.
    pub(super) version: u64,
    /// How it ended.
    pub(super) end: End,
}

/// How an act ended.
#[derive(Debug)]
pub(super) enum End {
    /// It stands.
    Stands,
    /// The one with this uid is gone.
    Gone(Text, Cause),
    /// There was nothing to do any more, and nothing was written.
    Moot,
    /// It could not be written, and what else is to be made could not be either.
    Refused(Trip),
    /// It could not be written.
    Failed,
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
    /// An act of remediation was answered.
    Remedy(Answer),
    /// An Event was written, or lost.
    Announced,
}
