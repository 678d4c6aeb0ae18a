//! What `managedFields` remember of the manifest of a live object: its `apiVersion`, and who delivers it.
//!
//! Not its job: who owns which field (`wire`).

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::{Meta, Text};

/// An entry of `managedFields`; the fields themselves are long and are skipped.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EntryWire {
    api_version: Text,
    manager: Text,
    operation: Text,
    subresource: Text,
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

/// Notes on a live object what is remembered of its manifest. `json`: the whole object.
pub(super) fn note(meta: &mut Meta, managed_fields: Option<&RawValue>, json: &str) {
    // What cannot be read says nothing, as what is not there.
    let entries = managed_fields.and_then(|raw| serde_json::from_str(raw.get()).ok());
    let entries: Vec<EntryWire> = entries.unwrap_or_default();
    meta.by_pipeline = entries.iter().any(|entry| PIPELINES.contains(&entry.manager.as_str()));
    meta.written_in = written_in(&entries).or_else(|| last_applied_in(json));
}

fn written_in(entries: &[EntryWire]) -> Option<Text> {
    let own = || entries.iter().filter(|entry| entry.subresource.is_empty());
    // Those who apply on the server stand first, and within each group the newest last.
    let applied = || own().rfind(|entry| entry.operation == "Apply");
    let by_update = || own().rfind(|entry| APPLIERS.contains(&entry.manager.as_str()));
    let entry = applied().or_else(by_update).or_else(|| own().next_back());
    entry.map(|entry| entry.api_version.clone()).filter(|version| !version.is_empty())
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
fn last_applied_in(json: &str) -> Option<Text> {
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
        let meta = |fields: &str, json: &str| {
            let raw: Box<RawValue> = serde_json::from_str(fields).unwrap();
            let mut meta = Meta::default();
            note(&mut meta, Some(&raw), json);
            (meta.written_in, meta.by_pipeline)
        };
        let managers = r#"[
            {"manager":"kustomize-controller","operation":"Apply","apiVersion":"apps/v1","fieldsV1":{"f:spec":{}}},
            {"manager":"kubectl-client-side-apply","operation":"Update","apiVersion":"apps/v1beta1"},
            {"manager":"kube-controller-manager","operation":"Update","apiVersion":"apps/v1beta2","subresource":"status"}]"#;
        assert_eq!(meta(managers, "{}"), (Some(Text::new("apps/v1")), true));
        let by_hand = managers.replace("kustomize-controller", "kubectl").replace("Apply", "Update");
        assert_eq!(meta(&by_hand, "{}"), (Some(Text::new("apps/v1beta1")), false));
        assert_eq!(meta("7", "{}"), (None, false));
        let json = r#"{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":
            "{\"apiVersion\":\"batch/v1beta1\",\"kind\":\"CronJob\"}\n"}}}"#;
        assert_eq!(meta("[]", json), (Some(Text::new("batch/v1beta1")), false));
    }
}
