//! The shape that every object shares: metadata, spec, status.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::model::{Annotations, Labels, Meta, Owner, ReplicasFrom, Text, UnknownFields};

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
    annotations: AnnotationsWire,
    creation_timestamp: Option<Timestamp>,
    deletion_timestamp: Option<Timestamp>,
    owner_references: Vec<OwnerWire>,
    managed_fields: Vec<ManagerWire>,
}

/// An entry of `managedFields`, of which one field is asked for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ManagerWire {
    api_version: Text,
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

/// Where `kubectl apply` keeps what was applied.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The annotations that checks read, and one thing about the manifest that another one holds.
#[derive(Default)]
struct AnnotationsWire {
    kept: Annotations,
    last_applied_in: Option<Text>,
}

impl<'de> Deserialize<'de> for AnnotationsWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnnotationsVisitor)
    }
}

struct AnnotationsVisitor;

impl<'de> Visitor<'de> for AnnotationsVisitor {
    type Value = AnnotationsWire;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnnotationsWire, A::Error> {
        let (mut kept, mut last_applied_in) = (Vec::new(), None);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if Annotations::are_kept_of(&key) {
                kept.push((Text::new(&key), map.next_value()?));
            } else if key == LAST_APPLIED {
                last_applied_in = map.next_value::<VersionWithin>()?.0;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(AnnotationsWire { kept: kept.into_iter().collect(), last_applied_in })
    }

    fn visit_unit<E>(self) -> Result<AnnotationsWire, E> {
        Ok(AnnotationsWire::default())
    }
}

/// The `apiVersion` of a manifest in a text. `kubectl` sorts by name, so that it stands first and the rest, which is
/// long, need not be read.
struct VersionWithin(Option<Text>);

impl<'de> Deserialize<'de> for VersionWithin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let rest = text.trim_start().strip_prefix("{\"apiVersion\":\"");
        Ok(Self(rest.and_then(|rest| rest.split_once('"')).map(|(version, _)| Text::new(version))))
    }
}

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

    /// The `apiVersion` that a live object was last applied in, as its managers or its annotation remember it.
    fn written_in(&self) -> Option<Text> {
        let own = || self.managed_fields.iter().filter(|entry| entry.subresource.is_empty());
        // Those who apply on the server stand first, and within each group the newest last.
        let applied = || own().rfind(|entry| entry.operation == "Apply");
        let by_update = || own().rfind(|entry| APPLIERS.contains(&entry.manager.as_str()));
        let entry = applied().or_else(by_update).or_else(|| own().next_back());
        let version = entry.map(|entry| entry.api_version.clone()).filter(|version| !version.is_empty());
        version.or_else(|| self.annotations.last_applied_in.clone())
    }

    /// `default_namespace` is `None` for cluster-scoped kinds.
    pub(super) fn into_meta(self, default_namespace: Option<&str>) -> Meta {
        let written_in = self.written_in();
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
            annotations: self.annotations.kept,
            created: self.creation_timestamp,
            terminating: self.deletion_timestamp.is_some(),
            controller: owner.map(|owner| Owner {
                group: Text::new(group_of(&owner.api_version)),
                kind: owner.kind,
                name: owner.name,
            }),
            written_in,
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
