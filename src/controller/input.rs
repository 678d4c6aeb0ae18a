//! What reaches the pipeline: objects, policies, exemptions and reports as the watches see them, read as far as is needed.

use std::sync::Arc;

use crate::api::{
    AttestationStatus, ComplianceExemption, ComplianceReport, ExemptionStatus, HaltedRemediation, ObjectMeta,
    PolicyStatus, ProductionPolicy,
};
use crate::cluster::{Element, Observation, WatchedObject};
use crate::decode::{DecodeError, Decoded, parse_json, whole};
use crate::model::{Keep, Kind, Text};
use crate::report::{Known, fingerprint};
use kube::Resource;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A watch of a kind, and how much it keeps of each object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watching {
    pub(super) kind: Kind,
    pub(super) keep: Keep,
}

/// An object of a kind that the model knows, and so much of its JSON as is kept.
#[derive(Debug)]
pub(super) struct KindObject {
    pub(super) decoded: Decoded,
    pub(super) whole: Option<Arc<str>>,
    /// Its status, where it is ours to write: a PracticeAttestation's.
    pub(super) status: Option<Box<AttestationStatus>>,
}

impl WatchedObject for KindObject {
    type Source = Watching;
    fn read(Watching { kind, keep }: Watching, element: &Element) -> Self {
        #[derive(Deserialize)]
        struct Around {
            status: Option<Box<AttestationStatus>>,
        }
        let ours = (kind == Kind::PracticeAttestation).then(|| parse_json::<Around>(element.json()).ok());
        let status = ours.flatten().and_then(|around| around.status);
        let decoded = element.decode(kind);
        let whole = match &decoded {
            Decoded::Record(record) if record.may_be_kept_whole() => whole(kind, element.json(), "", keep),
            _ => None,
        };
        Self { decoded, whole, status }
    }
}

/// A kind that people write and the controller gives a status.
pub(super) trait WithStatus: DeserializeOwned + Send + 'static {
    /// Its status.
    type Status: DeserializeOwned + Send;
}

impl WithStatus for ProductionPolicy {
    type Status = PolicyStatus;
}

impl WithStatus for ComplianceExemption {
    type Status = ExemptionStatus;
}

/// An object of such a kind, or why it cannot be read.
#[derive(Debug)]
pub(super) struct Ours<T: WithStatus> {
    pub(super) namespace: Text,
    pub(super) name: Text,
    pub(super) object: Result<Box<T>, Unread<T::Status>>,
}

/// What is known of an object that cannot be read, such as one with fields that a newer version has.
#[derive(Debug)]
pub(super) struct Unread<S> {
    pub(super) error: DecodeError,
    pub(super) metadata: ObjectMeta,
    pub(super) status: Option<S>,
}

impl<T: WithStatus> Ours<T> {
    pub(super) fn parse(namespace: Text, name: Text, json: &str) -> Self {
        #[derive(Deserialize)]
        struct Around<S> {
            #[serde(default)]
            metadata: ObjectMeta,
            #[serde(default = "none")]
            status: Option<S>,
        }
        fn none<S>() -> Option<S> {
            None
        }
        let unread = |error| {
            let around = parse_json::<Around<T::Status>>(json);
            let (metadata, status) = around.map_or_else(|_| Default::default(), |a| (a.metadata, a.status));
            Unread { error, metadata, status }
        };
        Self { namespace, name, object: parse_json(json).map(Box::new).map_err(unread) }
    }
}

impl<T: WithStatus> WatchedObject for Ours<T> {
    type Source = ();
    fn read((): (), element: &Element) -> Self {
        let text = |value: &Option<String>| Text::new(value.as_deref().unwrap_or_default());
        let meta = element.meta();
        Self::parse(text(&meta.namespace), text(&meta.name), element.json())
    }
}

/// A report that the cluster holds: only what is needed to know whether it has to be written again.
#[derive(Debug)]
pub(super) struct ReportObject {
    pub(super) namespace: Text,
    pub(super) name: Text,
    pub(super) stored: Stored,
}

/// What is known of a stored report.
#[derive(Clone, Debug, Default)]
pub(super) struct Stored {
    /// Its subject, as API group, kind and name; empty where it cannot be read.
    pub(super) scope: (Text, Text, Text),
    /// Whether it carries our label.
    pub(super) ours: bool,
    pub(super) uid: Text,
    pub(super) resource_version: Text,
    /// What it says; `None` where it cannot be read, so that it is written anew.
    pub(super) fingerprint: Option<u64>,
    pub(super) known: Known,
    /// What is not made again for its subject.
    pub(super) halted: Box<[HaltedRemediation]>,
}

impl WatchedObject for ReportObject {
    type Source = ();
    fn read((): (), element: &Element) -> Self {
        let meta = element.meta();
        let text = |value: &Option<String>| Text::new(value.as_deref().unwrap_or_default());
        let stored = match parse_json::<ComplianceReport>(element.json()) {
            Ok(report) => Stored::from(&report),
            Err(_) => Stored { resource_version: text(&meta.resource_version), ..Stored::default() },
        };
        Self { namespace: text(&meta.namespace), name: text(&meta.name), stored }
    }
}

impl From<&ComplianceReport> for Stored {
    fn from(report: &ComplianceReport) -> Self {
        let scope = &report.scope;
        let managed_by = report.metadata.labels.get("app.kubernetes.io/managed-by");
        Self {
            scope: (Text::new(&scope.api_group), Text::new(&scope.kind), Text::new(&scope.name)),
            ours: managed_by.is_some_and(|value| value == "seaworthy"),
            uid: Text::new(&report.metadata.uid),
            resource_version: Text::new(&report.metadata.resource_version),
            fingerprint: Some(fingerprint(report)),
            known: Known::from(report),
            halted: report.halted_remediations.as_slice().into(),
        }
    }
}

/// Whatever the watches see.
#[derive(Debug)]
pub(super) enum Input {
    // Boxed, as it is much larger than the others.
    Object(Box<Observation<Watching, KindObject>>),
    Policy(Observation<(), Ours<ProductionPolicy>>),
    Exemption(Observation<(), Ours<ComplianceExemption>>),
    Report(Observation<(), ReportObject>),
}

impl From<Observation<Watching, KindObject>> for Input {
    fn from(observation: Observation<Watching, KindObject>) -> Self {
        Self::Object(Box::new(observation))
    }
}

impl From<Observation<(), Ours<ProductionPolicy>>> for Input {
    fn from(observation: Observation<(), Ours<ProductionPolicy>>) -> Self {
        Self::Policy(observation)
    }
}

impl From<Observation<(), Ours<ComplianceExemption>>> for Input {
    fn from(observation: Observation<(), Ours<ComplianceExemption>>) -> Self {
        Self::Exemption(observation)
    }
}

impl From<Observation<(), ReportObject>> for Input {
    fn from(observation: Observation<(), ReportObject>) -> Self {
        Self::Report(observation)
    }
}
