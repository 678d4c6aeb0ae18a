//! The cluster's DNS as policies see it: the pods behind the Service `kube-dns` of namespace `kube-system`.
//!
//! Not its job: verdicts.

use std::sync::Arc;

use super::applied::Pods;
use crate::engine::Context;
use crate::model::{
    CiliumAllow, CiliumPolicy, Direction, Endpoint, IntOrString, Kind, Labels, NetworkPolicy, Party,
    PodLabels, PolicyPort, Protocol, Selector, Service, Text, Workload,
};

/// Where the cluster's DNS is.
pub(crate) const NAMESPACE: &str = "kube-system";
const NAME: &str = "kube-dns";
/// The label of its Service and pods, whatever their names are.
const LABEL: &str = "k8s-app";
/// The label of a cache on each node, which answers in place of the pods.
const NODE_LOCAL: &str = "node-local-dns";

/// The cluster's DNS.
pub(crate) struct Dns<'a> {
    /// Its Service.
    pub(crate) service: &'a Service,
    namespace: Text,
    /// What runs it; `None` when only its Service is known.
    workload: Option<&'a Arc<Workload>>,
}

/// Where one protocol of DNS is taken: the number of the pods' port.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// UDP or TCP.
    pub(crate) protocol: Protocol,
    /// The number.
    pub(crate) port: i64,
}

/// The cluster's DNS, or why it cannot be seen.
pub(crate) fn of<'a>(cx: &Context<'a>) -> Result<Dns<'a>, String> {
    let namespace = Text::new(NAMESPACE);
    let labelled = |service: &&Service| service.meta.labels.get(LABEL).is_some_and(|value| *value == NAME);
    let named = cx.service_in(&namespace, NAME);
    let found = named.or_else(|| cx.services_in(&namespace).into_iter().find(labelled));
    let found = found.and_then(|service| Some((service, service.selector.as_ref()?)));
    let Some((service, selector)) = found else {
        cx.beyond_sight();
        return Err(format!(
            "the cluster's DNS cannot be seen: there is no Service '{NAME}' with a selector in namespace '{NAMESPACE}'"
        ));
    };
    let cache: Labels = [(Text::new(LABEL), Text::new(NODE_LOCAL))].into_iter().collect();
    if !cx.selected_in(&namespace, &Selector::of_labels(cache)).is_empty() {
        return Err(format!(
            "lookups go to the cache on each node ('{NODE_LOCAL}'), and whether policies apply on the way depends on the \
             network"
        ));
    }
    let workload = cx.selected_in(&namespace, selector).into_iter().next();
    Ok(Dns { service, namespace, workload })
}

impl Dns<'_> {
    /// Where it takes a protocol; `None` when it does not.
    pub(crate) fn target(&self, protocol: Protocol) -> Option<Result<Target, String>> {
        let mut ports = self.service.ports.iter().filter(|port| port.protocol == protocol);
        let port = ports.clone().find(|port| port.port == 53).or_else(|| ports.next())?;
        Some(match port.target() {
            IntOrString::Int(port) => Ok(Target { protocol, port }),
            IntOrString::String(name) => match self.numbers(protocol, &name).first() {
                Some(port) => Ok(Target { protocol, port: *port }),
                None => Err(format!(
                    "Service '{}' of namespace '{NAMESPACE}' leads to the port named '{name}', which nobody declares",
                    self.service.meta.name
                )),
            },
        })
    }

    /// The numbers that a name of a port stands for in its pods.
    fn numbers(&self, protocol: Protocol, name: &Text) -> Vec<i64> {
        self.workload.map_or_else(Vec::new, |workload| workload.ports_named(protocol, name))
    }

    /// Whether NetworkPolicies and Cilium's policies together let the pods of a workload reach it.
    pub(crate) fn is_reached(&self, cx: &Context<'_>, workload: &Workload, target: Target) -> Option<bool> {
        let mut doubt = false;
        let mut note = |allows: Option<bool>| {
            doubt |= allows.is_none();
            allows == Some(true)
        };
        let policies = cx.network_policies_of(workload);
        if policies.iter().any(|policy| note(self.is_allowed_by(cx, policy, target)))
            || self.by_cilium(cx, workload, target).into_iter().any(note)
        {
            return Some(true);
        }
        (!doubt).then_some(false)
    }

    /// Whether a rule of a NetworkPolicy lets its pods reach it.
    fn is_allowed_by(&self, cx: &Context<'_>, policy: &NetworkPolicy, target: Target) -> Option<bool> {
        let at = |port: &PolicyPort| self.is_at(port, target);
        let mut known = Some(false);
        for rule in policy.rules(Direction::Egress).unwrap_or_default() {
            match self.as_peer(cx, |pod| rule.allows(&policy.meta.namespace, &Party::pod(*pod), &at)) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => known = None,
            }
        }
        known
    }

    /// Whether a port of a policy is the one.
    pub(crate) fn is_at(&self, port: &PolicyPort, target: Target) -> bool {
        port.covers(target.protocol, target.port, &|name| self.numbers(target.protocol, name))
    }

    /// Asks about its pods as the peer of a policy.
    pub(crate) fn as_peer(
        &self,
        cx: &Context<'_>,
        ask: impl Fn(&Endpoint<'_>) -> Option<bool>,
    ) -> Option<bool> {
        let namespace_labels = || cx.namespace_labels_in(&self.namespace);
        let endpoint = |labels| Endpoint {
            namespace: &self.namespace,
            namespace_labels: &namespace_labels,
            labels: PodLabels::OfTemplate(labels),
        };
        if let Some(workload) = self.workload {
            return ask(&endpoint(workload.pod_labels()));
        }
        // Its pods have the labels that its Service selects by; what others they have is not known.
        let selected = self.service.selector.as_ref().map(|selector| &selector.match_labels);
        let at_least = selected.and_then(|labels| ask(&endpoint(labels)));
        at_least.filter(|allowed| *allowed)
    }

    fn by_cilium(&self, cx: &Context<'_>, workload: &Workload, target: Target) -> Vec<Option<bool>> {
        let namespace_labels = || cx.namespace_labels();
        let labels = PodLabels::OfTemplate(workload.pod_labels());
        let pod = Endpoint { namespace: cx.namespace(), namespace_labels: &namespace_labels, labels };
        let mut found = Vec::new();
        for kind in [Kind::CiliumNetworkPolicy, Kind::CiliumClusterwideNetworkPolicy] {
            for policy in cx.reaching::<CiliumPolicy>(kind) {
                let own = &policy.meta.namespace;
                for (rule, selected) in policy.facts.selecting(own, &pod) {
                    let side = rule.about(Direction::Egress);
                    if selected == Some(false) {
                        continue;
                    }
                    let allowed = side.allows.iter().map(|allow| self.is_named_by(cx, own, allow, target));
                    let certain = selected == Some(true);
                    found.extend(allowed.map(|allowed| allowed.filter(|allowed| certain || !allowed)));
                    // What it denies, nothing allows; what that is, is not read.
                    if side.denies {
                        found.push(None);
                    }
                }
            }
        }
        found
    }

    fn is_named_by(&self, cx: &Context<'_>, own: &Text, allow: &CiliumAllow, target: Target) -> Option<bool> {
        let named = |name: &Text| self.numbers(target.protocol, name);
        let at = |port: &crate::model::CiliumPort| port.covers(target.protocol.as_str(), target.port, &named);
        if !allow.ports.is_empty() && !allow.ports.iter().any(at) {
            return Some(false);
        }
        self.as_peer(cx, |peer| allow.names(own, peer))
    }
}

/// The policies that decide as well, and whose rules are not read for single ports: the first of them, in words.
pub(crate) fn decided_elsewhere(cx: &Context<'_>, workload: &Workload) -> Option<String> {
    use super::applied::applied;
    use super::stance::kind_in_words;
    let policies = applied(cx, Pods::Of(workload), Direction::Egress);
    let own = |kind| {
        matches!(kind, Kind::NetworkPolicy | Kind::CiliumNetworkPolicy | Kind::CiliumClusterwideNetworkPolicy)
    };
    let other = policies.iter().find(|policy| !own(policy.kind))?;
    Some(format!(
        "{} '{}' decides as well, and its rules are not read for single ports",
        kind_in_words(other.kind),
        other.name
    ))
}
