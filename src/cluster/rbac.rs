//! The rights that the controller needs, from the table of kinds and from what it writes. Nothing is granted by hand.

use serde::Serialize;

use super::kinds::{Need, WATCHED};
use crate::api::{ATTESTATION_PLURAL, EXEMPTION_PLURAL, GROUP, POLICY_PLURAL, REPORT_PLURAL};
use crate::remedy::BUDGETED;

/// The name of the controller's Lease.
pub const LEASE: &str = "seaworthy-controller";

/// A rule of a Role or ClusterRole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// API groups.
    pub api_groups: Vec<String>,
    /// Resources.
    pub resources: Vec<String>,
    /// Names, where only some objects are meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// Verbs.
    pub verbs: Vec<String>,
}

fn rule(group: &str, resources: &[&str], verbs: &[&str]) -> Rule {
    let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
    Rule {
        api_groups: vec![group.to_owned()],
        resources: owned(resources),
        resource_names: Vec::new(),
        verbs: owned(verbs),
    }
}

/// Cluster-wide: read what is watched, write reports, the status of what people write, and Events. Never Secrets, never `*`.
pub fn cluster_rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for watched in WATCHED.iter().filter(|watched| watched.need != Need::Never) {
        let info = watched.kind.info();
        match rules.iter_mut().find(|rule| rule.api_groups == [info.group]) {
            Some(rule) => rule.resources.push(info.plural.to_owned()),
            None => rules.push(rule(info.group, &[info.plural], &["list", "watch"])),
        }
    }
    rules.push(rule(GROUP, &[POLICY_PLURAL, EXEMPTION_PLURAL], &["list", "watch"]));
    let written = [POLICY_PLURAL, EXEMPTION_PLURAL, ATTESTATION_PLURAL];
    let statuses = written.map(|plural| format!("{plural}/status"));
    rules.push(rule(GROUP, &statuses.each_ref().map(String::as_str), &["patch"]));
    // Server-side apply of an object that is not there yet needs `create` beside `patch`.
    rules.push(rule(GROUP, &[REPORT_PLURAL], &["list", "watch", "create", "patch", "delete"]));
    rules.push(rule("events.k8s.io", &["events"], &["create"]));
    rules
}

/// Cluster-wide, and only where whoever runs the controller lets it remedy what is missing (`--remediation`): to write
/// PodDisruptionBudgets, and to look at a workload just before.
pub fn remediation_rules() -> Vec<Rule> {
    let mut rules = vec![rule("policy", &["poddisruptionbudgets"], &["create", "patch", "delete"])];
    for kind in BUDGETED {
        let info = kind.info();
        match rules.iter_mut().find(|rule| rule.api_groups == [info.group]) {
            Some(rule) => rule.resources.push(info.plural.to_owned()),
            None => rules.push(rule(info.group, &[info.plural], &["get"])),
        }
    }
    rules
}

/// Cluster-wide, and only where whoever runs the controller lets it: to write NetworkPolicies, and to look at a
/// namespace just before.
pub fn network_rules() -> Vec<Rule> {
    vec![
        rule("networking.k8s.io", &["networkpolicies"], &["create", "patch", "delete"]),
        rule("", &["namespaces"], &["get"]),
    ]
}

/// In the controller's own namespace: its Lease. `create` cannot be bound to a name, the API does not know it yet.
pub fn namespace_rules() -> Vec<Rule> {
    let named = Rule {
        resource_names: vec![LEASE.to_owned()],
        ..rule("coordination.k8s.io", &["leases"], &["get", "update"])
    };
    vec![rule("coordination.k8s.io", &["leases"], &["create"]), named]
}
