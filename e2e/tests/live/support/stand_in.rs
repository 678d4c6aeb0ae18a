//! Stand-ins for the optional APIs: definitions of the right names that accept anything.
//!
//! Not its job: what the real definitions would refuse; their projects publish those, and no registry here has them.

use seaworthy::cluster::{Need, WATCHED};
use seaworthy::model::Kind;
use serde_json::{Value, json};

/// The definitions of every optional API that the controller watches.
pub fn optional_apis() -> Vec<Value> {
    WATCHED
        .iter()
        .filter(|watched| watched.need == Need::Optional)
        .map(|watched| definition(watched.kind))
        .collect()
}

fn definition(kind: Kind) -> Value {
    let info = kind.info();
    let name = info.name;
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": kind.resource(),
            // Groups below k8s.io are Kubernetes' own: a definition has to say who let it in.
            "annotations": { "api-approved.kubernetes.io": "unapproved, a stand-in for tests" },
        },
        "spec": {
            "group": info.group,
            "scope": if info.namespaced { "Namespaced" } else { "Cluster" },
            "names": { "kind": name, "plural": info.plural, "singular": name.to_lowercase(),
                       "listKind": format!("{name}List") },
            "versions": [{
                "name": info.version,
                "served": true,
                "storage": true,
                "subresources": { "status": {} },
                "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } },
            }],
        },
    })
}
