//! Whether a namespace may be isolated at all: what would be cut off, and what cannot be known.
//!
//! What is found does harm also to what stands already; what cannot be known only keeps anything from being made.
//! Not its job: what is done about it (`plan`).

use super::dns::{self, Dns};
use super::entry;
use super::objects::exposed;
use super::readiness::Readiness;
use crate::api::{NetworkPolicyRemediation, NetworkPreset, RemediationMode};
use crate::engine::{Context, selector};
use crate::model::{
    Binding, CalicoPolicy, CiliumPolicy, ClusterPolicy, Direction, Endpoint, Found, Kind, PodLabels,
    PodNetwork, Selector, Space, Text,
};
use crate::policy::PolicySet;

/// What is found of a namespace.
#[derive(Debug, Default)]
pub(super) struct Ground {
    /// Why nothing of ours may stand there.
    harm: Option<String>,
    /// Why nothing of ours may stand there that is about connections to its pods, or from them.
    harm_to: [Option<String>; 2],
    /// Why nothing may be made, though what stands may stay.
    unknown: Option<String>,
    /// The same for connections from its pods.
    unproven: Option<String>,
    /// Why this is not the moment.
    pub(super) waits: Option<String>,
    /// The cluster's DNS, where connections from the pods may be denied.
    pub(super) dns: Option<Dns>,
}

impl Ground {
    /// Why what stands for a direction must go.
    pub(super) fn harm(&self, direction: Direction) -> Option<&String> {
        let [ingress, egress] = &self.harm_to;
        let own = match direction {
            Direction::Ingress => ingress,
            Direction::Egress => egress,
        };
        self.harm.as_ref().or(own.as_ref())
    }

    /// Why nothing may be made for a direction.
    pub(super) fn refusal(&self, direction: Direction) -> Option<&String> {
        let unproven = self.unproven.as_ref().filter(|_| direction == Direction::Egress);
        self.harm(direction).or(self.unknown.as_ref()).or(unproven)
    }
}

/// Looks at a namespace. `ours`: the names of the policies there that were made for it; `ask`: what is asked, if
/// anything is.
pub(super) fn look(
    cx: &Context<'_>,
    space: &Space,
    policies: &PolicySet,
    ours: &[&Text],
    ask: Option<&NetworkPolicyRemediation>,
) -> Ground {
    let mut ground = Ground { harm: harm(cx, ours), ..Ground::default() };
    ground.unknown = blind(cx);
    let Some(ask) = ask else { return ground };
    if ask.has(NetworkPreset::DenyIngress) {
        ground.harm_to[0] = entry::harm(cx, ask);
        ground.unknown = ground.unknown.or(blind(cx));
    }
    if ask.has(NetworkPreset::DenyEgress) {
        let harm = harm_to_egress(cx, policies);
        let proven = dns::prove(cx);
        let blind = blind(cx);
        match proven {
            Ok(dns) => {
                ground.dns = Some(dns);
                ground.unproven = blind;
                ground.harm_to[1] = harm;
            }
            Err(unproven) => {
                ground.harm_to[1] = harm.or_else(|| unproven.harm.then(|| unproven.why.clone()));
                ground.unproven = blind.or(Some(unproven.why));
            }
        }
    }
    if cx.is_live() {
        ground.waits = Readiness::of(space).incomplete();
    }
    ground
}

/// What could not be seen of all that was looked at.
fn blind(cx: &Context<'_>) -> Option<String> {
    cx.take_blind().map(|why| format!("cannot be known: {why}"))
}

/// What isolating the namespace would cut off, or who has said already what may connect there.
fn harm(cx: &Context<'_>, ours: &[&Text]) -> Option<String> {
    let own = |name: &Text| ours.contains(&name);
    if let Some(other) = cx.network_policies().into_iter().find(|policy| !own(&policy.meta.name)) {
        return Some(format!("NetworkPolicy '{}' is the namespace's own", other.meta.name));
    }
    if let Some(other) = of_another_api(cx) {
        return Some(other);
    }
    if let Some((kind, name, service)) = cx.called_by_the_api_server() {
        return Some(format!("the API server calls its Service '{service}' ({kind} '{name}')"));
    }
    cx.services().into_iter().find_map(exposed).or_else(|| beside_the_network(cx))
}

/// A policy of another API that is about the pods, or may be.
fn of_another_api(cx: &Context<'_>) -> Option<String> {
    let namespace_labels = || cx.namespace_labels();
    let pod =
        Endpoint { namespace: cx.namespace(), namespace_labels: &namespace_labels, labels: PodLabels::OfAny };
    let words = |kind: Kind, name: &Text| Some(format!("{} '{name}' is about its pods", kind.resource()));
    for kind in [Kind::CiliumNetworkPolicy, Kind::CiliumClusterwideNetworkPolicy] {
        let found = cx.reaching::<CiliumPolicy>(kind).into_iter().find(|policy| {
            policy.facts.selecting(&policy.meta.namespace, &pod).any(|(_, selected)| selected != Some(false))
        });
        if let Some(found) = found {
            return words(kind, &found.meta.name);
        }
    }
    for kind in [
        Kind::CalicoNetworkPolicy,
        Kind::CalicoGlobalNetworkPolicy,
        Kind::StoredCalicoNetworkPolicy,
        Kind::StoredCalicoGlobalNetworkPolicy,
    ] {
        let found = cx.reaching::<CalicoPolicy>(kind).into_iter();
        let mut found =
            found.filter(|policy| policy.facts.selects(&policy.meta.namespace, &pod) != Some(false));
        // Calico stores each NetworkPolicy of Kubernetes as one of its own as well.
        if let Some(found) = found.find(|policy| !policy.meta.name.starts_with("knp.default.")) {
            return words(kind, &found.meta.name);
        }
    }
    let mut found = cx.reaching::<ClusterPolicy>(Kind::ClusterNetworkPolicy).into_iter();
    let found = found.find(|policy| policy.facts.selects(&pod) != Some(false))?;
    words(Kind::ClusterNetworkPolicy, &found.meta.name)
}

/// Pods that are not reached, or do not connect, by the addresses that policies know them by.
fn beside_the_network(cx: &Context<'_>) -> Option<String> {
    networks(cx).find_map(|(who, network)| {
        if network.of_host {
            return Some(format!("{who} is on the nodes' network, and no selector finds its connections"));
        }
        network.host_port.then(|| format!("{who} has a port of the nodes, and who uses it comes from no pod"))
    })
}

/// What each workload and each pod says of its network, and who says it.
fn networks<'a>(cx: &Context<'a>) -> impl Iterator<Item = (String, PodNetwork)> + use<'a> {
    let everything = Selector::default();
    let workloads = cx.selected(&everything).into_iter();
    let templates = workloads.map(|w| (format!("{} '{}'", w.kind, w.meta.name), w.template.spec.network()));
    let pods = cx.running_pods(&everything).into_iter();
    templates.chain(pods.map(|pod| (format!("Pod '{}'", pod.meta.name), pod.network)))
}

/// What denying connections from the pods would cut off, beside what is asked for.
fn harm_to_egress(cx: &Context<'_>, policies: &PolicySet) -> Option<String> {
    if let Some((who, _)) = networks(cx).find(|(_, network)| network.own_resolver) {
        return Some(format!(
            "{who} asks another resolver than the cluster's (dnsPolicy), which would not be reached"
        ));
    }
    if let Some(caller) = caller_of_the_api(cx) {
        return Some(caller);
    }
    // Somebody else's AllowFromNamespaces promises that these may connect to others.
    let labels = cx.namespace_labels();
    let promised = policies.iter().find(|policy| {
        let ask = &policy.remediation.network_policies;
        let named = ask.allow_from_namespaces.iter().any(|written| selector(written).matches(&labels));
        named && ask.mode != RemediationMode::Disabled
    })?;
    Some(format!("policy '{}' allows its pods to connect to other namespaces", promised.name()))
}

/// A workload that has been given rights in the API, and so calls the API server, which no preset allows.
fn caller_of_the_api(cx: &Context<'_>) -> Option<String> {
    let bindings: Vec<Found<'_, Binding>> = [Kind::RoleBinding, Kind::ClusterRoleBinding]
        .into_iter()
        .flat_map(|kind| cx.reaching::<Binding>(kind))
        .collect();
    cx.selected(&Selector::default()).into_iter().find_map(|workload| {
        let spec = &workload.template.spec;
        let account = spec.service_account();
        // Groups of all accounts have the rights that everybody has.
        let is_given = |binding: &Found<'_, Binding>| {
            let mut subjects = binding.facts.subjects.iter().filter(|subject| subject.kind != "Group");
            subjects.any(|subject| subject.covers(&binding.meta.namespace, cx.namespace(), &account))
        };
        let binding = bindings.iter().find(|binding| is_given(binding))?;
        (spec.automount_service_account_token != Some(false)).then(|| {
            format!(
                "{} '{}' has rights in the API (binding '{}'), and the API server would not be reached",
                workload.kind, workload.meta.name, binding.meta.name
            )
        })
    })
}
