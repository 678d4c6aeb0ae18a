//! `PracticeAttestation`: somebody says that a practice which no API shows was carried out; and how a policy asks for
//! one.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, LabelSelector, ObjectMeta, Severity, TargetRef, Time};

/// The kind's name.
pub const ATTESTATION_KIND: &str = "PracticeAttestation";
/// The resource's name.
pub const ATTESTATION_PLURAL: &str = "practiceattestations";
/// What stands before the practice in the name of its result.
pub const ATTESTATION_PREFIX: &str = "attestation-";

/// PracticeAttestation says that a practice which no API shows was carried out, for one workload or for a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PracticeAttestation {
    /// metadata of the object.
    #[serde(default)]
    #[schemars(skip)]
    pub metadata: ObjectMeta,
    /// spec is what is said.
    pub spec: AttestationSpec,
    /// status says for how long it counts. The controller writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<AttestationStatus>,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "self.practice == oldSelf.practice",
        "message": "`practice` is immutable; create another PracticeAttestation",
        "fieldPath": ".practice",
    },
    {
        "rule": "!has(self.expirationTime) || self.expirationTime > self.performedTime",
        "message": "`expirationTime` must be later than `performedTime`",
        "fieldPath": ".expirationTime",
    },
]))]
pub struct AttestationSpec {
    /// practice that was carried out, such as load-test.
    #[schemars(with = "Practice")]
    pub practice: String,
    /// targetRef is the workload that it was carried out for; the whole namespace when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_ref: Option<TargetRef>,
    /// What is said of the practice.
    #[serde(flatten)]
    pub statement: Statement,
}

/// The name of a practice: it fits an annotation's key, and a result's name with what stands before it there.
#[derive(JsonSchema)]
#[schemars(extend("minLength" = 1, "maxLength" = 51, "pattern" = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
struct Practice(#[expect(dead_code, reason = "only its schema is used")] String);

/// What is said of a practice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Statement {
    /// performedTime is when it was carried out. A time that is still to come does not count yet.
    #[schemars(with = "Time")]
    pub performed_time: Timestamp,
    /// performedBy names who carried it out: a person, a team or a job.
    #[schemars(length(min = 1, max = 253))]
    pub performed_by: String,
    /// outcome of the exercise. A failure voids what was attested for an earlier time.
    #[serde(default)]
    pub outcome: AttestedOutcome,
    /// summary for readers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 1024))]
    pub summary: String,
    /// evidence that supports what is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "atomic"))]
    pub evidence: Vec<EvidenceRef>,
    /// expirationTime ends it earlier than a policy's maxAgeDays does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Time>")]
    pub expiration_time: Option<Timestamp>,
}

/// How an exercise came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum AttestedOutcome {
    #[default]
    Passed,
    Failed,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRef {
    /// uri of the evidence. Nothing follows it; it is for readers.
    #[schemars(length(max = 2048), regex(pattern = r"^[a-z][a-z0-9+.-]*:"))]
    pub uri: String,
    /// digest of the evidence as algorithm:hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 140), regex(pattern = r"^sha(256|512):[a-f0-9]{64,128}$"))]
    pub digest: Option<String>,
}

/// For how long an attestation counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttestationStatus {
    /// observedGeneration is the generation last looked at.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub observed_generation: i64,
    /// expirationTime is when it stops counting, by its own or by the strictest policy that asks for it; absent when never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Time>")]
    pub expiration_time: Option<Timestamp>,
    /// conditions represent the latest available observations: Valid says whether it counts, Asked whether a policy asks for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 8),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"])
    )]
    pub conditions: Vec<Condition>,
}

/// A practice that a policy asks for. Each becomes the result attestation-PRACTICE of every workload that it selects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.attested) || !has(self.attested.expirationTime) || self.attested.expirationTime > self.attested.performedTime",
    "message": "`attested.expirationTime` must be later than `attested.performedTime`",
    "fieldPath": ".attested.expirationTime",
}]))]
pub struct AskedPractice {
    /// practice is the name of the practice, such as load-test.
    #[schemars(with = "Practice")]
    pub practice: String,
    /// severity of a missing, failed or stale attestation.
    #[serde(default = "medium")]
    pub severity: Severity,
    /// maxAgeDays is for how many days of 24 hours an attestation counts; it never goes stale when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650), extend("format" = "int32"))]
    pub max_age_days: Option<u32>,
    /// objectSelector narrows to the workloads that must be attested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_selector: Option<LabelSelector>,
    /// attested is the attestation itself, for what the owner of the policy does for all that it selects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attested: Option<Statement>,
}

fn medium() -> Severity {
    Severity::Medium
}
