//! `spec.remediation` of a policy: whether what is missing may be made, and what is said of it afterwards.
//!
//! Not its job: by which rules anything is made (`remedy`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LabelSelector;

/// What a policy lets the controller make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Remediation {
    /// podDisruptionBudgets for workloads that keep two replicas or more and that no PodDisruptionBudget selects.
    #[serde(default)]
    pub pod_disruption_budgets: PodDisruptionBudgetRemediation,
    /// networkPolicies for namespaces that have no NetworkPolicy.
    #[serde(default)]
    pub network_policies: NetworkPolicyRemediation,
}

impl Remediation {
    /// Whether anything is asked for.
    pub fn asks(&self) -> bool {
        let Self { pod_disruption_budgets, network_policies } = self;
        [pod_disruption_budgets.mode, network_policies.mode]
            .iter()
            .any(|mode| *mode != RemediationMode::Disabled)
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

/// How missing default NetworkPolicies are remedied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.mode) || self.mode == 'Disabled' || (has(self.presets) && self.presets.exists(p, p in ['DenyIngress', 'DenyEgress']))",
    "message": "`presets` must include 'DenyIngress' or 'DenyEgress' unless `mode` is 'Disabled', as nothing has to be allowed where nothing is denied",
    "fieldPath": ".presets",
}, {
    "rule": "!has(self.presets) || !('DenyEgress' in self.presets) || 'AllowDNS' in self.presets",
    "message": "`presets` must include 'AllowDNS' when 'DenyEgress' is included",
    "fieldPath": ".presets",
}, {
    "rule": "(has(self.presets) && 'AllowFromNamespaces' in self.presets) == (has(self.allowFromNamespaces) && self.allowFromNamespaces.size() > 0)",
    "message": "`allowFromNamespaces` must be given when, and only when, `presets` include 'AllowFromNamespaces'",
    "fieldPath": ".allowFromNamespaces",
}]))]
pub struct NetworkPolicyRemediation {
    /// mode says whether missing NetworkPolicies are left alone, announced, or made. Enabled needs the controller's flag `--remediation` as well.
    #[serde(default)]
    pub mode: RemediationMode,
    /// presets say what is denied, and what stays allowed all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5), extend("x-kubernetes-list-type" = "set"))]
    pub presets: Vec<NetworkPreset>,
    /// allowFromNamespaces selects the namespaces that the preset AllowFromNamespaces allows to connect, such as those of ingress controllers and of monitoring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), extend("x-kubernetes-list-type" = "atomic"))]
    pub allow_from_namespaces: Vec<LabelSelector>,
    /// stageSize says in how many namespaces at most NetworkPolicies are on trial at one time.
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 1000))]
    pub stage_size: i32,
    /// stageSeconds says how long the workloads of a namespace have to stay available before the next namespace is begun with. Where they do not, the namespace is rolled back.
    #[serde(default = "ten_minutes")]
    #[schemars(range(min = 1, max = 86400))]
    pub stage_seconds: i32,
    /// deletionPolicy says what becomes of NetworkPolicies that were made, once no policy asks for them: left where they are, or deleted.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

fn three() -> i32 {
    3
}

fn ten_minutes() -> i32 {
    600
}

impl Default for NetworkPolicyRemediation {
    fn default() -> Self {
        Self {
            mode: RemediationMode::default(),
            presets: Vec::new(),
            allow_from_namespaces: Vec::new(),
            stage_size: three(),
            stage_seconds: ten_minutes(),
            deletion_policy: DeletionPolicy::default(),
        }
    }
}

impl NetworkPolicyRemediation {
    /// Whether a preset is among them.
    pub fn has(&self, preset: NetworkPreset) -> bool {
        self.presets.contains(&preset)
    }
}

/// What is denied to the pods of a namespace, or stays allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum NetworkPreset {
    AllowSameNamespace,
    #[serde(rename = "AllowDNS")]
    AllowDns,
    AllowFromNamespaces,
    DenyIngress,
    DenyEgress,
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
    /// networkPolicies counts NetworkPolicies by what became of them.
    #[serde(default)]
    pub network_policies: RemedyCounts,
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
    /// rolledBack objects were taken away again, as workloads lost pods after they had been made.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub rolled_back: i32,
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

/// An object that is not made again for as long as the policy stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HaltedRemediation {
    /// object that is not made again, as Kind/name.
    #[schemars(length(min = 1, max = 320))]
    pub object: String,
    /// state that it came to: Contested or RolledBack.
    pub state: RemediationState,
    /// policy that asked for it.
    #[schemars(length(min = 1, max = 63))]
    pub policy: String,
    /// generation of the policy at that time.
    #[schemars(range(min = 0))]
    pub generation: i64,
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
    RolledBack,
}
