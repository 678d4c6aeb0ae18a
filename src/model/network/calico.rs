//! Calico's NetworkPolicy and GlobalNetworkPolicy, in both of its API groups.
//!
//! Policies are asked by tier and order; a pod that one of them selects is closed to what none of them allows.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::super::Text;
use super::endpoint::all;
use super::{Action, Direction, Endpoint, Expression, LabelValue, PolicySide};

/// A Calico policy.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "PolicyWire")]
pub struct CalicoPolicy {
    /// `tier`; `default` when unset.
    pub tier: Text,
    /// `order`; unset comes last.
    pub order: Option<f64>,
    /// `selector`.
    pub selector: Expression,
    /// `namespaceSelector` of a GlobalNetworkPolicy.
    pub namespace_selector: Option<Expression>,
    /// Whether `serviceAccountSelector` narrows it down, by labels that are not looked at.
    pub by_service_account: bool,
    /// Whether it is about the interfaces of nodes and not about pods.
    pub for_hosts: bool,
    /// What it says about connections to the pods.
    pub ingress: PolicySide,
    /// What it says about connections from the pods.
    pub egress: PolicySide,
}

impl CalicoPolicy {
    /// Whether it selects a pod; `own`: the policy's namespace, empty when it has none.
    pub fn selects(&self, own: &Text, pod: &Endpoint<'_>) -> Option<bool> {
        if self.for_hosts || !(own.is_empty() || own == pod.namespace) {
            return Some(false);
        }
        let pods = self.selector.holds(&|key| match key {
            "projectcalico.org/namespace" => LabelValue::Is(pod.namespace.clone()),
            "projectcalico.org/orchestrator" => LabelValue::Is(Text::new("k8s")),
            _ if key.starts_with("projectcalico.org/") => LabelValue::Unknown,
            _ => pod.label(key),
        });
        let namespace = self.namespace_selector.as_ref().map_or(Some(true), |selector| {
            selector.holds(&|key| match key {
                "projectcalico.org/name" => LabelValue::Is(pod.namespace.clone()),
                _ => pod.namespace_label(key),
            })
        });
        all([pods, namespace, (!self.by_service_account).then_some(true)])
    }

    /// Whether part of what it selects by cannot be read here.
    pub fn is_opaque(&self) -> bool {
        self.by_service_account
            || self.selector.is_opaque()
            || self.namespace_selector.as_ref().is_some_and(Expression::is_opaque)
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
#[serde(rename_all = "camelCase", default)]
struct PolicyWire {
    tier: Text,
    order: Option<f64>,
    selector: Expression,
    namespace_selector: Option<Text>,
    service_account_selector: Expression,
    types: Vec<Text>,
    ingress: Vec<RuleWire>,
    egress: Vec<RuleWire>,
    #[serde(rename = "preDNAT")]
    pre_dnat: bool,
    do_not_track: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RuleWire {
    action: Text,
    source: BTreeMap<Text, Value>,
    destination: BTreeMap<Text, Value>,
    #[serde(flatten)]
    rest: BTreeMap<Text, IgnoredAny>,
}

impl RuleWire {
    /// What becomes of everything, if the rule is about everything. Its `metadata` narrows nothing down.
    fn for_everything(&self) -> Option<Action> {
        let narrow = |value: &Value| match value {
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
            Value::String(text) => !text.is_empty() && Expression::parse(text) != Expression::All,
            _ => true,
        };
        if self.rest.keys().any(|key| *key != "metadata")
            || self.source.values().chain(self.destination.values()).any(narrow)
        {
            return None;
        }
        match self.action.as_str() {
            "Allow" => Some(Action::Allow),
            "Deny" => Some(Action::Deny),
            "Pass" => Some(Action::Pass),
            _ => None,
        }
    }
}

impl From<PolicyWire> for CalicoPolicy {
    fn from(wire: PolicyWire) -> Self {
        let about = |direction: Direction, own: &[RuleWire], other: &[RuleWire]| {
            if wire.types.is_empty() {
                !own.is_empty() || (direction == Direction::Ingress && other.is_empty())
            } else {
                wire.types.iter().any(|t| t.as_str() == direction.to_string())
            }
        };
        let side = |direction, own: &[RuleWire], other: &[RuleWire]| {
            let isolates = about(direction, own, other);
            let otherwise = own.iter().find_map(RuleWire::for_everything).filter(|_| isolates);
            PolicySide { isolates, otherwise, rules: isolates && !own.is_empty() }
        };
        let ingress = side(Direction::Ingress, &wire.ingress, &wire.egress);
        let egress = side(Direction::Egress, &wire.egress, &wire.ingress);
        Self {
            tier: if wire.tier.is_empty() { Text::new("default") } else { wire.tier },
            order: wire.order,
            selector: wire.selector,
            namespace_selector: wire
                .namespace_selector
                .filter(|s| !s.is_empty())
                .map(|s| Expression::parse(&s)),
            by_service_account: wire.service_account_selector != Expression::All,
            for_hosts: wire.pre_dnat || wire.do_not_track,
            ingress,
            egress,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Labels;
    use super::super::PodLabels;
    use super::*;

    fn policy(json: &str) -> CalicoPolicy {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn types_follow_the_rules_that_there_are() {
        let isolates = |json: &str| (policy(json).ingress.isolates, policy(json).egress.isolates);
        assert_eq!(isolates("{}"), (true, false));
        assert_eq!(isolates(r#"{"egress":[{"action":"Deny"}]}"#), (false, true));
        assert_eq!(isolates(r#"{"ingress":[{"action":"Deny"}],"egress":[{"action":"Deny"}]}"#), (true, true));
        assert_eq!(isolates(r#"{"types":["Egress"]}"#), (false, true));
    }

    #[test]
    fn the_first_rule_for_everything_decides() {
        let otherwise = |rules: &str| policy(&format!(r#"{{"ingress":{rules}}}"#)).ingress.otherwise;
        assert_eq!(otherwise(r#"[{"action":"Allow"}]"#), Some(Action::Allow));
        assert_eq!(
            otherwise(r#"[{"action":"Allow","source":{},"destination":{"ports":[]}}]"#),
            Some(Action::Allow)
        );
        assert_eq!(
            otherwise(r#"[{"action":"Allow","source":{"selector":"app == 'a'"}},{"action":"Deny"}]"#),
            Some(Action::Deny)
        );
        assert_eq!(otherwise(r#"[{"action":"Log"},{"action":"Pass"}]"#), Some(Action::Pass));
        assert_eq!(otherwise(r#"[{"action":"Allow","protocol":"TCP"}]"#), None);
    }

    #[test]
    fn a_global_policy_selects_by_namespace_and_pod() {
        let shop = Text::new("shop");
        let labels: Labels = [(Text::new("app"), Text::new("web"))].into_iter().collect();
        let pod = |labels| Endpoint { namespace: &shop, namespace_labels: &Labels::default, labels };
        let of_web = PodLabels::OfTemplate(&labels);
        let system = policy(
            r#"{"namespaceSelector":"has(projectcalico.org/name) && projectcalico.org/name not in {'kube-system'}"}"#,
        );
        assert_eq!(system.selects(&Text::default(), &pod(PodLabels::OfAny)), Some(true));
        let web = policy(r#"{"selector":"app == 'web'"}"#);
        assert_eq!(web.selects(&shop, &pod(of_web)), Some(true));
        assert_eq!(web.selects(&shop, &pod(PodLabels::OfAny)), None);
        assert_eq!(web.selects(&Text::new("bank"), &pod(of_web)), Some(false));
        assert!(policy(r#"{"serviceAccountSelector":"team == 'a'"}"#).is_opaque());
    }
}
