//! Reads NetworkPolicies. Policies of other APIs read themselves (`model::network`).

use serde::Deserialize;

use crate::model::{Meta, NetworkPolicy, NetworkPolicyRule, PolicyPeer, PolicyPort, Selector, Text};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct NetworkPolicyWire {
    pod_selector: Selector,
    policy_types: Vec<Text>,
    ingress: Vec<IngressRuleWire>,
    egress: Vec<EgressRuleWire>,
}

// Two types, since the API server drops a `to` in an ingress rule, which then allows everybody.
#[derive(Default, Deserialize)]
#[serde(default)]
struct IngressRuleWire {
    from: Vec<PolicyPeer>,
    ports: Vec<PolicyPort>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EgressRuleWire {
    to: Vec<PolicyPeer>,
    ports: Vec<PolicyPort>,
}

pub(super) fn network_policy(meta: Meta, spec: NetworkPolicyWire) -> NetworkPolicy {
    let NetworkPolicyWire { pod_selector, policy_types, ingress, egress } = spec;
    let named = |direction: &str| policy_types.iter().any(|t| *t == direction);
    // As the API server defaults it: unset means Ingress, and Egress where there are rules for it.
    let unset = policy_types.is_empty();
    let about_ingress = unset || named("Ingress");
    let about_egress = if unset { !egress.is_empty() } else { named("Egress") };
    let ingress = ingress.into_iter().map(|rule| NetworkPolicyRule { peers: rule.from, ports: rule.ports });
    let egress = egress.into_iter().map(|rule| NetworkPolicyRule { peers: rule.to, ports: rule.ports });
    NetworkPolicy {
        meta,
        pod_selector,
        ingress: about_ingress.then(|| ingress.collect()),
        egress: about_egress.then(|| egress.collect()),
        made: None,
    }
}
