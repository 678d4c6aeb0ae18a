//! What all kinds use: severities, categories, levels, conditions, selectors.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::API_VERSION;

/// How bad a failing check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// Every severity, worst first.
    pub const WORST_FIRST: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "Info",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }

    /// What a result of this severity weighs in a score.
    pub fn weight(self) -> u64 {
        match self {
            Self::Critical => 10,
            Self::High => 7,
            Self::Medium => 4,
            Self::Low => 1,
            Self::Info => 0,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum Category {
    Images,
    Health,
    Lifecycle,
    Resources,
    Scaling,
    Availability,
    Rollout,
    Networking,
    Storage,
    Configuration,
    PodSecurity,
    Identity,
    Observability,
    Delivery,
    Jobs,
    Namespaces,
    Practices,
}

impl Category {
    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Images => "Images",
            Self::Health => "Health",
            Self::Lifecycle => "Lifecycle",
            Self::Resources => "Resources",
            Self::Scaling => "Scaling",
            Self::Availability => "Availability",
            Self::Rollout => "Rollout",
            Self::Networking => "Networking",
            Self::Storage => "Storage",
            Self::Configuration => "Configuration",
            Self::PodSecurity => "PodSecurity",
            Self::Identity => "Identity",
            Self::Observability => "Observability",
            Self::Delivery => "Delivery",
            Self::Jobs => "Jobs",
            Self::Namespaces => "Namespaces",
            Self::Practices => "Practices",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A truth that may not be known; the words of a condition's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum Truth {
    True,
    False,
    Unknown,
}

impl Truth {
    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Condition is the metav1.Condition of the Kubernetes API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// type of condition in CamelCase.
    #[serde(rename = "type")]
    #[schemars(length(max = 316))]
    pub type_: String,
    /// status of the condition.
    pub status: Truth,
    /// observedGeneration is the metadata.generation that the condition was set upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub observed_generation: Option<i64>,
    /// lastTransitionTime is when the condition last changed from one status to another.
    #[schemars(with = "Time")]
    pub last_transition_time: Timestamp,
    /// reason is a CamelCase word for the cause of the last transition.
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"))]
    pub reason: String,
    /// message is a sentence for people; it may be empty.
    #[schemars(length(max = 2048))]
    pub message: String,
}

/// The schema of an RFC 3339 time.
#[derive(JsonSchema)]
#[schemars(extend("format" = "date-time"))]
pub struct Time(#[expect(dead_code, reason = "only its schema is used")] String);

/// An object of ours with `apiVersion` and `kind` around it, as the API has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document<'a, T> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    object: &'a T,
}

impl<'a, T> Document<'a, T> {
    /// `apiVersion` and `kind` around an object.
    pub fn new(kind: &'static str, object: &'a T) -> Self {
        Self { api_version: API_VERSION, kind, object }
    }
}

/// The part of an object's metadata that this crate reads and writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectMeta {
    /// name of the object.
    pub name: String,
    /// namespace of the object; empty for cluster-scoped ones.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// uid of the object.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// generation of the spec.
    #[serde(skip_serializing_if = "is_zero")]
    pub generation: i64,
    /// resourceVersion of the object.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource_version: String,
    /// creationTimestamp of the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<Timestamp>,
    /// deletionTimestamp, once deletion has begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<Timestamp>,
    /// labels of the object.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// ownerReferences of the object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owner_references: Vec<OwnerReference>,
}

fn is_zero(n: &i64) -> bool {
    *n == 0
}

/// An owner of an object: when the owner goes, Kubernetes deletes the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerReference {
    /// apiVersion of the owner.
    pub api_version: String,
    /// kind of the owner.
    pub kind: String,
    /// name of the owner.
    pub name: String,
    /// uid of the owner.
    pub uid: String,
    /// controller says whether the owner manages the object; a report only follows its subject.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub controller: bool,
    /// blockOwnerDeletion makes the owner's deletion wait for the object's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub block_owner_deletion: bool,
}

/// A workload, or a Namespace, in the namespace of whoever names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetRef {
    /// apiGroup of the object; empty for the core group.
    #[schemars(length(max = 253))]
    pub api_group: String,
    /// kind of the object.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// name of the object.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// A label selector, as people write it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-map-type" = "atomic"))]
pub struct LabelSelector {
    /// matchLabels is a map of {key,value} pairs; every pair must match.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 16), with = "BTreeMap<String, LabelValue>")]
    pub match_labels: BTreeMap<String, String>,
    /// matchExpressions is a list of label selector requirements, all of which must match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "atomic"))]
    pub match_expressions: Vec<LabelSelectorRequirement>,
}

/// A label's value.
#[derive(JsonSchema)]
#[schemars(extend("maxLength" = 63))]
pub struct LabelValue(#[expect(dead_code, reason = "only its schema is used")] String);

/// A label selector requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "self.operator in ['In', 'NotIn'] ? has(self.values) && self.values.size() > 0 : !has(self.values) || self.values.size() == 0",
    "message": "`values` must be non-empty for In and NotIn, and empty for Exists and DoesNotExist",
    "fieldPath": ".values",
}]))]
pub struct LabelSelectorRequirement {
    /// key is the label key that the requirement applies to.
    #[schemars(length(min = 1, max = 317))]
    pub key: String,
    /// operator relates the key to the values.
    pub operator: SelectorOperator,
    /// values must be non-empty for In and NotIn, and empty for Exists and DoesNotExist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(max = 63)), extend("x-kubernetes-list-type" = "atomic"))]
    pub values: Vec<String>,
}

/// How a requirement relates a key to its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum SelectorOperator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}
