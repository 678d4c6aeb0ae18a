//! `customChecks` of a policy: requirements of one's own, as expressions over whole objects.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;

/// A requirement of one's own, as a CEL expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomCheck {
    /// name that results show: a DNS label that names the problem, and that no check of Seaworthy's has.
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
    pub name: String,
    /// title is the requirement, in one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 128))]
    pub title: String,
    /// severity of a failure.
    pub severity: Severity,
    /// appliesTo says which objects are judged; all workloads by default.
    #[serde(default)]
    pub applies_to: AppliesTo,
    /// when is an expression that says whether the check applies to the object; where it is false, it does not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 4096))]
    pub when: String,
    /// expression is true where the requirement is met. Variables: object, namespaceObject, and related.services and so on.
    #[schemars(length(min = 1, max = 4096))]
    pub expression: String,
    /// message of a failure: what is wrong, why it matters, and what to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 512))]
    pub message: String,
    /// messageExpression gives the message of a failure as a string; where it fails, message is used.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 4096))]
    pub message_expression: String,
    /// remediation is what to do, in one sentence; it follows the message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 256))]
    pub remediation: String,
}

/// Which objects a custom check judges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppliesTo {
    /// kinds of workloads, or Namespace; empty means all workloads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        inner(length(min = 1, max = 63), regex(pattern = r"^[A-Z][A-Za-z0-9]*$")),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub kinds: Vec<String>,
}

/// What is answered to a kind that custom checks cannot judge; `known`: those that no policy has to declare.
pub fn kinds_message<'k>(known: impl Iterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.collect();
    format!(
        "`appliesTo.kinds` of custom checks must be among {}, and the kinds of `workloadKinds`",
        known.join(", ")
    )
}
