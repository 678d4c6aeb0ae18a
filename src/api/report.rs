//! `ComplianceReport`: the findings about one workload or one namespace. A record, so without spec and status.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, HaltedRemediation, ObjectMeta, ResultRemediation, Severity, Time, Truth};

/// The kind's name.
pub const REPORT_KIND: &str = "ComplianceReport";
/// The resource's name.
pub const REPORT_PLURAL: &str = "compliancereports";

/// The most results that a report lists.
pub const MAX_RESULTS: usize = 256;
/// The most characters of a message.
pub const MAX_MESSAGE: usize = 512;
/// The most policies that a report lists.
pub const MAX_POLICIES: usize = 16;
/// The most objects that a report says are not made again.
pub const MAX_HALTED: usize = 8;

/// ComplianceReport holds the findings about one workload, or about one namespace. The controller writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComplianceReport {
    /// metadata of the object.
    #[serde(default)]
    #[schemars(skip)]
    pub metadata: ObjectMeta,
    /// scope is the object that the report is about; it is in the report's namespace, or is that namespace.
    pub scope: Scope,
    /// compliant says whether no result at or above the threshold fails; Unknown when one of them could not be judged.
    pub compliant: Truth,
    /// score from 0 to 100: the weight of what passes of the weight of what passes or fails.
    #[schemars(range(min = 0, max = 100))]
    pub score: i32,
    /// policies that cover the object, with the generation evaluated.
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "atomic"))]
    pub policies: Vec<PolicyRef>,
    /// omittedPolicies counts the policies left out to keep the object small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub omitted_policies: Option<i32>,
    /// summary counts results. It is complete even when `results` was cut short.
    pub summary: Summary,
    /// workloads sums up the namespace; only in the namespace's own report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workloads: Option<WorkloadCounts>,
    /// omittedResults counts the results left out to keep the object small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub omitted_results: Option<i32>,
    /// results, failing first, by severity and then by name. Passing ones are left out unless a policy asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256), extend("x-kubernetes-list-type" = "atomic"))]
    pub results: Vec<ReportResult>,
    /// haltedRemediations are the objects that are not made again until the policy is changed, as somebody kept taking
    /// them away or workloads lost pods, whether or not a result is about them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "atomic"))]
    pub halted_remediations: Vec<HaltedRemediation>,
    /// conditions represent the latest available observations: Compliant, Evaluated.
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "atomic"))]
    pub conditions: Vec<Condition>,
    /// engineVersion is the version of the engine that judged.
    #[schemars(length(max = 32))]
    pub engine_version: String,
}

/// The object that a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "self.apiGroup == oldSelf.apiGroup && self.kind == oldSelf.kind && self.name == oldSelf.name",
    "message": "`scope` may not move to another object",
}]))]
pub struct Scope {
    /// apiGroup of the object; empty for the core group.
    #[schemars(length(max = 253))]
    pub api_group: String,
    /// kind of the object.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// name of the object.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// uid of the object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 64))]
    pub uid: String,
    /// generation of the object that was evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub generation: Option<i64>,
}

/// A policy that covers the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyRef {
    /// name of the ProductionPolicy.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// generation evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub generation: Option<i64>,
    /// profile resolved.
    #[schemars(length(max = 32))]
    pub profile: String,
}

/// How many results there are of each sort; the severities count failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// pass counts results.
    #[schemars(range(min = 0))]
    pub pass: i32,
    /// fail counts results.
    #[schemars(range(min = 0))]
    pub fail: i32,
    /// exempt counts results that fail, or cannot be judged, and are exempt.
    #[schemars(range(min = 0))]
    pub exempt: i32,
    /// notApplicable counts results.
    #[schemars(range(min = 0))]
    pub not_applicable: i32,
    /// unknown counts results.
    #[schemars(range(min = 0))]
    pub unknown: i32,
    /// critical counts failures of that severity.
    #[schemars(range(min = 0))]
    pub critical: i32,
    /// high counts failures of that severity.
    #[schemars(range(min = 0))]
    pub high: i32,
    /// medium counts failures of that severity.
    #[schemars(range(min = 0))]
    pub medium: i32,
    /// low counts failures of that severity.
    #[schemars(range(min = 0))]
    pub low: i32,
    /// info counts failures of that severity.
    #[schemars(range(min = 0))]
    pub info: i32,
}

impl Summary {
    /// The failures of one severity.
    pub fn failures(&self, severity: Severity) -> i32 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }

    /// The failures of a severity and of all worse ones.
    pub fn failures_from(&self, bar: Severity) -> i32 {
        Severity::WORST_FIRST.into_iter().filter(|s| *s >= bar).map(|s| self.failures(s)).sum()
    }
}

/// The workloads of a namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadCounts {
    /// total workloads that a policy covers.
    #[schemars(range(min = 0))]
    pub total: i32,
    /// nonCompliant workloads.
    #[schemars(range(min = 0))]
    pub non_compliant: i32,
    /// unknown workloads: nothing at the threshold fails, and something there could not be judged.
    #[schemars(range(min = 0))]
    pub unknown: i32,
}

/// One result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportResult {
    /// check is the name of the check.
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
    pub check: String,
    /// result of the evaluation.
    pub result: ResultWord,
    /// severity in force: the highest that any policy asks for.
    pub severity: Severity,
    /// message says what was found, why it matters and what to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 512))]
    pub message: String,
    /// container that the result is about, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub container: Option<String>,
    /// object other than the report's own that the result is about, as Kind/name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 320))]
    pub object: Option<String>,
    /// field is the path of the field at fault, such as spec.replicas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub field: Option<String>,
    /// evidence says what the result of an asked practice rests on: what was seen, or what somebody attests. Whatever else is absent here was observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// policies that ask for the check and get this result; left out where they are all of the report's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(max = 63)), extend("x-kubernetes-list-type" = "set"))]
    pub policies: Vec<String>,
    /// exemption by which the result is exempt, such as ComplianceExemption/name; of several the one that holds longest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 320))]
    pub exemption: Option<String>,
    /// exemptReason says why the exemption was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub exempt_reason: Option<String>,
    /// exemptUntil is when the exemption ends and the result fails again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Time>")]
    pub exempt_until: Option<Timestamp>,
    /// remediation says what was done about it, or would be; also of a result that passes thanks to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<ResultRemediation>,
    /// since is when the result was first seen in this state; left out where that is when the report was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Time>")]
    pub since: Option<Timestamp>,
}

/// What a result rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum Evidence {
    Observed,
    Attested,
}

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum ResultWord {
    Fail,
    Unknown,
    Exempt,
    Pass,
    NotApplicable,
}

impl ResultWord {
    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "Fail",
            Self::Unknown => "Unknown",
            Self::Exempt => "Exempt",
            Self::Pass => "Pass",
            Self::NotApplicable => "NotApplicable",
        }
    }
}
