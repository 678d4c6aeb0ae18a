//! ClusterNetworkPolicy of policy.networking.k8s.io: what a cluster's administrators say before and after all others.
//!
//! Such a policy closes nothing by itself: what none of its rules names is for the next one to decide.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::{Selector, Text};
use super::endpoint::all;
use super::{Action, Direction, Endpoint, PolicySide};

/// When a ClusterNetworkPolicy is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum ClusterTier {
    /// Before all NetworkPolicies.
    #[default]
    Admin,
    /// Only where no NetworkPolicy isolates the pods.
    Baseline,
}

/// A ClusterNetworkPolicy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "PolicyWire")]
pub struct ClusterPolicy {
    /// `tier`.
    pub tier: ClusterTier,
    /// `priority`: the lowest is asked first.
    pub priority: i64,
    /// The namespaces of `subject`.
    pub namespaces: Selector,
    /// The pods of `subject` within them.
    pub pods: Selector,
    /// What it says about connections to the pods.
    pub ingress: PolicySide,
    /// What it says about connections from the pods.
    pub egress: PolicySide,
}

impl ClusterPolicy {
    /// Whether it is about a pod.
    pub fn selects(&self, pod: &Endpoint<'_>) -> Option<bool> {
        all([pod.is_in(&self.namespaces), pod.is_selected(&self.pods)])
    }

    /// What it says about a direction.
    pub fn side(&self, direction: Direction) -> PolicySide {
        match direction {
            Direction::Ingress => self.ingress,
            Direction::Egress => self.egress,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PolicyWire {
    tier: ClusterTier,
    priority: i64,
    subject: SubjectWire,
    ingress: Vec<RuleWire>,
    egress: Vec<RuleWire>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SubjectWire {
    namespaces: Option<Selector>,
    pods: Option<PodsWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodsWire {
    namespace_selector: Selector,
    pod_selector: Selector,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RuleWire {
    action: Text,
    from: Vec<PeerWire>,
    to: Vec<PeerWire>,
    #[serde(flatten)]
    rest: BTreeMap<Text, IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PeerWire {
    namespaces: Option<Selector>,
    pods: Option<PodsWire>,
    networks: Vec<Text>,
}

impl PeerWire {
    fn is_every_pod(&self) -> bool {
        let by_pod = |pods: &PodsWire| pods.namespace_selector.is_empty() && pods.pod_selector.is_empty();
        self.namespaces.as_ref().is_some_and(Selector::is_empty) || self.pods.as_ref().is_some_and(by_pod)
    }

    fn is_every_address(&self) -> bool {
        self.networks.iter().any(|network| network.ends_with("/0"))
    }
}

impl RuleWire {
    /// What becomes of everything, if the rule is about everything: of every pod, to which most policies are, and for
    /// an egress rule that opens, of every address as well.
    fn for_everything(&self) -> Option<Action> {
        if self.rest.keys().any(|key| *key != "name") {
            return None;
        }
        let closes = self.to.iter().any(|peer| peer.is_every_pod() || peer.is_every_address());
        let opens = self.to.iter().any(PeerWire::is_every_address);
        let from = self.from.iter().any(PeerWire::is_every_pod);
        match self.action.as_str() {
            "Accept" | "Allow" if from || opens => Some(Action::Allow),
            "Deny" if from || closes => Some(Action::Deny),
            "Pass" if from || opens => Some(Action::Pass),
            _ => None,
        }
    }
}

impl From<PolicyWire> for ClusterPolicy {
    fn from(wire: PolicyWire) -> Self {
        let side = |rules: &[RuleWire]| PolicySide {
            isolates: false,
            otherwise: rules.iter().find_map(RuleWire::for_everything),
            rules: !rules.is_empty(),
        };
        let SubjectWire { namespaces, pods } = wire.subject;
        let pods = pods.unwrap_or_default();
        Self {
            tier: wire.tier,
            priority: wire.priority,
            namespaces: namespaces.unwrap_or(pods.namespace_selector),
            pods: pods.pod_selector,
            ingress: side(&wire.ingress),
            egress: side(&wire.egress),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closes_nothing_but_what_it_denies() {
        let side = |rules: &str| {
            let json = format!(
                r#"{{"tier":"Admin","priority":5,"subject":{{"namespaces":{{}}}},"ingress":{rules}}}"#
            );
            serde_json::from_str::<ClusterPolicy>(&json).unwrap().ingress
        };
        assert_eq!(side("[]"), PolicySide::default());
        let deny = side(r#"[{"name":"all","action":"Deny","from":[{"namespaces":{}}]}]"#);
        assert_eq!(deny, PolicySide { isolates: false, otherwise: Some(Action::Deny), rules: true });
        let narrow = r#"[{"action":"Deny","from":[{"namespaces":{"matchLabels":{"a":"b"}}}]}]"#;
        let nothing = PolicySide { rules: true, ..PolicySide::default() };
        assert_eq!(side(narrow), nothing);
        let ports = r#"[{"action":"Deny","from":[{"namespaces":{}}],"protocols":[{"tcp":{}}]}]"#;
        assert_eq!(side(ports), nothing);
    }
}
