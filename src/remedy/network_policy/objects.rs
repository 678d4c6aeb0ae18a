//! The objects: what each says, what it is called, and which other one has to stand before it.
//!
//! Not its job: whether they may be made (`ground`), or what is to be done now (`plan`).

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::consent;
use super::super::desired::{self, Desired};
use super::super::ownership::Standing;
use super::DENY_INGRESS;
use super::dns::Dns;
use crate::api::{NetworkPolicyRemediation, NetworkPreset};
use crate::engine::selector;
use crate::model::{Direction, Exposure, Namespace, NetworkPolicy, NetworkPolicyRule, Service, Text};

/// Where caches of DNS on each node listen.
const NODE_LOCAL: &str = "169.254.20.10";

/// One of the objects. The order is the one in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    AllowIngress,
    AllowEgress,
    DenyIngress,
    DenyEgress,
}

impl Role {
    pub(super) const ALL: [Self; 4] =
        [Self::AllowIngress, Self::AllowEgress, Self::DenyIngress, Self::DenyEgress];

    /// Its name: nobody would give it to an object of their own.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AllowIngress => "seaworthy-allow-ingress",
            Self::AllowEgress => "seaworthy-allow-egress",
            Self::DenyIngress => DENY_INGRESS,
            Self::DenyEgress => "seaworthy-deny-egress",
        }
    }

    pub(super) fn direction(self) -> Direction {
        match self {
            Self::AllowIngress | Self::DenyIngress => Direction::Ingress,
            Self::AllowEgress | Self::DenyEgress => Direction::Egress,
        }
    }

    pub(super) fn denies(self) -> bool {
        matches!(self, Self::DenyIngress | Self::DenyEgress)
    }

    /// The allow that a deny is made with.
    pub(super) fn allow(self) -> Option<Self> {
        match self {
            Self::DenyIngress => Some(Self::AllowIngress),
            Self::DenyEgress => Some(Self::AllowEgress),
            Self::AllowIngress | Self::AllowEgress => None,
        }
    }

    /// Whether somebody who asks for these presets asks for it: nothing has to be allowed where nothing is denied.
    pub(super) fn is_asked(self, ask: &NetworkPolicyRemediation) -> bool {
        let has = |preset| ask.has(preset);
        match self {
            Self::DenyIngress => has(NetworkPreset::DenyIngress),
            Self::DenyEgress => has(NetworkPreset::DenyEgress),
            Self::AllowIngress => {
                let any = has(NetworkPreset::AllowSameNamespace) || has(NetworkPreset::AllowFromNamespaces);
                any && has(NetworkPreset::DenyIngress)
            }
            Self::AllowEgress => has(NetworkPreset::DenyEgress),
        }
    }

    /// What it says for people who did not ask for it by this name.
    pub(super) fn why(self, namespace: &Text) -> String {
        let pods = match self.direction() {
            Direction::Ingress => {
                format!("every pod of the cluster may connect to those of namespace '{namespace}'")
            }
            Direction::Egress => {
                format!("the pods of namespace '{namespace}' may connect to whatever they like")
            }
        };
        let what = if self.denies() {
            "denies what is not allowed"
        } else {
            "says what stays allowed, before the rest is denied"
        };
        format!("no NetworkPolicy is about the namespace, so {pods}; this one {what}")
    }
}

/// The spec of an object. `dns`: where it is, for what allows lookups.
pub(super) fn spec(role: Role, ask: &NetworkPolicyRemediation, dns: Option<&Dns>) -> Value {
    let mut spec = json!({ "podSelector": {}, "policyTypes": [role.direction().to_string()] });
    let same = ask.has(NetworkPreset::AllowSameNamespace).then(|| json!({ "podSelector": {} }));
    let rules = match role {
        Role::DenyIngress | Role::DenyEgress => return spec,
        Role::AllowIngress => {
            let named =
                ask.allow_from_namespaces.iter().filter(|_| ask.has(NetworkPreset::AllowFromNamespaces));
            let named =
                named.map(|written| json!({ "namespaceSelector": desired::selector(&selector(written)) }));
            vec![json!({ "from": same.into_iter().chain(named).collect::<Vec<_>>() })]
        }
        Role::AllowEgress => {
            let same = same.map(|same| json!({ "to": [same] }));
            dns.map(lookups).into_iter().chain(same).collect()
        }
    };
    if let Some(spec) = spec.as_object_mut() {
        spec.insert(role.direction().to_string().to_ascii_lowercase(), rules.into());
    }
    spec
}

/// The rule that lets pods look names up, whether the network judges by the Service's address or by the pods', before
/// their port is translated or after, and whether a cache on the node answers.
fn lookups(dns: &Dns) -> Value {
    let own = |selector: Value| {
        json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": dns.namespace } },
                "podSelector": selector })
    };
    let cached = json!({ "matchLabels": { "k8s-app": "node-local-dns" } });
    let pods = [own(desired::selector(&dns.selector)), own(cached)];
    let addresses = dns.addresses.iter().map(Text::as_str).chain([NODE_LOCAL]);
    let block = |address: &str| {
        let length = if address.contains(':') { 128 } else { 32 };
        json!({ "ipBlock": { "cidr": format!("{address}/{length}") } })
    };
    let ports =
        dns.ports.iter().map(|(protocol, port)| json!({ "protocol": protocol.as_str(), "port": port }));
    json!({
        "to": pods.into_iter().chain(addresses.map(block)).collect::<Vec<_>>(),
        "ports": ports.collect::<Vec<_>>(),
    })
}

/// The rules of a spec for a direction, as the model has them; `None` where it is not about that.
fn rules(spec: &Value, direction: Direction) -> Option<Vec<NetworkPolicyRule>> {
    let about = spec.get("policyTypes")?.as_array()?.iter().any(|t| *t == direction.to_string());
    let member = direction.to_string().to_ascii_lowercase();
    let written = spec.get(&member).and_then(Value::as_array).cloned().unwrap_or_default();
    about.then(|| written.iter().map(rule).collect())
}

fn rule(written: &Value) -> NetworkPolicyRule {
    fn list<T: DeserializeOwned>(value: Option<&Value>) -> Vec<T> {
        value.and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
    }
    NetworkPolicyRule {
        peers: list(written.get("to").or_else(|| written.get("from"))),
        ports: list(written.get("ports")),
    }
}

/// Whether a policy says what a spec says.
pub(super) fn says(policy: &NetworkPolicy, spec: &Value) -> bool {
    let same = |direction| rules(spec, direction).as_deref() == policy.rules(direction);
    policy.pod_selector.is_empty() && same(Direction::Ingress) && same(Direction::Egress)
}

/// Whether a policy allows all that is needed to look names up.
pub(super) fn allows_lookups(policy: &NetworkPolicy, dns: &Dns) -> bool {
    let needed = rule(&lookups(dns));
    policy.rules(Direction::Egress).unwrap_or_default().iter().any(|rule| {
        needed.peers.iter().all(|peer| rule.peers.contains(peer))
            && needed.ports.iter().all(|port| rule.ports.contains(port))
    })
}

/// What speaks against writing an object, by what the API server shows of the namespace just before.
/// `own`: the uid of the one that is written, where it stands already.
pub fn objection(
    desired: &Desired,
    namespace: &Namespace,
    policies: &[NetworkPolicy],
    services: &[Service],
    own: Option<&Text>,
) -> Option<String> {
    if namespace.meta.uid != desired.subject_uid || namespace.meta.terminating {
        return Some("the namespace is gone, or going".to_owned());
    }
    if let Some(why) = consent::declined("the namespace", Some(&namespace.meta.annotations)) {
        return Some(why);
    }
    let is_ours = |policy: &NetworkPolicy| {
        own == Some(&policy.meta.uid)
            || Standing::of_network_policy(policy)
                .is_some_and(|known| known.subject_uid == desired.subject_uid)
    };
    if let Some(other) = policies.iter().find(|policy| !is_ours(policy)) {
        return Some(format!("NetworkPolicy '{}' is the namespace's own", other.meta.name));
    }
    if let Some((allow, uid)) = &desired.rests_on
        && !policies.iter().any(|policy| policy.meta.uid == *uid)
    {
        return Some(format!("{allow}, which has to stand before, does not"));
    }
    services.iter().find_map(exposed)
}

/// How a Service lets users of the cluster in, whose connections come from no pod.
pub(super) fn exposed(service: &Service) -> Option<String> {
    let how = match service.exposure {
        Exposure::NodePort => "is of type NodePort",
        Exposure::LoadBalancer => "is of type LoadBalancer",
        Exposure::None if !service.external_ips.is_empty() => "has externalIPs",
        Exposure::None => return None,
    };
    Some(format!(
        "Service '{}' {how}, and who uses it comes from no pod that could be allowed",
        service.meta.name
    ))
}
