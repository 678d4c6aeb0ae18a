//! Exemptions: `ComplianceExemption`, the entries of a policy's `exemptions`, and its `exemptionPolicy`.
//!
//! Not its job: deciding what is exempt (`policy::exemption`).

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, LabelSelector, ObjectMeta, TargetRef, Time, Truth};

/// The kind's name.
pub const EXEMPTION_KIND: &str = "ComplianceExemption";
/// The resource's name.
pub const EXEMPTION_PLURAL: &str = "complianceexemptions";
/// What starts the key of an annotation that exempts: behind it is the check, and the value is the reason.
pub const EXEMPT_PREFIX: &str = "exempt.seaworthy.dev/";
/// What starts the key of an annotation that says until when, with the check behind it.
pub const EXEMPT_UNTIL_PREFIX: &str = "exempt-until.seaworthy.dev/";
/// What stands for every check.
pub const EVERY_CHECK: &str = "*";
/// The condition by which somebody who may write the status approves an exemption.
pub const APPROVED: &str = "Approved";
/// The fewest characters of a reason.
pub const MIN_REASON: usize = 10;
/// The most characters of a reason.
pub const MAX_REASON: usize = 1024;

/// What every exemption says, whoever grants it.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is the field of the same name")]
pub struct Terms<'a> {
    pub object_selector: Option<&'a LabelSelector>,
    pub checks: &'a [String],
    pub reason: &'a str,
    pub expiration_time: Option<Timestamp>,
    pub references: &'a [String],
}

/// Adds to a struct what every exemption says: serde cannot do that to one that refuses unknown fields.
macro_rules! with_terms {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident { $($(#[$of_field:meta])* pub $field:ident: $type:ty,)* }
    ) => {
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        $(#[$attribute])*
        pub struct $name {
            $($(#[$of_field])* pub $field: $type,)*
            /// objectSelector selects workloads by their own labels; the namespace's own results are not among them.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub object_selector: Option<LabelSelector>,
            /// checks are the names of the results that are exempt: checks, custom checks, attestations; '*' alone stands for all.
            #[schemars(
                length(min = 1, max = 64),
                inner(length(min = 1, max = 63), regex(pattern = r"^(\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$")),
                extend(
                    "x-kubernetes-list-type" = "set",
                    "x-kubernetes-validations" = [{
                        "rule": "!self.exists(c, c == '*') || self.size() == 1",
                        "message": "`checks`: '*' stands for all and must be the only entry",
                    }],
                )
            )]
            pub checks: Vec<String>,
            /// reason says why the risk is acceptable; it is shown in reports.
            #[schemars(
                length(max = 1024),
                extend("x-kubernetes-validations" = [{
                    "rule": "self.trim().size() >= 10",
                    "message": "`reason` must say in at least 10 characters why the risk is acceptable",
                }])
            )]
            pub reason: String,
            /// expirationTime is when the exemption ends: from that instant on, what it covered fails again.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schemars(with = "Option<Time>")]
            pub expiration_time: Option<Timestamp>,
            /// owner is who answers for the risk: a team, a person.
            #[serde(default, skip_serializing_if = "String::is_empty")]
            #[schemars(length(max = 253))]
            pub owner: String,
            /// approvedBy names who accepted the risk. It is a statement, not a proof: see a policy's `exemptionPolicy.approval`.
            #[serde(default, skip_serializing_if = "String::is_empty")]
            #[schemars(length(max = 253))]
            pub approved_by: String,
            /// references are links to tickets or decisions.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            #[schemars(
                length(max = 8),
                inner(length(max = 2048), regex(pattern = "^https?://")),
                extend("x-kubernetes-list-type" = "set")
            )]
            pub references: Vec<String>,
        }

        impl $name {
            /// What it says as every exemption does.
            pub fn terms(&self) -> Terms<'_> {
                Terms {
                    object_selector: self.object_selector.as_ref(),
                    checks: &self.checks,
                    reason: &self.reason,
                    expiration_time: self.expiration_time,
                    references: &self.references,
                }
            }
        }
    };
}

/// ComplianceExemption lets workloads of its namespace off named checks, for a reason and for a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComplianceExemption {
    /// metadata of the object.
    #[serde(default)]
    #[schemars(skip)]
    pub metadata: ObjectMeta,
    /// spec of the exemption.
    pub spec: ExemptionSpec,
    /// status is what the controller last saw of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ExemptionStatus>,
}

impl ComplianceExemption {
    /// Whether somebody who may write the status approved it as it is now.
    pub fn is_approved(&self) -> bool {
        let conditions = self.status.iter().flat_map(|status| &status.conditions);
        let mut approvals = conditions.filter(|c| c.type_ == APPROVED && c.status == Truth::True);
        // What was approved before an edit is something else.
        approvals.any(|c| c.observed_generation == Some(self.metadata.generation))
    }
}

with_terms! {
    /// What is exempt in a namespace, why, and until when. Without `targetRef` and `objectSelector`: all of the namespace.
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "!(has(self.targetRef) && has(self.objectSelector))",
        "message": "only one of `targetRef` and `objectSelector` may be specified",
        "fieldPath": ".objectSelector",
    }]))]
    pub struct ExemptionSpec {
        /// targetRef is the one workload, or the Namespace itself, that is exempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub target_ref: Option<TargetRef>,
    }
}

with_terms! {
    /// An exemption that the owner of a policy grants from it. Without selectors: all that the policy covers.
    pub struct PolicyExemption {
        /// name of the exemption.
        #[schemars(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
        pub name: String,
        /// namespaceSelector narrows to namespaces by label.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub namespace_selector: Option<LabelSelector>,
    }
}

/// What a policy lets others exempt from it: by ComplianceExemption and by annotation. Its own exemptions are not bound by this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExemptionPolicy {
    /// annotations says whether workloads and namespaces may be exempt by annotation.
    #[serde(default)]
    pub annotations: Permission,
    /// approval says whether a ComplianceExemption needs an Approved condition, of its present generation, before it applies. Annotations, which nobody can approve, do not apply then.
    #[serde(default)]
    pub approval: Approval,
    /// maxDurationDays is the longest that an exemption may run, from the creation of a ComplianceExemption, or from now on for an annotation. One without an end, or with a later one, does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub max_duration_days: Option<i32>,
    /// allowedChecks are the names of the results that may be exempt: all when absent, none when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 256),
        inner(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub allowed_checks: Option<Vec<String>>,
}

/// Whether something may be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum Permission {
    #[default]
    Allowed,
    Denied,
}

/// Whether an approval is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum Approval {
    #[default]
    NotRequired,
    Required,
}

/// What the controller last saw of an exemption.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExemptionStatus {
    /// observedGeneration is the generation last seen.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub observed_generation: i64,
    /// state sums it up: Pending an approval, Active, Unused (nothing fails that it covers), Expired, or Refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ExemptionState>,
    /// exemptResults counts the results that are exempt by it.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub exempt_results: i32,
    /// conditions represent the latest available observations: Ready, InForce, OverBroad; and Approved, which is not the controller's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 8),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"])
    )]
    pub conditions: Vec<Condition>,
}

/// How an exemption stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the words say it; docs on variants would change the schema's shape")]
pub enum ExemptionState {
    Active,
    Pending,
    Unused,
    Expired,
    Refused,
}

impl ExemptionState {
    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Pending => "Pending",
            Self::Unused => "Unused",
            Self::Expired => "Expired",
            Self::Refused => "Refused",
        }
    }
}

/// How the exemptions from a policy stand: those of the policy itself, and those by objects and annotations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExemptionCounts {
    /// active exemptions: something fails that they cover.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub active: i32,
    /// pending exemptions wait for an approval.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub pending: i32,
    /// unused exemptions: nothing fails that they cover.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub unused: i32,
    /// expired exemptions.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub expired: i32,
    /// refused exemptions: the policy does not permit them, or they say nothing that could be applied.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub refused: i32,
}

impl ExemptionCounts {
    /// Counts one more.
    pub fn add(&mut self, state: ExemptionState) {
        *match state {
            ExemptionState::Active => &mut self.active,
            ExemptionState::Pending => &mut self.pending,
            ExemptionState::Unused => &mut self.unused,
            ExemptionState::Expired => &mut self.expired,
            ExemptionState::Refused => &mut self.refused,
        } += 1;
    }
}
