//! NetworkPolicies: where they are made, in which order they come and go, and what they never cut off.
//!
//! Not its job: writing any of it, which `e2e/tests/live/remediation_network` proves on a real control plane.

mod flows;
mod generated;
mod ground;
mod order;

use super::*;

/// The names of all four objects, in the order in which they are made.
const NAMES: [&str; 4] =
    ["seaworthy-allow-ingress", "seaworthy-allow-egress", "seaworthy-deny-ingress", "seaworthy-deny-egress"];

fn asked(networks: &Value) -> PolicySet {
    let spec = json!({"match": {"namespaceSelector": {}, "excludeNamespaces": []}, "profile": {"level": "Baseline"},
        "remediation": {"networkPolicies": networks}});
    set(&[serde_json::from_value(json!({"metadata": {"name": "p"}, "spec": spec})).unwrap()])
}

/// All presets, for users that come by namespace 'ingress'.
fn everything() -> Value {
    json!({"mode": "Enabled", "deletionPolicy": "Delete",
        "presets": ["AllowSameNamespace", "AllowDNS", "AllowFromNamespaces", "DenyIngress", "DenyEgress"],
        "allowFromNamespaces": [{"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}]})
}

fn dns_service(target: &Value) -> Value {
    let ports = ["UDP", "TCP"].map(|protocol| json!({"name": protocol.to_lowercase(), "protocol": protocol, "port": 53, "targetPort": target}));
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kube-dns", "namespace": "kube-system"},
        "spec": {"clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10"], "selector": {"k8s-app": "kube-dns"}, "ports": ports}})
}

fn pod(namespace: &str, name: &str, labels: Value, spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace, "uid": format!("uid-{name}"), "labels": labels},
        "spec": spec, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}})
}

/// A cluster whose DNS works, and a namespace of an ingress controller.
fn cluster() -> Vec<Value> {
    let label = json!({"k8s-app": "kube-dns"});
    vec![
        namespace("kube-system"),
        namespace("ingress"),
        namespace("shop"),
        dns_service(&json!(53)),
        pod("kube-system", "coredns-1", label, json!({"containers": [{"name": "coredns"}]})),
        deployment(3),
    ]
}

fn shop() -> SubjectKey {
    SubjectKey::Namespace("shop".into())
}

fn plan_of(objects: &[Value], networks: &Value, hold: &Hold) -> Vec<Remedy> {
    plan(&live(objects), &asked(networks), &shop(), (&terms(), hold), now())
}

/// The plan for namespace 'shop' in the cluster with these objects more.
fn of_shop(more: &[Value], networks: &Value) -> Vec<Remedy> {
    let all: Vec<Value> = cluster().into_iter().chain(more.iter().cloned()).collect();
    plan_of(&all, networks, &Hold::Free)
}

/// What the API server makes of an object of ours.
fn stored(remedy: &Remedy) -> Value {
    let mut object = remedy.desired.as_ref().unwrap().document();
    let uid = format!("uid-{}", remedy.place.name);
    let uid = remedy.standing.as_ref().map_or(uid, |standing| standing.uid.to_string());
    object["metadata"]["uid"] = uid.into();
    object["metadata"]["managedFields"] = json!([{"manager": "seaworthy-remediation", "operation": "Update",
        "time": ago(3600), "fieldsV1": {"f:metadata": {}, "f:spec": {}}}]);
    object
}

/// All four as they stand once they were made.
fn standing(networks: &Value) -> Vec<Value> {
    let mut made: Vec<Value> = Vec::new();
    while let Some(next) =
        of_shop(&made, networks).iter().find(|remedy| remedy.action == Some(Action::Create))
    {
        made.push(stored(next));
    }
    made
}

fn named<'r>(remedies: &'r [Remedy], name: &str) -> &'r Remedy {
    remedies
        .iter()
        .find(|remedy| remedy.place.name == *name)
        .unwrap_or_else(|| panic!("no {name}: {remedies:#?}"))
}

fn refusals(remedies: &[Remedy]) -> Vec<(&str, &str)> {
    let each = remedies.iter().filter_map(|remedy| match &remedy.outcome {
        Outcome::Refused(why) => Some((remedy.place.name.as_str(), why.as_str())),
        _ => None,
    });
    each.collect()
}

fn withdrawals(remedies: &[Remedy]) -> Vec<&str> {
    let gone = remedies.iter().filter(|remedy| matches!(remedy.action, Some(Action::Withdraw { .. })));
    gone.map(|remedy| remedy.place.name.as_str()).collect()
}

fn creations(remedies: &[Remedy]) -> Vec<&str> {
    let made = remedies.iter().filter(|remedy| remedy.action == Some(Action::Create));
    made.map(|remedy| remedy.place.name.as_str()).collect()
}
