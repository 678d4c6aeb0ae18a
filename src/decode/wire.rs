//! The shape that every object shares: metadata, spec, status.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::model::{Labels, Meta, Owner, ReplicasFrom, Text};

#[derive(Deserialize)]
pub(super) struct Wire<'a> {
    #[serde(default)]
    pub(super) metadata: MetaWire,
    #[serde(borrow, default)]
    pub(super) spec: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) status: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct MetaWire {
    namespace: Text,
    name: Text,
    generate_name: Text,
    uid: Text,
    generation: i64,
    labels: Labels,
    creation_timestamp: Option<Timestamp>,
    deletion_timestamp: Option<Timestamp>,
    owner_references: Vec<OwnerWire>,
    managed_fields: Vec<ManagerWire>,
}

/// An entry of `managedFields`, of which one field is asked for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ManagerWire {
    manager: Text,
    operation: Text,
    subresource: Text,
    fields_v1: FieldsWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FieldsWire {
    #[serde(rename = "f:spec")]
    spec: SpecFieldsWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SpecFieldsWire {
    #[serde(rename = "f:replicas")]
    replicas: Option<IgnoredAny>,
}

/// Field managers that apply manifests by updates; whoever applies on the server says so by the operation.
const APPLIERS: &[&str] = &[
    "argocd-application-controller",
    "argocd-controller",
    "helm",
    "helm-controller",
    "kubectl-client-side-apply",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnerWire {
    api_version: Text,
    kind: Text,
    name: Text,
    #[serde(default)]
    controller: bool,
}

impl MetaWire {
    /// Who says what `spec.replicas` is to be, where it is set.
    pub(super) fn replicas_from(&self) -> ReplicasFrom {
        if self.managed_fields.is_empty() {
            return if self.uid.is_empty() { ReplicasFrom::Manifest } else { ReplicasFrom::Unclear };
        }
        let applies = |entry: &&ManagerWire| {
            let applied = entry.operation == "Apply" || APPLIERS.contains(&entry.manager.as_str());
            applied && entry.subresource.is_empty() && entry.fields_v1.spec.replicas.is_some()
        };
        match self.managed_fields.iter().find(applies) {
            Some(_) => ReplicasFrom::Manifest,
            None => ReplicasFrom::Others,
        }
    }

    /// `default_namespace` is `None` for cluster-scoped kinds.
    pub(super) fn into_meta(self, default_namespace: Option<&str>) -> Meta {
        let namespace = match default_namespace {
            None => Text::default(),
            Some(default) if self.namespace.is_empty() => Text::new(default),
            Some(_) => self.namespace,
        };
        let owner = self.owner_references.into_iter().find(|owner| owner.controller);
        let name = if self.name.is_empty() { self.generate_name } else { self.name };
        Meta {
            namespace,
            name,
            uid: self.uid,
            generation: self.generation,
            labels: self.labels,
            created: self.creation_timestamp,
            terminating: self.deletion_timestamp.is_some(),
            controller: owner.map(|owner| Owner {
                group: Text::new(group_of(&owner.api_version)),
                kind: owner.kind,
                name: owner.name,
            }),
        }
    }
}

/// The group of an `apiVersion`: empty for `v1`.
pub(super) fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// A condition of a status.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Condition {
    #[serde(rename = "type")]
    kind: Text,
    status: Text,
    #[serde(default)]
    pub(super) last_transition_time: Option<Timestamp>,
}

impl Condition {
    pub(super) fn is(&self, kind: &str, status: &str) -> bool {
        self.kind == kind && self.status == status
    }
}
