//! Who may do what: ServiceAccounts, the rules of roles, and the bindings that grant them (RBAC).
//!
//! Not its job: what a grant amounts to (`checks`), or roles that the control plane provides but nobody has shown.

use serde::Deserialize;

use super::super::{Selector, Text};
use super::Reach;

/// A ServiceAccount.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAccount {
    /// `automountServiceAccountToken`; unset means true.
    #[serde(default)]
    pub automount_service_account_token: Option<bool>,
}

/// What a Role or ClusterRole allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoleRules {
    /// `rules`.
    pub rules: Vec<PolicyRule>,
    /// `aggregationRule` of a ClusterRole.
    pub aggregation_rule: Option<AggregationRule>,
}

/// `AggregationRule`: the control plane copies the rules of other ClusterRoles into this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AggregationRule {
    /// `clusterRoleSelectors`: a ClusterRole that any of them selects counts.
    pub cluster_role_selectors: Vec<Selector>,
}

/// `PolicyRule`. What it says of URLs that are no resources is not kept: no check asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyRule {
    /// `verbs`; `*` is every one.
    pub verbs: Box<[Text]>,
    /// `apiGroups`; `*` is every one, empty text the core group.
    pub api_groups: Box<[Text]>,
    /// `resources`: `pods`, `pods/exec`, `*/scale`, or `*` for every one with its subresources.
    pub resources: Box<[Text]>,
    /// `resourceNames`; when there are any, only objects of these names.
    pub resource_names: Box<[Text]>,
}

impl PolicyRule {
    /// Whether it allows a verb on a resource (`pods`, `pods/exec`) of a group, as the API server's authorizer decides
    /// for an object whose name is not among `resourceNames`.
    pub fn allows(&self, verb: &str, group: &str, resource: &str) -> bool {
        self.resource_names.is_empty() && self.allows_named(verb, group, resource)
    }

    /// Whether it allows a verb on some object of a resource.
    pub fn allows_named(&self, verb: &str, group: &str, resource: &str) -> bool {
        let is = |list: &[Text], wanted: &str| list.iter().any(|item| *item == "*" || *item == wanted);
        let subresource = resource.split_once('/').map(|(_, below)| below);
        let every = |item: &Text| item.strip_prefix("*/").is_some_and(|below| Some(below) == subresource);
        is(&self.verbs, verb)
            && is(&self.api_groups, group)
            && (is(&self.resources, resource) || self.resources.iter().any(every))
    }

    /// Whether it allows everything on everything.
    pub fn allows_all(&self) -> bool {
        let every = |list: &[Text]| list.iter().any(|item| *item == "*");
        self.resource_names.is_empty()
            && every(&self.verbs)
            && every(&self.api_groups)
            && every(&self.resources)
    }
}

/// A RoleBinding or ClusterRoleBinding.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "BindingWire")]
pub struct Binding {
    /// `roleRef`.
    pub role: RoleRef,
    /// `subjects`.
    pub subjects: Box<[BindingSubject]>,
    /// Whether it may bind a ServiceAccount of a namespace other than its own.
    far: bool,
}

/// `RoleRef`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RoleRef {
    /// `Role` or `ClusterRole`.
    pub kind: Text,
    /// Its name.
    pub name: Text,
}

/// `Subject` of a binding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct BindingSubject {
    /// `ServiceAccount`, `User` or `Group`.
    pub kind: Text,
    /// Its name.
    pub name: Text,
    /// The namespace of a ServiceAccount; empty means the binding's own.
    pub namespace: Text,
}

/// Every authenticated user and program.
const AUTHENTICATED: &str = "system:authenticated";
/// Every ServiceAccount.
const SERVICE_ACCOUNTS: &str = "system:serviceaccounts";

impl BindingSubject {
    /// Whether it is, or has in it, the ServiceAccount `name` of `namespace`; `home` is the binding's own namespace.
    pub fn covers(&self, home: &str, namespace: &str, name: &str) -> bool {
        match self.kind.as_str() {
            "ServiceAccount" => {
                let theirs = if self.namespace.is_empty() { home } else { self.namespace.as_str() };
                self.name == name && theirs == namespace
            }
            "Group" => {
                let group = self.name.as_str();
                let of_namespace =
                    group.strip_prefix(SERVICE_ACCOUNTS).and_then(|rest| rest.strip_prefix(':'));
                group == AUTHENTICATED || group == SERVICE_ACCOUNTS || of_namespace == Some(namespace)
            }
            // The name that the API server gives a ServiceAccount as a user.
            "User" => {
                let account =
                    self.name.strip_prefix("system:serviceaccount:").and_then(|a| a.split_once(':'));
                account == Some((namespace, name))
            }
            _ => false,
        }
    }

    /// Whether it may be in a namespace other than `home`; `None`: nobody knows which that is.
    fn is_elsewhere(&self, home: Option<&Text>) -> bool {
        let differs = |namespace: &str| home.is_none_or(|home| *home != namespace);
        match self.kind.as_str() {
            "ServiceAccount" => !self.namespace.is_empty() && differs(&self.namespace),
            "Group" => match self.name.strip_prefix(SERVICE_ACCOUNTS) {
                Some(rest) => rest.strip_prefix(':').is_none_or(differs),
                None => self.name == AUTHENTICATED,
            },
            "User" => self.name.starts_with("system:serviceaccount:"),
            _ => false,
        }
    }
}

impl Binding {
    /// Those of other namespaces as well where it may bind theirs.
    pub(super) fn reach(&self) -> Reach {
        if self.far { Reach::Cluster } else { Reach::Namespace }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BindingWire {
    #[serde(default)]
    metadata: HomeWire,
    role_ref: RoleRef,
    #[serde(default)]
    subjects: Box<[BindingSubject]>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HomeWire {
    namespace: Option<Text>,
}

impl From<BindingWire> for Binding {
    fn from(wire: BindingWire) -> Self {
        let home = wire.metadata.namespace.as_ref();
        let far = wire.subjects.iter().any(|subject| subject.is_elsewhere(home));
        Self { role: wire.role_ref, subjects: wire.subjects, far }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> PolicyRule {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_rule_allows_what_the_authorizer_allows() {
        let pods = rule(r#"{"verbs":["*"],"apiGroups":[""],"resources":["pods"]}"#);
        assert!(pods.allows("create", "", "pods"));
        assert!(!pods.allows("create", "", "pods/exec"), "a subresource is a resource of its own");
        assert!(!pods.allows("create", "apps", "pods"));
        let every = rule(r#"{"verbs":["create"],"apiGroups":["*"],"resources":["*"]}"#);
        assert!(every.allows("create", "", "pods/exec") && !every.allows("get", "", "pods"));
        let exec = rule(r#"{"verbs":["create"],"apiGroups":[""],"resources":["*/exec"]}"#);
        assert!(exec.allows("create", "", "pods/exec") && !exec.allows("create", "", "exec"));
        let one =
            rule(r#"{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["db"]}"#);
        assert!(!one.allows("get", "", "secrets") && one.allows_named("get", "", "secrets"));
    }

    #[test]
    fn a_subject_covers_service_accounts_in_every_way_that_kubernetes_knows() {
        let subject = |json: &str| -> BindingSubject { serde_json::from_str(json).unwrap() };
        for (json, covered) in [
            (r#"{"kind":"ServiceAccount","name":"api","namespace":"shop"}"#, true),
            (r#"{"kind":"ServiceAccount","name":"api"}"#, false),
            (r#"{"kind":"ServiceAccount","name":"api","namespace":"bank"}"#, false),
            (r#"{"kind":"Group","name":"system:serviceaccounts"}"#, true),
            (r#"{"kind":"Group","name":"system:serviceaccounts:shop"}"#, true),
            (r#"{"kind":"Group","name":"system:serviceaccounts:bank"}"#, false),
            (r#"{"kind":"Group","name":"system:authenticated"}"#, true),
            (r#"{"kind":"Group","name":"system:unauthenticated"}"#, false),
            (r#"{"kind":"User","name":"system:serviceaccount:shop:api"}"#, true),
            (r#"{"kind":"User","name":"api"}"#, false),
        ] {
            assert_eq!(subject(json).covers("bank", "shop", "api"), covered, "{json}");
        }
    }

    #[test]
    fn only_what_may_bind_others_reaches_them() {
        for (subject, far) in [
            (r#"{"kind":"ServiceAccount","name":"a","namespace":"shop"}"#, false),
            (r#"{"kind":"ServiceAccount","name":"a","namespace":"bank"}"#, true),
            (r#"{"kind":"Group","name":"system:serviceaccounts:shop"}"#, false),
            (r#"{"kind":"Group","name":"system:serviceaccounts:bank"}"#, true),
            (r#"{"kind":"Group","name":"system:serviceaccounts"}"#, true),
            (r#"{"kind":"Group","name":"admins"}"#, false),
            (r#"{"kind":"User","name":"jane"}"#, false),
        ] {
            let json = format!(
                r#"{{"metadata":{{"namespace":"shop"}},"roleRef":{{"kind":"Role","name":"r"}},"subjects":[{subject}]}}"#
            );
            let binding: Binding = serde_json::from_str(&json).unwrap();
            assert_eq!(binding.reach() == Reach::Cluster, far, "{subject}");
        }
    }
}
