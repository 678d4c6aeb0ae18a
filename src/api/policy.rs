//! `ProductionPolicy`: a baseline of production practices for the workloads of a set of namespaces.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    AskedPractice, CustomCheck, ExemptionPolicy, LabelSelector, ObjectMeta, PolicyExemption, PolicyStatus,
    Remediation, Severity, WorkloadKind,
};

/// The kind's name.
pub const POLICY_KIND: &str = "ProductionPolicy";
/// The resource's name.
pub const POLICY_PLURAL: &str = "productionpolicies";

/// ProductionPolicy is a baseline of production practices for the workloads of a set of namespaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProductionPolicy {
    /// metadata of the object.
    #[serde(default)]
    #[schemars(skip)]
    pub metadata: ObjectMeta,
    /// spec is the desired baseline.
    pub spec: PolicySpec,
    /// status is what the controller last saw; it counts, and never lists namespaces or workloads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<PolicyStatus>,
}

/// What a policy asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "self.profile.level != 'None' || (has(self.checks) && self.checks.size() > 0) || (has(self.attestations) && self.attestations.size() > 0) || (has(self.customChecks) && self.customChecks.size() > 0)",
    "message": "`checks`, `attestations` or `customChecks` must not be empty when `profile.level` is 'None'",
    "fieldPath": ".checks",
    "reason": "FieldValueRequired",
}]))]
pub struct PolicySpec {
    /// description says whom the policy is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 1024))]
    pub description: String,
    /// enforcement says whether the policy decides what reports say. Under 'Preview' it changes no report, and its
    /// status tells what would newly fail.
    #[serde(default)]
    pub enforcement: Enforcement,
    /// profile is the built-in set of checks that the policy starts from.
    #[serde(default)]
    pub profile: Profile,
    /// match selects what the policy covers.
    #[serde(rename = "match")]
    pub match_: Match,
    /// checks add to the profile, take from it, or tune it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 256),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub checks: Vec<CheckSetting>,
    /// attestations are practices that no API shows and that must be attested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 32),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["practice"])
    )]
    pub attestations: Vec<AskedPractice>,
    /// customChecks are requirements of one's own, as CEL expressions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 32),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub custom_checks: Vec<CustomCheck>,
    /// complianceThreshold is the lowest severity whose failures make a workload non-compliant.
    #[serde(default = "high")]
    pub compliance_threshold: Severity,
    /// exemptions that the owner of the policy grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 64),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub exemptions: Vec<PolicyExemption>,
    /// exemptionPolicy says what others may exempt from the policy.
    #[serde(default)]
    pub exemption_policy: ExemptionPolicy,
    /// remediation says what may be made where it is missing. Nothing is, unless it says so.
    #[serde(default)]
    pub remediation: Remediation,
    /// workloadKinds are further kinds of objects whose pods are judged under this policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["apiVersion", "kind"])
    )]
    pub workload_kinds: Vec<WorkloadKind>,
    /// reporting tunes what is written to the cluster.
    #[serde(default)]
    pub reporting: Reporting,
}

impl PolicySpec {
    /// What the API server makes of a policy that says only whom it covers.
    pub fn covering(match_: Match) -> Self {
        Self {
            description: String::new(),
            enforcement: Enforcement::default(),
            profile: Profile::default(),
            match_,
            checks: Vec::new(),
            attestations: Vec::new(),
            custom_checks: Vec::new(),
            compliance_threshold: high(),
            exemptions: Vec::new(),
            exemption_policy: ExemptionPolicy::default(),
            remediation: Remediation::default(),
            workload_kinds: Vec::new(),
            reporting: Reporting::default(),
        }
    }
}

fn high() -> Severity {
    Severity::High
}

/// Whether a policy decides what reports say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum Enforcement {
    #[default]
    Enforced,
    Preview,
}

/// The built-in set of checks that a policy starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// level of the built-in profile; 'None' starts from nothing.
    #[serde(default)]
    pub level: Level,
    /// version pins the profile's content, so that an upgrade of the controller changes no result. 'latest' follows the controller.
    #[serde(default = "latest")]
    #[schemars(length(max = 16), regex(pattern = r"^(latest|v[0-9]+\.[0-9]+)$"))]
    pub version: String,
}

fn latest() -> String {
    "latest".to_owned()
}

impl Default for Profile {
    fn default() -> Self {
        Self { level: Level::default(), version: latest() }
    }
}

/// How much a profile asks for; each level has all that the one before has.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum Level {
    None,
    Baseline,
    #[default]
    Standard,
    Strict,
}

impl Level {
    /// Those that have checks, the least first.
    pub const WITH_CHECKS: [Self; 3] = [Self::Baseline, Self::Standard, Self::Strict];

    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Baseline => "Baseline",
            Self::Standard => "Standard",
            Self::Strict => "Strict",
        }
    }
}

/// What a policy covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Match {
    /// namespaceSelector selects namespaces by label; {} selects all but the excluded ones.
    pub namespace_selector: LabelSelector,
    /// objectSelector narrows to workloads whose own labels match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_selector: Option<LabelSelector>,
    /// excludeNamespaces are namespaces that the policy never covers, whatever their labels.
    #[serde(default = "system_namespaces")]
    #[schemars(
        length(max = 256),
        inner(length(min = 1, max = 63)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub exclude_namespaces: Vec<String>,
}

fn system_namespaces() -> Vec<String> {
    ["kube-system", "kube-public", "kube-node-lease"].map(str::to_owned).to_vec()
}

/// One setting of a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.parameters) || self.state == 'Enabled'",
    "message": "`parameters` may not be specified when `state` is 'Disabled'",
    "fieldPath": ".parameters",
    "reason": "FieldValueForbidden",
}]))]
pub struct CheckSetting {
    /// name of the check, as `seaworthy checks list` shows it.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// state adds the check to the profile's set or takes it out.
    #[serde(default)]
    pub state: State,
    /// severity overrides the check's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// parameters tune the named check. Each member belongs to the checks that its description names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minProperties" = 1))]
    pub parameters: Option<BTreeMap<String, Value>>,
}

/// Whether a check is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum State {
    #[default]
    Enabled,
    Disabled,
}

/// What is written to the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reporting {
    /// passed says whether passing results are listed in reports or only counted.
    #[serde(default)]
    pub passed: Passed,
    /// events says whether a change of a workload's verdict is announced as an Event on it.
    #[serde(default)]
    pub events: EventMode,
}

/// Whether passing results are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum Passed {
    #[default]
    Omit,
    Include,
}

/// Whether changes of a verdict are announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum EventMode {
    #[default]
    OnTransition,
    Disabled,
}
