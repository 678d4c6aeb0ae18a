//! `status` of a policy: numbers and conditions, never names of workloads.
//!
//! Not its job: what the numbers are (`report::status`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, ExemptionCounts, RemediationStatus, Summary};

/// What the controller last saw of a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyStatus {
    /// observedGeneration is the generation last evaluated.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub observed_generation: i64,
    /// profile is the resolved profile, such as 'Standard/v1.0'.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 32))]
    pub profile: String,
    /// checks is the number of checks in force.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub checks: i32,
    /// namespaces covered.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub namespaces: i32,
    /// workloads covered.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub workloads: i32,
    /// nonCompliantWorkloads have a failure at or above the threshold.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub non_compliant_workloads: i32,
    /// score from 0 to 100 over all results of all that is covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub score: Option<i32>,
    /// failures counts failing results by severity.
    #[serde(default)]
    pub failures: Failures,
    /// preview tells what would newly fail if the policy were enforced; only while it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<PreviewStatus>,
    /// exemptResults counts the results that are exempt from the policy.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub exempt_results: i32,
    /// exemptions counts those that concern what the policy covers, by how each stands under it.
    #[serde(default)]
    pub exemptions: ExemptionCounts,
    /// remediation counts what was made, or would be; only where the policy asks for it, or something of it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<RemediationStatus>,
    /// conditions represent the latest available observations of the policy's state: Accepted, Ready, Compliant, and Remediated where it asks for remediation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 8),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"])
    )]
    pub conditions: Vec<Condition>,
}

/// The most checks that a preview lists.
pub const MAX_PREVIEW_CHECKS: usize = 32;

/// What would newly fail if a policy were enforced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewStatus {
    /// workloads that would newly be non-compliant.
    #[schemars(range(min = 0))]
    pub workloads: i32,
    /// namespaces whose own checks would newly fail.
    #[schemars(range(min = 0))]
    pub namespaces: i32,
    /// checks that would newly fail at the threshold or above, those on most subjects first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 32),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"])
    )]
    pub checks: Vec<PreviewCheck>,
    /// omittedChecks counts the checks left out of a list that would be too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub omitted_checks: Option<i32>,
}

/// A check that would newly fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreviewCheck {
    /// name of the check.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// subjects on which it would newly fail: workloads and namespaces.
    #[schemars(range(min = 1))]
    pub subjects: i32,
}

/// Failing results by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failures {
    /// critical failures.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub critical: i32,
    /// high failures.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub high: i32,
    /// medium failures.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub medium: i32,
    /// low failures.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub low: i32,
    /// info failures.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub info: i32,
}

impl From<&Summary> for Failures {
    fn from(summary: &Summary) -> Self {
        let Summary { critical, high, medium, low, info, .. } = *summary;
        Self { critical, high, medium, low, info }
    }
}
