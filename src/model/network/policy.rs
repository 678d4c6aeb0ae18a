//! NetworkPolicy of networking.k8s.io, whole.
//!
//! Policies add up: a pod that one of them isolates for a direction may use the connections that any of them allows.

// Of `core`: addresses are values, and no sockets come with them.
use core::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

use super::super::{IntOrString, Made, Meta, Protocol, Selector, Text};
use super::endpoint::{all, any};
use super::{Action, Direction, Party, PolicySide};

/// A NetworkPolicy, API defaults applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// Its metadata.
    pub meta: Meta,
    /// `spec.podSelector`; `{}` selects every pod of the namespace.
    pub pod_selector: Selector,
    /// `spec.ingress`; `None` when the policy is not about Ingress.
    pub ingress: Option<Box<[NetworkPolicyRule]>>,
    /// `spec.egress`; `None` when the policy is not about Egress.
    pub egress: Option<Box<[NetworkPolicyRule]>>,
    /// What is known of one that says that Seaworthy made it.
    pub made: Option<Box<Made>>,
}

/// A rule: any of its peers at any of its ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkPolicyRule {
    /// `from` or `to`; empty means everybody.
    pub peers: Vec<PolicyPeer>,
    /// `ports`; empty means every port.
    pub ports: Vec<PolicyPort>,
}

/// `NetworkPolicyPeer`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyPeer {
    /// `podSelector`.
    pub pod_selector: Option<Selector>,
    /// `namespaceSelector`; unset means the policy's own namespace.
    pub namespace_selector: Option<Selector>,
    /// `ipBlock`.
    pub ip_block: Option<IpBlock>,
}

/// `IPBlock`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IpBlock {
    /// `cidr`.
    pub cidr: Text,
    /// `except`.
    #[serde(default)]
    pub except: Vec<Text>,
}

/// `NetworkPolicyPort`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyPort {
    /// `protocol`.
    pub protocol: Protocol,
    /// `port`; unset means every port of the protocol.
    pub port: Option<IntOrString>,
    /// `endPort`.
    pub end_port: Option<i64>,
}

impl NetworkPolicy {
    /// The rules for a direction; `None` when the policy is not about it.
    pub fn rules(&self, direction: Direction) -> Option<&[NetworkPolicyRule]> {
        match direction {
            Direction::Ingress => self.ingress.as_deref(),
            Direction::Egress => self.egress.as_deref(),
        }
    }

    /// Whether the pods that it selects are closed to what no policy allows.
    pub fn isolates(&self, direction: Direction) -> bool {
        self.rules(direction).is_some()
    }

    /// Whether one of its rules allows every connection.
    pub fn allows_everything(&self, direction: Direction) -> bool {
        self.rules(direction).is_some_and(|rules| rules.iter().any(NetworkPolicyRule::is_for_everything))
    }

    /// Whether one of its rules allows its pods a connection with a peer, at a port of whichever end takes it.
    pub fn allows(
        &self,
        direction: Direction,
        peer: &Party<'_>,
        at: &dyn Fn(&PolicyPort) -> bool,
    ) -> Option<bool> {
        let rules = self.rules(direction).unwrap_or_default();
        any(rules.iter().map(|rule| rule.allows(&self.meta.namespace, peer, at)))
    }

    /// What it says about a direction.
    pub fn side(&self, direction: Direction) -> PolicySide {
        let otherwise = self.allows_everything(direction).then_some(Action::Allow);
        PolicySide {
            isolates: self.isolates(direction),
            otherwise,
            rules: self.rules(direction).is_some_and(|rules| !rules.is_empty()),
        }
    }
}

impl NetworkPolicyRule {
    /// Whether it is about everybody and every port.
    pub fn is_for_everything(&self) -> bool {
        self.peers.is_empty() && self.ports.is_empty()
    }

    /// Whether it allows a connection between the pods of a policy in namespace `own` and a peer, at a port of
    /// whichever end takes the connection. `None`: it depends on what nobody knows of the peer.
    pub fn allows(&self, own: &Text, peer: &Party<'_>, at: &dyn Fn(&PolicyPort) -> bool) -> Option<bool> {
        if !self.ports.is_empty() && !self.ports.iter().any(at) {
            return Some(false);
        }
        if self.peers.is_empty() {
            return Some(true);
        }
        any(self.peers.iter().map(|p| p.is(own, peer)))
    }
}

impl PolicyPeer {
    /// Whether the other end is one of these peers of a policy in namespace `own`.
    pub fn is(&self, own: &Text, peer: &Party<'_>) -> Option<bool> {
        match (&self.pod_selector, &self.namespace_selector, &self.ip_block) {
            (None, None, Some(block)) => block.holds(peer.address),
            (None, None, None) => Some(false),
            (pods, namespaces, _) => {
                // Selectors are about pods alone, never about who is outside.
                let Some(pod) = &peer.pod else { return Some(false) };
                let namespace = match namespaces {
                    Some(selector) => pod.is_in(selector),
                    None => Some(own == pod.namespace),
                };
                all([namespace, pods.as_ref().map_or(Some(true), |selector| pod.is_selected(selector))])
            }
        }
    }
}

impl IpBlock {
    /// Whether it has an address. Of one that nobody knows (`None`) only all of IPv4 is sure to have it: few clusters
    /// are of IPv6 alone. A block that cannot be read gives no answer.
    pub fn holds(&self, address: Option<IpAddr>) -> Option<bool> {
        let Some(address) = address else {
            let all_of_ipv4 = matches!(self.cidr.parse(), Ok(IpNet::V4(net)) if net.prefix_len() == 0);
            return (all_of_ipv4 && self.except.is_empty()).then_some(true);
        };
        let has = |cidr: &Text| cidr.parse::<IpNet>().ok().map(|net| net.contains(&address));
        let excepted = any(self.except.iter().map(has));
        all([has(&self.cidr), excepted.map(|excepted| !excepted)])
    }
}

impl PolicyPort {
    /// Whether it covers a port. `named` gives the numbers that a name of a port stands for.
    pub fn covers(&self, protocol: Protocol, number: i64, named: &dyn Fn(&Text) -> Vec<i64>) -> bool {
        let fits = match &self.port {
            None => true,
            Some(IntOrString::Int(first)) => (*first..=self.end_port.unwrap_or(*first)).contains(&number),
            Some(IntOrString::String(name)) => named(name).contains(&number),
        };
        self.protocol == protocol && fits
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Labels;
    use super::super::{Endpoint, PodLabels};
    use super::*;

    #[test]
    fn ports_are_covered_by_protocol_number_range_and_name() {
        let port = |json: &str| serde_json::from_str::<PolicyPort>(json).unwrap();
        let named = |name: &Text| if *name == "dns" { vec![53, 5353] } else { Vec::new() };
        let covers = |json: &str, protocol, number| port(json).covers(protocol, number, &named);
        assert!(covers("{}", Protocol::Tcp, 53) && !covers("{}", Protocol::Udp, 53));
        assert!(covers(r#"{"port":50,"endPort":60,"protocol":"UDP"}"#, Protocol::Udp, 53));
        assert!(!covers(r#"{"port":50,"endPort":52,"protocol":"UDP"}"#, Protocol::Udp, 53));
        assert!(covers(r#"{"port":"dns","protocol":"UDP"}"#, Protocol::Udp, 5353));
        assert!(!covers(r#"{"port":"web","protocol":"UDP"}"#, Protocol::Udp, 53));
        assert!(!covers(r#"{"port":53}"#, Protocol::Udp, 53));
    }

    #[test]
    fn a_peer_is_in_its_own_namespace_unless_it_names_others() {
        let labels: Labels = [(Text::new("app"), Text::new("web"))].into_iter().collect();
        let (shop, bank) = (Text::new("shop"), Text::new("bank"));
        let labels = PodLabels::OfPod(&labels);
        let pod = Party::pod(Endpoint { namespace: &bank, namespace_labels: &Labels::default, labels });
        let is = |json: &str, own| serde_json::from_str::<PolicyPeer>(json).unwrap().is(own, &pod);
        let by_label = r#"{"podSelector":{"matchLabels":{"app":"web"}}}"#;
        assert_eq!((is(by_label, &bank), is(by_label, &shop)), (Some(true), Some(false)));
        let both = r#"{"namespaceSelector":{},"podSelector":{"matchLabels":{"app":"api"}}}"#;
        assert_eq!(is(both, &shop), Some(false));
        assert_eq!(is(r#"{"namespaceSelector":{}}"#, &shop), Some(true));
        assert_eq!(is(r#"{"ipBlock":{"cidr":"10.0.0.0/8"}}"#, &shop), None);
        assert_eq!(is(r#"{"ipBlock":{"cidr":"0.0.0.0/0"}}"#, &shop), Some(true));
        assert_eq!(is(r#"{"ipBlock":{"cidr":"::/0"}}"#, &shop), None);
        let outside = Party::outside([10, 0, 0, 1].into());
        assert_eq!(serde_json::from_str::<PolicyPeer>(by_label).unwrap().is(&bank, &outside), Some(false));
    }

    #[test]
    fn a_block_has_its_addresses_but_its_exceptions() {
        let block: IpBlock =
            serde_json::from_str(r#"{"cidr":"10.1.2.3/8","except":["10.1.0.0/16","10.2.0.0/16"]}"#).unwrap();
        let holds = |address: &str| block.holds(Some(address.parse().unwrap()));
        assert_eq!(holds("10.0.255.255"), Some(true));
        assert_eq!((holds("10.1.0.0"), holds("10.2.255.255")), (Some(false), Some(false)));
        assert_eq!((holds("11.0.0.0"), holds("fd00::1")), (Some(false), Some(false)));
        let odd = IpBlock { cidr: Text::new("10.0.0.0/8"), except: vec![Text::new("10.1/16")] };
        assert_eq!(odd.holds(Some([10, 0, 0, 1].into())), None, "nobody knows what is excepted");
        assert_eq!(odd.holds(Some([11, 0, 0, 1].into())), Some(false));
    }
}
