//! The cluster's DNS, as far as it has to be known before anybody may be cut off from the rest.
//!
//! Not its job: whether policies that stand let lookups through (`checks::support::network::dns`).

use std::collections::BTreeSet;

use crate::engine::Context;
use crate::model::{DNS_PORT, IntOrString, Kind, Labels, Protocol, Selector, Service, Text};

/// Where its Service is: kubeadm and most others, and OpenShift.
const SERVICES: [(&str, &str); 2] = [("kube-system", "kube-dns"), ("openshift-dns", "dns-default")];
/// The label of its Service in kube-system, whatever its name is.
const LABEL: (&str, &str) = ("k8s-app", "kube-dns");

/// Where lookups go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dns {
    /// The namespace of its Service and pods.
    pub(super) namespace: Text,
    /// Selects its pods.
    pub(super) selector: Selector,
    /// The addresses of its Service.
    pub(super) addresses: Vec<Text>,
    /// 53, and where the Service leads to: some networks judge after the port was translated.
    pub(super) ports: BTreeSet<(Protocol, i64)>,
}

/// Why nobody may be cut off from the rest.
#[derive(Debug)]
pub(super) struct Unproven {
    pub(super) why: String,
    /// Whether lookups would be cut off also where all was well before.
    pub(super) harm: bool,
}

fn unproven(why: impl Into<String>) -> Unproven {
    Unproven { why: why.into(), harm: false }
}

/// The cluster's DNS, proven to be there and to be reached by what `objects` allows.
pub(super) fn prove(cx: &Context<'_>) -> Result<Dns, Unproven> {
    let Some((namespace, service)) = find(cx) else {
        return Err(unproven(
            "the cluster's DNS is not known: there is no Service 'kube-dns' in namespace 'kube-system'",
        ));
    };
    let name = &service.meta.name;
    let Some(selector) = service.selector.clone() else {
        return Err(unproven(format!(
            "Service '{name}' of namespace '{namespace}' selects no pods, so where lookups go is not known"
        )));
    };
    let mut ports: BTreeSet<_> = [Protocol::Udp, Protocol::Tcp].map(|protocol| (protocol, DNS_PORT)).into();
    let answering: Vec<_> = service.ports.iter().filter(|port| port.port == DNS_PORT).collect();
    if !answering.iter().any(|port| port.protocol == Protocol::Udp) {
        return Err(unproven(format!(
            "Service '{name}' of namespace '{namespace}' has no UDP port {DNS_PORT}"
        )));
    }
    let workloads = cx.selected_in(&namespace, &selector);
    for port in answering {
        match port.target() {
            IntOrString::Int(number) => drop(ports.insert((port.protocol, number))),
            IntOrString::String(named) => {
                let numbers: BTreeSet<i64> = workloads
                    .iter()
                    .flat_map(|workload| workload.ports_named(port.protocol, &named))
                    .collect();
                if numbers.is_empty() {
                    return Err(unproven(format!(
                        "Service '{name}' of namespace '{namespace}' leads to the port '{named}', which no pod behind it declares"
                    )));
                }
                ports.extend(numbers.into_iter().map(|number| (port.protocol, number)));
            }
        }
    }
    if service.cluster_ips.is_empty() {
        return Err(unproven(format!(
            "the address of Service '{name}' of namespace '{namespace}' is not known"
        )));
    }
    let on_host = |why: String| Unproven { why, harm: true };
    let pods = if cx.is_live() { cx.running_pods_in(&namespace, &selector) } else { Vec::new() };
    let hosted = workloads.iter().any(|workload| workload.template.spec.host_network);
    if hosted || pods.iter().any(|pod| pod.network.of_host) {
        return Err(on_host(format!(
            "the pods behind Service '{name}' of namespace '{namespace}' are on the nodes' network, where no selector finds them"
        )));
    }
    if cached_beyond_reach(cx, &namespace) {
        return Err(on_host(
            "lookups go to a cache on the nodes' network, and Cilium lets no rule about addresses reach a node".to_owned(),
        ));
    }
    if cx.is_live() && !pods.iter().any(|pod| pod.ready) {
        return Err(unproven(format!("no pod behind Service '{name}' of namespace '{namespace}' is ready")));
    }
    Ok(Dns { namespace, selector, addresses: service.cluster_ips.to_vec(), ports })
}

fn find<'a>(cx: &Context<'a>) -> Option<(Text, &'a Service)> {
    SERVICES.iter().find_map(|(namespace, name)| {
        let namespace = Text::new(namespace);
        let labelled =
            |service: &&Service| service.meta.labels.get(LABEL.0).is_some_and(|value| *value == LABEL.1);
        let service = cx.service_in(&namespace, name);
        let service = service.or_else(|| cx.services_in(&namespace).into_iter().find(labelled))?;
        Some((namespace, service))
    })
}

/// Whether caches on the nodes answer in place of the pods, where no rule can allow that.
fn cached_beyond_reach(cx: &Context<'_>, namespace: &Text) -> bool {
    let label: Labels = [(Text::new("k8s-app"), Text::new("node-local-dns"))].into_iter().collect();
    let caches = cx.selected_in(namespace, &Selector::of_labels(label));
    let on_host = caches.iter().any(|cache| cache.template.spec.host_network);
    on_host && cx.serves(Kind::CiliumNetworkPolicy)
}
