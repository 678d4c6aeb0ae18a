//! `spec.remediation` of a policy: whether what is missing may be made, and what is said of it afterwards.
//!
//! Not its job: by which rules anything is made (`remedy`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a policy lets the controller make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Remediation {
    /// podDisruptionBudgets for workloads that keep two replicas or more and that no PodDisruptionBudget selects.
    #[serde(default)]
    pub pod_disruption_budgets: PodDisruptionBudgetRemediation,
}

impl Remediation {
    /// Whether anything is asked for.
    pub fn asks(&self) -> bool {
        let Self { pod_disruption_budgets } = self;
        pod_disruption_budgets.mode != RemediationMode::Disabled
    }
}

/// How missing PodDisruptionBudgets are remedied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodDisruptionBudgetRemediation {
    /// mode says whether missing PodDisruptionBudgets are left alone, announced, or made. Enabled needs the controller's flag `--remediation` as well.
    #[serde(default)]
    pub mode: RemediationMode,
    /// maxUnavailable of each PodDisruptionBudget that is made; one less than the fewest replicas where that is less.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub max_unavailable: i32,
    /// deletionPolicy says what becomes of PodDisruptionBudgets that were made, once no policy asks for them: left where they are, or deleted.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

fn one() -> i32 {
    1
}

impl Default for PodDisruptionBudgetRemediation {
    fn default() -> Self {
        Self {
            mode: RemediationMode::default(),
            max_unavailable: one(),
            deletion_policy: DeletionPolicy::default(),
        }
    }
}

/// How far remediation goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum RemediationMode {
    #[default]
    Disabled,
    DryRun,
    Enabled,
}

/// What becomes of an object that was made, once no policy asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum DeletionPolicy {
    #[default]
    Retain,
    Delete,
}

impl DeletionPolicy {
    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retain => "Retain",
            Self::Delete => "Delete",
        }
    }
}

/// What remediation under a policy came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemediationStatus {
    /// podDisruptionBudgets counts workloads by what became of their PodDisruptionBudget.
    #[serde(default)]
    pub pod_disruption_budgets: RemedyCounts,
}

/// Counts of objects by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemedyCounts {
    /// made objects that stand.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub made: i32,
    /// planned objects would be made if the mode were Enabled.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub planned: i32,
    /// pending objects will be made, and wait for something.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub pending: i32,
    /// refused objects are not made, for a reason that the report says.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub refused: i32,
    /// contested objects were taken away by somebody time and again, and are not made any more.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub contested: i32,
    /// conflicting objects are an older policy's, which asks for something else.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub conflicting: i32,
}

/// What was done about a result, or would be, or why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResultRemediation {
    /// state of the remediation.
    pub state: RemediationState,
    /// policy that decides.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 63))]
    pub policy: String,
    /// object that was made or would be, as Kind/name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 320))]
    pub object: Option<String>,
    /// reason for which nothing is made, or not yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 512))]
    pub reason: String,
}

/// What became of an object that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum RemediationState {
    Made,
    Planned,
    Pending,
    Refused,
    Contested,
}
