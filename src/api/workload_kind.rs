//! `workloadKinds` of a policy: kinds of workloads that Seaworthy does not know by itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of object that runs pods from a template, such as CloneSet.apps.kruise.io.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkloadKind {
    /// apiVersion of the objects, as group/version, in a version that the cluster serves.
    #[schemars(length(min = 3, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/v[a-z0-9]+$"))]
    pub api_version: String,
    /// kind of the objects.
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[A-Z][A-Za-z0-9]*$"))]
    pub kind: String,
    /// templatePath is where the pod template stands in an object.
    #[serde(default = "template")]
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"))]
    pub template_path: String,
    /// replicasPath is where the number of replicas stands; an object without it has one.
    #[serde(default = "replicas")]
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"))]
    pub replicas_path: String,
    /// selectorPath is where the selector of its pods stands, as a label selector or a map of labels.
    #[serde(default = "selector")]
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"))]
    pub selector_path: String,
}

fn template() -> String {
    "spec.template".to_owned()
}

fn replicas() -> String {
    "spec.replicas".to_owned()
}

fn selector() -> String {
    "spec.selector".to_owned()
}
