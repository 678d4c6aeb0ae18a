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
