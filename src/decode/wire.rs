//! The shape that every object shares: metadata, spec, status.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::model::{Annotations, Labels, Meta, Owner, ReplicasFrom, Text, UnknownFields};

#[derive(Deserialize)]
pub(super) struct Wire<'a> {
    #[serde(borrow, default)]
    pub(super) metadata: MetaWire<'a>,
    #[serde(borrow, default)]
    pub(super) spec: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) status: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct MetaWire<'a> {
    namespace: Text,
    name: Text,
    generate_name: Text,
    uid: Text,
    generation: i64,
    labels: Labels,
    annotations: Annotations,
    creation_timestamp: Option<Timestamp>,
    deletion_timestamp: Option<Timestamp>,
    owner_references: Vec<OwnerWire>,
    /// Long, and of interest to few kinds: parsed when asked for.
    #[serde(borrow)]
    managed_fields: Option<&'a RawValue>,
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

impl ManagerWire {
    fn owns_replicas(&self) -> bool {
        self.subresource.is_empty() && self.fields_v1.spec.replicas.is_some()
    }
}

/// Who wrote a field.
#[derive(Clone, Copy)]
pub(super) enum WrittenBy {
    /// A manifest: this is one, or somebody applies one on the server.
    Manifest,
    /// Somebody who applies manifests by updates, and then also owns what the API server filled in.
    Update,
    /// Somebody else.
    Others,
    /// A live object that does not say.
    Unclear,
}

impl WrittenBy {
    /// Who says what `spec.replicas` is to be; `written`: its value, which is 1 by default.
    pub(super) fn replicas_from(self, written: Option<i64>) -> ReplicasFrom {
        match self {
            Self::Manifest => ReplicasFrom::Manifest,
            Self::Update if written.is_some_and(|replicas| replicas != 1) => ReplicasFrom::Manifest,
            Self::Update | Self::Others => ReplicasFrom::Others,
            Self::Unclear => ReplicasFrom::Unclear,
        }
    }
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

impl<'a> MetaWire<'a> {
    /// `managedFields`, as they stand there.
    pub(super) fn managed_fields(&self) -> Option<&'a RawValue> {
        self.managed_fields
    }

    /// Who wrote the object's `spec.replicas`.
    pub(super) fn replicas_by(&self) -> WrittenBy {
        // What cannot be read says nothing, as what is not there.
        let entries = self.managed_fields.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let entries: Vec<ManagerWire> = entries.unwrap_or_default();
        if entries.is_empty() {
            return if self.uid.is_empty() { WrittenBy::Manifest } else { WrittenBy::Unclear };
        }
        let mut owners = entries.iter().filter(|entry| entry.owns_replicas());
        let by_update = |entry: &ManagerWire| APPLIERS.contains(&entry.manager.as_str());
        if owners.clone().any(|entry| entry.operation == "Apply") {
            WrittenBy::Manifest
        } else if owners.any(by_update) {
            WrittenBy::Update
        } else {
            WrittenBy::Others
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
            annotations: self.annotations,
            created: self.creation_timestamp,
            terminating: self.deletion_timestamp.is_some(),
            controller: owner.map(|owner| Owner {
                group: Text::new(group_of(&owner.api_version)),
                kind: owner.kind,
                name: owner.name,
            }),
            by_pipeline: false,
            written_in: None,
            unknown_fields: UnknownFields::default(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn replicas_from(metadata: &str, replicas: i64) -> ReplicasFrom {
        let metadata: MetaWire<'_> = serde_json::from_str(metadata).unwrap();
        metadata.replicas_by().replicas_from(Some(replicas))
    }

    #[test]
    fn managed_fields_say_who_sets_the_replicas() {
        let owned = |manager: &str, operation: &str, below: &str| {
            format!(
                r#"{{"uid":"u","managedFields":[
                    {{"manager":"m","operation":"Apply","fieldsV1":{{"f:spec":{{"f:template":{{}}}}}}}},
                    {{"manager":"{manager}","operation":"{operation}","subresource":"{below}",
                      "fieldsV1":{{"f:spec":{{"f:replicas":{{}}}}}}}}]}}"#
            )
        };
        let cases = [
            (owned("anybody", "Apply", ""), 1, ReplicasFrom::Manifest),
            (owned("helm", "Update", ""), 3, ReplicasFrom::Manifest),
            // It may be the default, which whoever creates an object owns as well.
            (owned("helm", "Update", ""), 1, ReplicasFrom::Others),
            (owned("kubectl-edit", "Update", ""), 3, ReplicasFrom::Others),
            (owned("kube-controller-manager", "Update", "scale"), 3, ReplicasFrom::Others),
            (r#"{"uid":"u"}"#.to_owned(), 3, ReplicasFrom::Unclear),
            (r#"{"uid":"u","managedFields":7}"#.to_owned(), 3, ReplicasFrom::Unclear),
            (r#"{"managedFields":null}"#.to_owned(), 3, ReplicasFrom::Manifest),
        ];
        for (metadata, replicas, wanted) in cases {
            assert_eq!(replicas_from(&metadata, replicas), wanted, "{metadata}");
        }
    }
}
