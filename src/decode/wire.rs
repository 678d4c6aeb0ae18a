//! The shape that every object shares: metadata, spec, status.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
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
    annotations: Annotations,
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

/// Field managers of Argo CD, Flux and Helm, which deliver what stands in a repository or a chart.
const PIPELINES: &[&str] = &[
    "argocd-application-controller",
    "argocd-controller",
    "helm",
    "helm-controller",
    "kustomize-controller",
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

    /// The `apiVersion` that a live object was last applied in, as its managers remember it.
    fn written_in(&self) -> Option<Text> {
        let own = || self.managed_fields.iter().filter(|entry| entry.subresource.is_empty());
        // Those who apply on the server stand first, and within each group the newest last.
        let applied = || own().rfind(|entry| entry.operation == "Apply");
        let by_update = || own().rfind(|entry| APPLIERS.contains(&entry.manager.as_str()));
        let entry = applied().or_else(by_update).or_else(|| own().next_back());
        entry.map(|entry| entry.api_version.clone()).filter(|version| !version.is_empty())
    }

    /// `default_namespace` is `None` for cluster-scoped kinds.
    pub(super) fn into_meta(self, default_namespace: Option<&str>) -> Meta {
        let written_in = self.written_in();
        let by_pipeline = self.managed_fields.iter().any(|entry| PIPELINES.contains(&entry.manager.as_str()));
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
            by_pipeline,
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

#[derive(Default, Deserialize)]
#[serde(default)]
struct LastAppliedWire {
    metadata: LastAppliedMetaWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LastAppliedMetaWire {
    annotations: LastAppliedAnnotationWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LastAppliedAnnotationWire {
    #[serde(rename = "kubectl.kubernetes.io/last-applied-configuration")]
    manifest: Option<String>,
}

/// The `apiVersion` of the manifest that `kubectl apply` remembers in an annotation. It is asked for only of the few
/// objects whose managers are not known, so the object is read again for it.
pub(super) fn last_applied_in(json: &str) -> Option<Text> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Head {
        api_version: Text,
    }
    let object: LastAppliedWire = serde_json::from_str(json).ok()?;
    let head: Head = serde_json::from_str(&object.metadata.annotations.manifest?).ok()?;
    Some(head.api_version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_manifest_is_remembered_by_its_managers_or_by_kubectl() {
        let meta = |json: &str| serde_json::from_str::<MetaWire>(json).unwrap().written_in();
        let by_managers = r#"{"managedFields":[
            {"manager":"flux","operation":"Apply","apiVersion":"apps/v1"},
            {"manager":"kubectl-client-side-apply","operation":"Update","apiVersion":"apps/v1beta1"},
            {"manager":"kube-controller-manager","operation":"Update","apiVersion":"apps/v1beta2","subresource":"status"}]}"#;
        assert_eq!(meta(by_managers), Some(Text::new("apps/v1")));
        assert_eq!(meta("{}"), None);
        let json = r#"{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":
            "{\"apiVersion\":\"batch/v1beta1\",\"kind\":\"CronJob\"}\n"}}}"#;
        assert_eq!(last_applied_in(json), Some(Text::new("batch/v1beta1")));
        assert_eq!(last_applied_in("{}"), None);
    }
}
