//! What reaches the pipeline: objects, policies and reports as the watches see them, read as far as is needed.

use super::remediation::asked_by;
use crate::api::{ComplianceReport, ObjectMeta, PolicyStatus, ProductionPolicy, RemediationState};
use crate::cluster::{Element, Observation, WatchedObject};
use crate::decode::{DecodeError, Decoded, decode, parse_json};
use crate::model::{Kind, Meta, Text};
use crate::report::{Known, fingerprint};
use kube::Resource;
use serde::Deserialize;

/// An object of a kind that the model knows.
#[derive(Debug)]
pub(super) struct KindObject(pub(super) Decoded);

impl WatchedObject for KindObject {
    type Source = Kind;
    fn read(kind: Kind, element: &Element) -> Self {
        Self(decode(kind, element.json(), "").unwrap_or_else(|error| {
            let meta = element.meta();
            let text = |value: &Option<String>| Text::new(value.as_deref().unwrap_or_default());
            let meta = Meta { namespace: text(&meta.namespace), name: text(&meta.name), ..Meta::default() };
            Decoded::Unreadable(meta, error)
        }))
    }
}

/// A policy, or why it cannot be read.
#[derive(Debug)]
pub(super) struct PolicyObject {
    pub(super) name: Text,
    pub(super) policy: Result<Box<ProductionPolicy>, Unread>,
}

/// What is known of a policy that cannot be read, such as one with fields that a newer version has.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) error: DecodeError,
    pub(super) generation: i64,
    pub(super) status: Option<PolicyStatus>,
}

impl PolicyObject {
    pub(super) fn parse(name: Text, json: &str) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Around {
            metadata: ObjectMeta,
            status: Option<PolicyStatus>,
        }
        let unread = |error| {
            let Around { metadata, status } = parse_json(json).unwrap_or_default();
            Unread { error, generation: metadata.generation, status }
        };
        Self { name, policy: parse_json(json).map(Box::new).map_err(unread) }
    }
}

impl WatchedObject for PolicyObject {
    type Source = ();
    fn read((): (), element: &Element) -> Self {
        let name = Text::new(element.meta().name.as_deref().unwrap_or_default());
        Self::parse(name, element.json())
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
    /// The policy, and its generation, under which somebody keeps taking away what is made for the subject.
    pub(super) contested: Option<Text>,
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
            contested: contested(report),
        }
    }
}

fn contested(report: &ComplianceReport) -> Option<Text> {
    let mut remedies = report.results.iter().filter_map(|result| result.remediation.as_ref());
    let contested = remedies.find(|remedy| remedy.state == RemediationState::Contested)?;
    let policy = report.policies.iter().find(|policy| policy.name == contested.policy)?;
    Some(asked_by(&policy.name, policy.generation.unwrap_or_default()).into())
}

/// Whatever the watches see.
#[derive(Debug)]
pub(super) enum Input {
    // Boxed, as it is much larger than the others.
    Object(Box<Observation<Kind, KindObject>>),
    Policy(Observation<(), PolicyObject>),
    Report(Observation<(), ReportObject>),
}

impl From<Observation<Kind, KindObject>> for Input {
    fn from(observation: Observation<Kind, KindObject>) -> Self {
        Self::Object(Box::new(observation))
    }
}

impl From<Observation<(), PolicyObject>> for Input {
    fn from(observation: Observation<(), PolicyObject>) -> Self {
        Self::Policy(observation)
    }
}

impl From<Observation<(), ReportObject>> for Input {
    fn from(observation: Observation<(), ReportObject>) -> Self {
        Self::Report(observation)
    }
}
