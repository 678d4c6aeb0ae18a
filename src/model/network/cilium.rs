//! CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy.
//!
//! A rule isolates the endpoints that it selects for a direction as soon as it has an entry for it, be it an empty
//! one: `ingress: [{}]` allows nothing, unlike a NetworkPolicy's. `enableDefaultDeny` may say otherwise.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::super::{IntOrString, Requirement, Selector, Text};
use super::endpoint::{all, any};
use super::{Action, Direction, Endpoint, LabelValue, PolicySide};

/// The rules of a policy: `spec`, and those of `specs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "PolicyWire")]
pub struct CiliumPolicy {
    /// The rules.
    pub rules: Vec<CiliumRule>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CiliumRule {
    /// `endpointSelector`, its keys without the source `k8s:`; `None` when the rule is about nodes.
    pub endpoints: Option<Selector>,
    /// What it says about connections to the endpoints.
    pub ingress: CiliumSide,
    /// What it says about connections from the endpoints.
    pub egress: CiliumSide,
}

/// What a rule says about one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CiliumSide {
    /// Whether the endpoints are closed to what no rule allows.
    pub isolates: bool,
    /// What it allows.
    pub allows: Vec<CiliumAllow>,
    /// Whether it denies anything, which no rule can allow again.
    pub denies: bool,
}

/// An entry of `ingress` or `egress`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CiliumAllow {
    /// `fromEndpoints` or `toEndpoints`, their keys without the source `k8s:`.
    pub endpoints: Option<Vec<Selector>>,
    /// `fromEntities` or `toEntities`.
    pub entities: Vec<Text>,
    /// `toServices`: which pods that means is not resolved here.
    pub services: bool,
    /// Whether it names peers in yet another way: addresses, names, nodes, groups.
    pub elsewhere: bool,
    /// `toPorts`; empty means every port.
    pub ports: Vec<CiliumPort>,
    /// Whether it narrows itself down in yet another way, such as `icmps`.
    pub narrowed: bool,
}

/// A port of `toPorts`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CiliumPort {
    /// `port`: a number, as a text, or a name; 0 means every port.
    #[serde(default)]
    pub port: Option<IntOrString>,
    /// `endPort`.
    #[serde(default)]
    pub end_port: Option<i64>,
    /// `protocol`; empty and `ANY` mean every protocol.
    #[serde(default)]
    pub protocol: Text,
}

impl CiliumPolicy {
    /// Whether a rule of it selects an endpoint; `own`: the policy's namespace, empty when it has none.
    pub fn selecting<'a>(
        &'a self,
        own: &'a Text,
        pod: &'a Endpoint<'_>,
    ) -> impl Iterator<Item = (&'a CiliumRule, Option<bool>)> {
        let inside = own.is_empty() || own == pod.namespace;
        let rules = self.rules.iter().filter(move |_| inside);
        rules.filter_map(|rule| Some((rule, selects(rule.endpoints.as_ref()?, pod))))
    }
}

impl CiliumRule {
    /// What it says about a direction, in full.
    pub fn about(&self, direction: Direction) -> &CiliumSide {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    /// What it says about a direction.
    pub fn side(&self, direction: Direction) -> PolicySide {
        let side = self.about(direction);
        let open = side.allows.iter().any(CiliumAllow::is_for_everything);
        PolicySide {
            isolates: side.isolates,
            otherwise: open.then_some(Action::Allow),
            rules: side.denies || !side.allows.is_empty(),
        }
    }
}

impl CiliumAllow {
    fn is_for_everything(&self) -> bool {
        self.entities.iter().any(|entity| *entity == "all") && self.ports.is_empty() && !self.narrowed
    }

    /// Whether it names a pod as a peer. `own`: the policy's namespace, empty when it has none.
    pub fn names(&self, own: &Text, pod: &Endpoint<'_>) -> Option<bool> {
        let inside = |entity: &Text| *entity == "all" || *entity == "cluster";
        if self.entities.iter().any(inside) {
            return Some(true);
        }
        if self.services {
            return None;
        }
        match &self.endpoints {
            Some(selectors) => any(selectors.iter().map(|selector| {
                let elsewhere = selector.names_namespace() || own.is_empty() || own == pod.namespace;
                all([Some(elsewhere), selects(selector, pod)])
            })),
            // Ports alone are about everybody; an entry without anything allows nothing.
            None => Some(self.entities.is_empty() && !self.elsewhere && !self.ports.is_empty()),
        }
    }
}

impl CiliumPort {
    /// Whether it covers a port. `named` gives the numbers that a name of a port stands for.
    pub fn covers(&self, protocol: &str, number: i64, named: &dyn Fn(&Text) -> Vec<i64>) -> bool {
        let any = self.protocol.is_empty() || self.protocol.eq_ignore_ascii_case("any");
        let first = match &self.port {
            None => Some(0),
            Some(IntOrString::Int(first)) => Some(*first),
            Some(IntOrString::String(text)) => text.parse().ok(),
        };
        let fits = match (first, &self.port) {
            (Some(0), _) => true,
            (Some(first), _) => (first..=self.end_port.unwrap_or(first).max(first)).contains(&number),
            (None, Some(IntOrString::String(name))) => named(name).contains(&number),
            (None, _) => false,
        };
        fits && (any || self.protocol.eq_ignore_ascii_case(protocol))
    }
}

const NAMESPACE: &str = "io.kubernetes.pod.namespace";
const NAMESPACE_LABELS: &str = "io.cilium.k8s.namespace.labels.";

impl Selector {
    fn names_namespace(&self) -> bool {
        let keys = self.match_labels.iter().map(|(key, _)| key);
        let mut keys = keys.chain(self.match_expressions.iter().map(|r| &r.key));
        keys.any(|key| *key == NAMESPACE || key.starts_with(NAMESPACE_LABELS))
    }
}

fn selects(selector: &Selector, pod: &Endpoint<'_>) -> Option<bool> {
    selector.selects(&|key| {
        if key == NAMESPACE {
            return LabelValue::Is(pod.namespace.clone());
        }
        match key.strip_prefix(NAMESPACE_LABELS) {
            Some(key) => pod.namespace_label(key),
            // Identities of Cilium's own, and labels of other sources.
            None if key.starts_with("io.cilium.") || key.contains(':') => LabelValue::Unknown,
            None => pod.label(key),
        }
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PolicyWire {
    spec: Option<RuleWire>,
    specs: Vec<RuleWire>,
}

impl From<PolicyWire> for CiliumPolicy {
    fn from(wire: PolicyWire) -> Self {
        Self { rules: wire.spec.into_iter().chain(wire.specs).map(CiliumRule::from).collect() }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RuleWire {
    endpoint_selector: Option<SelectorWire>,
    ingress: Vec<AllowWire>,
    ingress_deny: Vec<IgnoredAny>,
    egress: Vec<AllowWire>,
    egress_deny: Vec<IgnoredAny>,
    enable_default_deny: DefaultDenyWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DefaultDenyWire {
    ingress: Option<bool>,
    egress: Option<bool>,
}

impl From<RuleWire> for CiliumRule {
    fn from(wire: RuleWire) -> Self {
        let side = |allows: Vec<AllowWire>, denies: bool, said: Option<bool>| CiliumSide {
            isolates: said.unwrap_or(denies || !allows.is_empty()),
            allows: allows.into_iter().map(CiliumAllow::from).collect(),
            denies,
        };
        let said = wire.enable_default_deny;
        Self {
            endpoints: wire.endpoint_selector.map(|selector| selector.0),
            ingress: side(wire.ingress, !wire.ingress_deny.is_empty(), said.ingress),
            egress: side(wire.egress, !wire.egress_deny.is_empty(), said.egress),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AllowWire {
    #[serde(alias = "toEndpoints")]
    from_endpoints: Option<Vec<SelectorWire>>,
    #[serde(alias = "toEntities")]
    from_entities: Vec<Text>,
    to_services: Vec<IgnoredAny>,
    to_ports: Vec<PortsWire>,
    #[serde(flatten)]
    rest: BTreeMap<Text, IgnoredAny>,
}

#[derive(Deserialize)]
struct PortsWire {
    #[serde(default)]
    ports: Vec<CiliumPort>,
}

impl From<AllowWire> for CiliumAllow {
    fn from(wire: AllowWire) -> Self {
        let peers = |key: &Text| key.starts_with("from") || key.starts_with("to");
        Self {
            endpoints: wire.from_endpoints.map(|selectors| selectors.into_iter().map(|s| s.0).collect()),
            entities: wire.from_entities,
            services: !wire.to_services.is_empty(),
            elsewhere: wire.rest.keys().any(peers),
            narrowed: !wire.rest.is_empty(),
            ports: wire.to_ports.into_iter().flat_map(|ports| ports.ports).collect(),
        }
    }
}

/// A selector whose keys may name their source: `k8s:app` is `app`.
struct SelectorWire(Selector);

impl<'de> Deserialize<'de> for SelectorWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Selector { match_labels, match_expressions } = Selector::deserialize(deserializer)?;
        let bare = |key: &Text| {
            let of_kubernetes = key.strip_prefix("k8s:").or_else(|| key.strip_prefix("any:"));
            of_kubernetes.map_or_else(|| key.clone(), Text::new)
        };
        Ok(Self(Selector {
            match_labels: match_labels.iter().map(|(key, value)| (bare(key), value.clone())).collect(),
            match_expressions: match_expressions
                .into_iter()
                .map(|requirement| Requirement { key: bare(&requirement.key), ..requirement })
                .collect(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Labels;
    use super::super::PodLabels;
    use super::*;

    fn ingress(rule: &str) -> PolicySide {
        let policy: CiliumPolicy =
            serde_json::from_str(&format!(r#"{{"spec":{{"endpointSelector":{{}},{rule}}}}}"#)).unwrap();
        policy.rules[0].side(Direction::Ingress)
    }

    #[test]
    fn an_entry_isolates_and_an_empty_one_allows_nothing() {
        let isolated = PolicySide { isolates: true, otherwise: None, rules: true };
        assert_eq!(ingress(r#""ingress":[{}]"#), isolated);
        assert_eq!(ingress(r#""ingress":[{"fromEndpoints":[{}]}]"#), isolated);
        assert_eq!(ingress(r#""ingressDeny":[{"fromEntities":["world"]}]"#), isolated);
        assert_eq!(ingress(r#""egress":[{}]"#), PolicySide::default());
        assert_eq!(ingress(r#""ingress":[]"#), PolicySide::default());
        assert_eq!(
            ingress(r#""ingress":[{}],"enableDefaultDeny":{"ingress":false}"#),
            PolicySide { rules: true, ..PolicySide::default() }
        );
        assert_eq!(
            ingress(r#""ingress":[],"enableDefaultDeny":{"ingress":true}"#),
            PolicySide { rules: false, ..isolated }
        );
        let open = PolicySide { isolates: true, otherwise: Some(Action::Allow), rules: true };
        assert_eq!(ingress(r#""ingress":[{"fromEntities":["all"]}]"#), open);
        assert_eq!(
            ingress(r#""ingress":[{"fromEntities":["all"],"toPorts":[{"ports":[{"port":"80"}]}]}]"#),
            isolated
        );
    }

    #[test]
    fn keys_may_name_their_source_and_the_namespace() {
        let json = r#"{"spec":{"endpointSelector":{"matchLabels":{"k8s:app":"web","k8s:io.kubernetes.pod.namespace":"shop"}}}}"#;
        let policy: CiliumPolicy = serde_json::from_str(json).unwrap();
        let labels: Labels = [(Text::new("app"), Text::new("web"))].into_iter().collect();
        let (shop, bank, nowhere) = (Text::new("shop"), Text::new("bank"), Text::default());
        let selected = |own, namespace| {
            let labels = PodLabels::OfTemplate(&labels);
            let pod = Endpoint { namespace, namespace_labels: &Labels::default, labels };
            policy.selecting(own, &pod).map(|(_, selected)| selected).collect::<Vec<_>>()
        };
        assert_eq!(selected(&nowhere, &shop), [Some(true)]);
        assert_eq!(selected(&nowhere, &bank), [Some(false)]);
        assert_eq!(selected(&bank, &shop), []);
    }

    #[test]
    fn ports_are_texts_or_names_of_any_protocol() {
        let covers = |json: &str| {
            let port: CiliumPort = serde_json::from_str(json).unwrap();
            port.covers("UDP", 53, &|name| if *name == "dns" { vec![53] } else { Vec::new() })
        };
        assert!(covers(r#"{"port":"53","protocol":"ANY"}"#) && covers(r#"{"port":"53"}"#));
        assert!(covers(r#"{"port":"0"}"#) && covers(r#"{"port":"dns","protocol":"UDP"}"#));
        assert!(covers(r#"{"port":"50","endPort":60,"protocol":"UDP"}"#));
        assert!(!covers(r#"{"port":"53","protocol":"TCP"}"#) && !covers(r#"{"port":"54"}"#));
    }
}
