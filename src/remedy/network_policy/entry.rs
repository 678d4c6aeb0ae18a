//! How users get in from outside: Ingresses and routes, and those who carry them out.
//!
//! Not its job: Services that let users in by themselves (`objects::exposed`).

use crate::api::{NetworkPolicyRemediation, NetworkPreset};
use crate::engine::{Context, selector};
use crate::model::{Gateway, HttpRoute, Ingress, Kind, Labels, ReferenceGrant, Selector, Text, Workload};

/// IngressClasses whose controllers connect from no pod of a namespace: load balancers of clouds, and Cilium's own.
const OUTSIDE: &[&str] = &[
    "alb",
    "aws-load-balancer",
    "azure-application-gateway",
    "cilium",
    "gce",
    "gce-internal",
    "openshift-default",
];
/// Ingress controllers, by the names that their labels and images have.
const CONTROLLERS: &[&str] = &[
    "ambassador",
    "apisix",
    "contour",
    "emissary",
    "envoy",
    "gloo",
    "haproxy",
    "ingress",
    "istio-ingressgateway",
    "kong",
    "nginx",
    "pomerium",
    "router-default",
    "skipper",
    "traefik",
    "voyager",
];
/// Agents on the nodes' network that are asked and do not ask.
const ONLY_ASKED: &[&str] = &["node-exporter", "prometheus-node-exporter"];

/// Why users, or those who are allowed, would be cut off if connections to the pods were denied.
pub(super) fn harm(cx: &Context<'_>, ask: &NetworkPolicyRemediation) -> Option<String> {
    let named: Vec<Selector> = match ask.has(NetworkPreset::AllowFromNamespaces) {
        true => ask.allow_from_namespaces.iter().map(selector).collect(),
        false => Vec::new(),
    };
    let mut allowed: Vec<&Text> =
        named.iter().flat_map(|selector| cx.namespaces_selected(selector)).collect();
    allowed.sort();
    allowed.dedup();
    for namespace in &allowed {
        if let Some(who) = on_host(cx, namespace) {
            return Some(format!(
                "{who} of namespace '{namespace}' is on the nodes' network, so that selecting the namespace does not allow its \
                 connections"
            ));
        }
    }
    let (route, class) = route(cx)?;
    if OUTSIDE.contains(&class.as_str()) {
        return Some(format!(
            "{route} is of class '{class}', and its users come from no pod that could be allowed"
        ));
    }
    if allowed.is_empty() {
        return Some(format!(
            "{route} lets users in, and AllowFromNamespaces selects no namespace for its controller to run in"
        ));
    }
    let carries = |workload: &Workload| workload.template.spec.host_network && is_controller(workload);
    let mut controllers =
        [Kind::DaemonSet, Kind::Deployment].into_iter().flat_map(|kind| cx.every_workload(kind));
    let controller = controllers.find(|workload| carries(workload))?;
    Some(format!(
        "{route} lets users in, and {} '{}' of namespace '{}' may carry them from the nodes' network, where no selector finds \
         them",
        controller.kind, controller.meta.name, controller.meta.namespace
    ))
}

/// What of a namespace connects from the nodes' network.
fn on_host(cx: &Context<'_>, namespace: &Text) -> Option<String> {
    let everything = Selector::default();
    let workloads = cx.selected_in(namespace, &everything);
    let calls = |labels: &Labels| !names(labels).any(|name| ONLY_ASKED.contains(&name.as_str()));
    let host = workloads.iter().find(|w| w.template.spec.host_network && calls(w.pod_labels()));
    if let Some(workload) = host {
        return Some(format!("{} '{}'", workload.kind, workload.meta.name));
    }
    let pods = cx.running_pods_in(namespace, &everything);
    let host = pods.iter().find(|pod| pod.network.of_host && calls(&pod.meta.labels))?;
    Some(format!("Pod '{}'", host.meta.name))
}

fn names(labels: &Labels) -> impl Iterator<Item = &Text> {
    ["app.kubernetes.io/name", "app", "k8s-app", "name"].into_iter().filter_map(|key| labels.get(key))
}

fn is_controller(workload: &Workload) -> bool {
    let known = |word: &str| CONTROLLERS.iter().any(|name| word.contains(name));
    let images = workload.template.spec.containers.iter().map(|container| container.image.as_str());
    known(&workload.meta.name)
        || names(workload.pod_labels()).any(|name| known(name))
        || images.into_iter().any(known)
}

/// An Ingress or route of the namespace, in words, and its class.
fn route(cx: &Context<'_>) -> Option<(String, Text)> {
    let ingresses = cx.beside::<Ingress>(Kind::Ingress);
    let class = |ingress: &crate::model::Found<'_, Ingress>| {
        let annotated = ingress.meta.annotations.get("kubernetes.io/ingress.class").cloned();
        let own = Some(ingress.facts.ingress_class_name.clone()).filter(|class| !class.is_empty());
        own.or(annotated).unwrap_or_default()
    };
    // One that nobody could allow weighs more than one that somebody can.
    let outside = ingresses.iter().find(|ingress| OUTSIDE.contains(&class(ingress).as_str()));
    if let Some(ingress) = outside.or(ingresses.first()) {
        return Some((format!("Ingress '{}'", ingress.meta.name), class(ingress)));
    }
    let routes = cx.beside::<HttpRoute>(Kind::HttpRoute);
    if let Some(route) = routes.first() {
        return Some((format!("HTTPRoute '{}'", route.meta.name), Text::default()));
    }
    let gateways = cx.beside::<Gateway>(Kind::Gateway);
    if let Some(gateway) = gateways.first() {
        return Some((format!("Gateway '{}'", gateway.meta.name), Text::default()));
    }
    let grants = cx.beside::<ReferenceGrant>(Kind::ReferenceGrant);
    grants.first().map(|grant| (format!("ReferenceGrant '{}'", grant.meta.name), Text::default()))
}
