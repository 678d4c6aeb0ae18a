//! Whether NetworkPolicies let a connection through, asked of both of its ends, as the API defines it.
//!
//! A pod may connect when no policy isolates it for Egress or one of those that do allows the connection, and when the
//! same holds for Ingress at the pod that it connects to. Not here: what no NetworkPolicy is about, though some
//! networks let it through all the same (a pod's connections to itself, those of the node it runs on, pods on the
//! node's network), and the policies of other APIs.

use core::net::IpAddr;

use super::super::{Protocol, Text};
use super::endpoint::{all, any};
use super::{Direction, Endpoint, NetworkPolicy, PolicyPort};

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Party<'a> {
    /// The pod; `None` for whatever is no pod of the cluster.
    pub pod: Option<Endpoint<'a>>,
    /// The address that it has in this connection; `None` when nobody knows.
    pub address: Option<IpAddr>,
}

impl<'a> Party<'a> {
    /// A pod, whatever its address is.
    pub fn pod(pod: Endpoint<'a>) -> Self {
        Self { pod: Some(pod), address: None }
    }

    /// A pod with an address.
    pub fn pod_at(pod: Endpoint<'a>, address: IpAddr) -> Self {
        Self { pod: Some(pod), address: Some(address) }
    }

    /// An address that is no pod's.
    pub fn outside(address: IpAddr) -> Self {
        Self { pod: None, address: Some(address) }
    }
}

/// A connection as policies see it: between the ends themselves, a Service's address and port already replaced by
/// those of the pod behind it.
#[derive(Clone, Copy)]
pub struct Flow<'a> {
    /// Who connects.
    pub from: Party<'a>,
    /// Who is connected to.
    pub to: Party<'a>,
    /// The protocol.
    pub protocol: Protocol,
    /// The port at `to`.
    pub port: i64,
    /// The numbers that a name stands for among the ports of `to` for this protocol (`Workload::ports_named`).
    pub named: &'a dyn Fn(&Text) -> Vec<i64>,
}

/// What policies for one direction do to a connection, at the end that they are about. `None`: it depends on what is
/// not known of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Whether a policy isolates the pod for this direction.
    pub isolated: Option<bool>,
    /// Whether the connection gets through here.
    pub allowed: Option<bool>,
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// At the end that connects.
    pub egress: Gate,
    /// At the end that is connected to.
    pub ingress: Gate,
}

impl Passage {
    /// Whether the connection can be made: both ends must let it through.
    pub fn is_allowed(&self) -> Option<bool> {
        all([self.egress.allowed, self.ingress.allowed])
    }
}

impl Flow<'_> {
    /// What becomes of the connection where these are all NetworkPolicies of the cluster.
    pub fn under<'p>(&self, policies: impl IntoIterator<Item = &'p NetworkPolicy> + Clone) -> Passage {
        Passage {
            egress: self.gate(policies.clone(), Direction::Egress),
            ingress: self.gate(policies, Direction::Ingress),
        }
    }

    fn gate<'p>(&self, policies: impl IntoIterator<Item = &'p NetworkPolicy>, direction: Direction) -> Gate {
        let (own, peer) = match direction {
            Direction::Egress => (&self.from, &self.to),
            Direction::Ingress => (&self.to, &self.from),
        };
        let at = |port: &PolicyPort| port.covers(self.protocol, self.port, self.named);
        // Policies are about pods: who is outside is isolated by none.
        let Some(pod) = &own.pod else { return Gate { isolated: Some(false), allowed: Some(true) } };
        let about =
            |policy: &&NetworkPolicy| policy.isolates(direction) && policy.meta.namespace == *pod.namespace;
        let selects = |policy: &NetworkPolicy| pod.is_selected(&policy.pod_selector);
        let of_pod = policies.into_iter().filter(about).map(|policy| (selects(policy), policy));
        let answers: Vec<_> = of_pod
            .filter(|(selected, _)| *selected != Some(false))
            .map(|(selected, policy)| (selected, policy.allows(direction, peer, &at)))
            .collect();
        let isolated = any(answers.iter().map(|(selected, _)| *selected));
        // Where every policy that may select the pod allows it, it does not matter which of them do.
        let allowed = if answers.iter().all(|(_, allows)| *allows == Some(true)) {
            Some(true)
        } else {
            let allowing = answers.iter().map(|(selected, allows)| all([*selected, *allows]));
            any([isolated.map(|isolated| !isolated), any(allowing)])
        };
        Gate { isolated, allowed }
    }
}

impl std::fmt::Debug for Flow<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (protocol, port) = (self.protocol.as_str(), self.port);
        write!(f, "{:?} to {:?} at {protocol} port {port}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Labels, Meta, Selector};
    use super::super::{NetworkPolicyRule, PodLabels};
    use super::*;

    fn labels(app: &str) -> Labels {
        [(Text::new("app"), Text::new(app))].into_iter().collect()
    }

    /// A policy of namespace `shop` for the pods of an application.
    fn policy(app: &str, ingress: Option<&str>, egress: Option<&str>) -> NetworkPolicy {
        let rule = |peers: &str| {
            let peers = serde_json::from_str(peers).unwrap();
            [NetworkPolicyRule { peers, ports: Vec::new() }].into()
        };
        NetworkPolicy {
            meta: Meta { namespace: Text::new("shop"), ..Meta::default() },
            pod_selector: Selector::of_labels(labels(app)),
            ingress: ingress.map(rule),
            egress: egress.map(rule),
            made: None,
        }
    }

    fn gate(isolated: impl Into<Option<bool>>, allowed: impl Into<Option<bool>>) -> Gate {
        Gate { isolated: isolated.into(), allowed: allowed.into() }
    }

    #[test]
    fn both_ends_are_asked_and_what_is_not_known_is_said() {
        let (shop, web, api) = (Text::new("shop"), labels("web"), labels("api"));
        let pod =
            |labels| Party::pod(Endpoint { namespace: &shop, namespace_labels: &Labels::default, labels });
        let (web, api) = (pod(PodLabels::OfPod(&web)), pod(PodLabels::OfPod(&api)));
        let flow = |from, to| Flow { from, to, protocol: Protocol::Tcp, port: 80, named: &|_| Vec::new() };
        let everybody = r#"[{"namespaceSelector":{}}]"#;
        let from_web = r#"[{"podSelector":{"matchLabels":{"app":"web"}}}]"#;

        let no_policies: [NetworkPolicy; 0] = [];
        assert_eq!(flow(web, api).under(&no_policies).is_allowed(), Some(true));
        let callers = [policy("api", Some(from_web), None)];
        assert_eq!(flow(web, api).under(&callers).ingress, gate(true, true));
        assert_eq!(flow(api, web).under(&callers).ingress, gate(false, true));
        assert_eq!(flow(api, api).under(&callers).is_allowed(), Some(false));
        let whichever = pod(PodLabels::OfAny);
        assert_eq!(flow(whichever, api).under(&callers).ingress, gate(true, None));
        assert_eq!(flow(whichever, api).under(&callers).is_allowed(), None);
        assert_eq!(flow(web, whichever).under(&callers).ingress, gate(None, true));

        let closed = [policy("api", Some(from_web), None), policy("web", None, Some("[{}]"))];
        assert_eq!(flow(web, api).under(&closed).egress, gate(true, false));
        assert_eq!(flow(web, api).under(&closed).is_allowed(), Some(false));
        let opened: Vec<_> = closed.into_iter().chain([policy("web", None, Some(everybody))]).collect();
        assert_eq!(flow(web, api).under(&opened).is_allowed(), Some(true));

        let outside = Party::outside([192, 0, 2, 1].into());
        assert_eq!(flow(outside, api).under(&opened).egress, gate(false, true));
        assert_eq!(flow(outside, api).under(&opened).ingress, gate(true, false));
        assert_eq!(flow(web, outside).under(&opened).egress, gate(true, false));
        let block = [policy("api", Some(r#"[{"ipBlock":{"cidr":"192.0.2.0/24"}}]"#), None)];
        assert_eq!(flow(outside, api).under(&block).is_allowed(), Some(true));
        assert_eq!(flow(web, api).under(&block).is_allowed(), None, "nobody knows the address");
        let at = Party { address: Some([192, 0, 2, 9].into()), ..web };
        assert_eq!(flow(at, api).under(&block).is_allowed(), Some(true));
    }
}
