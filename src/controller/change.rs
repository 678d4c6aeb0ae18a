//! What is to be written, and what became of it.

use crate::api::{AttestationStatus, ComplianceReport, ExemptionStatus, PolicyStatus};
use crate::model::{Kind, SubjectKey, Text};
use crate::report::EventDraft;

use super::act::{Act, Answer};
use super::exemptions::Place;
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
    /// An exemption's status.
    ExemptionStatus {
        /// The exemption.
        place: Place,
        /// Its status.
        status: Box<ExemptionStatus>,
    },
    /// An attestation's status.
    AttestationStatus {
        /// The attestation.
        place: Place,
        /// Its status.
        status: Box<AttestationStatus>,
    },
    /// An object is made for somebody, changed, or taken away.
    Remedy(Box<Act>),
    /// Something is only announced.
    Announce(Box<Announcement>),
}

/// What an Event is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Regarding {
    /// Its `apiVersion`.
    pub(super) api_version: String,
    /// Its kind.
    pub(super) kind: &'static str,
    /// Its namespace; empty for cluster-scoped objects.
    pub(super) namespace: Text,
    /// Its name.
    pub(super) name: Text,
    /// Its uid, where it is known.
    pub(super) uid: Text,
}

impl Regarding {
    /// A subject.
    pub(super) fn subject(key: &SubjectKey, uid: &str) -> Self {
        let (kind, namespace, name) = match key {
            SubjectKey::Namespace(name) => (Kind::Namespace, Text::default(), name),
            SubjectKey::Workload(id) => (id.kind, id.namespace.clone(), &id.name),
        };
        Self {
            api_version: kind.api_version(),
            kind: kind.name(),
            namespace,
            name: name.clone(),
            uid: Text::new(uid),
        }
    }
}

/// An Event to be written, and about what.
#[derive(Clone, Debug)]
pub(super) struct Announcement {
    /// About what.
    pub(super) regarding: Regarding,
    /// What is said.
    pub(super) draft: EventDraft,
    /// What makes it the same Event when it is written again, so that it is only once.
    pub(super) once: Option<u64>,
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
    /// The status of an exemption stands.
    ExemptionStatus(Place, Box<ExemptionStatus>),
    /// It could not be written; the exemption is to be looked at again.
    ExemptionStatusFailed(Place),
    /// The status of an attestation stands.
    AttestationStatus(Place, Box<AttestationStatus>),
    /// It could not be written; the attestation is to be looked at again.
    AttestationStatusFailed(Place),
    /// An act of remediation was answered.
    Remedy(Answer),
    /// It was announced, or is lost on purpose.
    Announced,
}
