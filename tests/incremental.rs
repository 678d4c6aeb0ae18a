//! What a change touches is enough: looking again only at what the inventory says gives what a full pass gives.
//!
//! Random objects come, change and go; `SEED=...` replays a run.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

#[path = "incremental/practices.rs"]
mod practices;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rayon::prelude::*;
use serde_json::{Value, json};

use seaworthy::api::Severity;
use seaworthy::checks::CATALOGUE;
use seaworthy::decode::{Decoded, decode};
use seaworthy::engine::{Evaluation, InForce, Ruleset, evaluate};
use seaworthy::model::{Inventory, Kind, SubjectKey, Touched};

/// Chance, from a seed.
struct Dice(fastrand::Rng);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0.usize(..sides)
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }
}

const NAMESPACES: [&str; 2] = ["shop", "bank"];
const NAMES: [&str; 4] = ["api", "web", "db", "job"];
const KINDS: [Kind; 43] = [
    Kind::Rollout,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::CronJob,
    Kind::Pod,
    Kind::ReplicaSet,
    Kind::Namespace,
    Kind::Service,
    Kind::HorizontalPodAutoscaler,
    Kind::ScaledObject,
    Kind::PodDisruptionBudget,
    Kind::NetworkPolicy,
    Kind::LimitRange,
    Kind::PersistentVolumeClaim,
    Kind::ServiceAccount,
    Kind::Role,
    Kind::RoleBinding,
    Kind::ClusterRole,
    Kind::ClusterRoleBinding,
    Kind::ConfigMap,
    Kind::Secret,
    Kind::ExternalSecret,
    Kind::Certificate,
    Kind::ServiceMonitor,
    Kind::PodMonitor,
    Kind::PrometheusRule,
    Kind::GrafanaDashboard,
    Kind::VulnerabilityReport,
    Kind::CiliumNetworkPolicy,
    Kind::CiliumClusterwideNetworkPolicy,
    Kind::CalicoGlobalNetworkPolicy,
    Kind::ClusterNetworkPolicy,
    Kind::Ingress,
    Kind::HttpRoute,
    Kind::Gateway,
    Kind::ReferenceGrant,
    Kind::UptimeProbe,
    Kind::StorageClass,
    Kind::VeleroSchedule,
    Kind::K8upSchedule,
    Kind::ReplicationSource,
    Kind::ScheduledBackup,
];

fn labels(dice: &mut Dice) -> Value {
    match dice.roll(4) {
        0 => json!({}),
        1 => json!({"app": dice.pick(&NAMES)}),
        _ => json!({"app": dice.pick(&NAMES), "tier": dice.pick(&["front", "back"])}),
    }
}

fn selector(dice: &mut Dice) -> Value {
    match dice.roll(6) {
        0 => json!({}),
        1 => {
            json!({"matchExpressions": [{"key": "tier", "operator": dice.pick(&["Exists", "DoesNotExist"])}]})
        }
        _ => json!({"matchLabels": labels(dice)}),
    }
}

fn template(dice: &mut Dice) -> Value {
    let port = json!({"containerPort": 80, "name": dice.pick(&["http", "web"])});
    let mut container = json!({"name": "main", "image": dice.pick(&["a:1", "a:latest"]), "ports": [port]});
    container["envFrom"] = json!([{dice.pick(&["configMapRef", "secretRef"]): {"name": dice.pick(&NAMES)}}]);
    if dice.roll(2) == 0 {
        container["resources"] = json!({"limits": {"memory": "1Gi", "cpu": "1"}});
    }
    let volumes = if dice.roll(3) == 0 {
        json!([{"name": "v", "persistentVolumeClaim": {"claimName": dice.pick(&NAMES)}}])
    } else {
        json!([])
    };
    let account = dice.pick(&NAMES);
    json!({"metadata": {"labels": labels(dice)},
        "spec": {"containers": [container], "volumes": volumes, "serviceAccountName": account}})
}

fn monitor(dice: &mut Dice, endpoints: &str) -> Value {
    let namespaces = dice.pick(&[json!({}), json!({"any": true}), json!({"matchNames": ["shop"]})]);
    let endpoint = json!({"port": dice.pick(&["http", "metrics"])});
    json!({"selector": selector(dice), "namespaceSelector": namespaces, endpoints: [endpoint]})
}

/// The spec of a policy of another API, of a route, or of what belongs to routes.
fn network(dice: &mut Dice, kind: Kind) -> Value {
    let host = format!("{}.example.com", dice.pick(&["a", "b"]));
    let backend = json!({"name": dice.pick(&NAMES), "namespace": dice.pick(&NAMESPACES), "port": 80});
    match kind {
        Kind::CiliumNetworkPolicy | Kind::CiliumClusterwideNetworkPolicy => {
            let ingress = dice.pick(&[json!([{}]), json!([{"fromEntities": ["all"]}]), json!([])]);
            json!({"endpointSelector": selector(dice), "ingress": ingress})
        }
        Kind::CalicoGlobalNetworkPolicy => {
            let action = dice.pick(&["Allow", "Deny", "Pass"]);
            json!({"selector": format!("app == '{}'", dice.pick(&NAMES)), "order": dice.roll(2000),
                "ingress": [{"action": action}]})
        }
        Kind::ClusterNetworkPolicy => {
            let rule = json!({"action": dice.pick(&["Accept", "Deny"]), "from": [{"namespaces": {}}]});
            let pods = json!({"namespaceSelector": selector(dice), "podSelector": selector(dice)});
            json!({"tier": dice.pick(&["Admin", "Baseline"]), "priority": dice.roll(9), "subject": {"pods": pods},
                "ingress": [rule]})
        }
        Kind::Ingress => {
            let service = json!({"name": dice.pick(&NAMES), "port": {"number": dice.pick(&[80, 81])}});
            let path = json!({"path": "/", "pathType": "Prefix", "backend": {"service": service}});
            json!({"rules": [{"host": host, "http": {"paths": [path]}}]})
        }
        Kind::HttpRoute => {
            let parent = json!({"name": dice.pick(&NAMES), "namespace": dice.pick(&NAMESPACES)});
            let hosts = dice.pick(&[json!([host]), json!([])]);
            json!({"parentRefs": [parent], "hostnames": hosts, "rules": [{"backendRefs": [backend]}]})
        }
        Kind::Gateway => {
            let protocol = dice.pick(&["HTTP", "HTTPS"]);
            json!({"listeners": [{"name": "l", "protocol": protocol, "port": 80}]})
        }
        Kind::ReferenceGrant => {
            let from = json!({"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": dice.pick(&NAMESPACES)});
            json!({"from": [from], "to": [{"group": "", "kind": "Service"}]})
        }
        Kind::UptimeProbe => json!({"targets": {"staticConfig": {"static": [format!("https://{host}/")]}}}),
        _ => json!({}),
    }
}

fn object(dice: &mut Dice, kind: Kind, namespace: &str, name: &str) -> Value {
    let replicas = dice.roll(4);
    let target = json!({"apiVersion": "apps/v1", "kind": dice.pick(&["Deployment", "StatefulSet"]), "name": dice.pick(&NAMES)});
    let mut metadata = json!({"name": name, "namespace": namespace, "uid": "u", "labels": labels(dice)});
    metadata["annotations"] = practices::annotations(dice);
    let owned = |by: &str, name: &str| json!([{"apiVersion": "apps/v1", "kind": by, "name": name, "uid": "o", "controller": true}]);
    let (spec, status) = match kind {
        Kind::Deployment | Kind::StatefulSet => {
            let strategy = json!({"type": dice.pick(&["Recreate", "RollingUpdate"])});
            let status = json!({"availableReplicas": dice.roll(3)});
            (
                json!({"replicas": replicas, "strategy": strategy, "template": template(dice), "selector": selector(dice), "serviceName": dice.pick(&NAMES)}),
                status,
            )
        }
        Kind::Rollout => {
            let lender = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": dice.pick(&NAMES)});
            (json!({"replicas": replicas, "workloadRef": lender}), json!({}))
        }
        Kind::DaemonSet => (json!({"template": template(dice)}), json!({"desiredNumberScheduled": 1})),
        Kind::CronJob => (json!({"jobTemplate": {"spec": {"template": template(dice)}}}), json!({})),
        Kind::Pod => {
            if dice.roll(3) > 0 {
                metadata["ownerReferences"] = owned("ReplicaSet", dice.pick(&NAMES));
            }
            let ready = json!({"type": "Ready", "status": dice.pick(&["True", "False"]), "lastTransitionTime": "2026-01-01T00:00:00Z"});
            (template(dice)["spec"].clone(), json!({"phase": "Running", "conditions": [ready]}))
        }
        Kind::ReplicaSet => {
            if dice.roll(3) > 0 {
                metadata["ownerReferences"] = owned("Deployment", dice.pick(&NAMES));
            }
            (json!({"replicas": replicas, "template": template(dice)}), json!({}))
        }
        Kind::Service => (
            json!({"selector": labels(dice), "clusterIP": dice.pick(&["", "None"]), "ports": [{
                "name": dice.pick(&["http", "web"]), "port": 80, "targetPort": dice.pick(&[json!(80), json!("web")])}]}),
            json!({}),
        ),
        Kind::HorizontalPodAutoscaler => {
            (json!({"scaleTargetRef": target, "minReplicas": replicas}), json!({}))
        }
        Kind::ScaledObject => (json!({"scaleTargetRef": target, "minReplicaCount": replicas}), json!({})),
        Kind::PodDisruptionBudget => (
            json!({"selector": selector(dice), dice.pick(&["minAvailable", "maxUnavailable"]): replicas}),
            json!({}),
        ),
        Kind::NetworkPolicy => {
            let peer = json!({"namespaceSelector": selector(dice), "podSelector": selector(dice)});
            let rules = dice.pick(&[json!([]), json!([{}]), json!([{"from": [peer]}])]);
            let types = dice.pick(&[json!(["Ingress"]), json!(["Egress"])]);
            (json!({"podSelector": selector(dice), "policyTypes": types, "ingress": rules}), json!({}))
        }
        Kind::LimitRange => {
            (json!({"limits": [{"type": "Container", "default": {"memory": "1Gi"}}]}), json!({}))
        }
        Kind::PersistentVolumeClaim => {
            let class = dice.pick(&[json!(null), json!("api"), json!("web")]);
            let modes = [dice.pick(&["ReadWriteOnce", "ReadWriteMany"])];
            (json!({"accessModes": modes, "storageClassName": class}), json!({}))
        }
        Kind::ExternalSecret => (json!({"target": {"name": dice.pick(&NAMES)}}), json!({})),
        Kind::VeleroSchedule => {
            let included = dice.pick(&[json!([]), json!(["shop"]), json!(["*"])]);
            (
                json!({"template": {"includedNamespaces": included, "labelSelector": selector(dice)}}),
                json!({}),
            )
        }
        Kind::K8upSchedule => (dice.pick(&[json!({}), json!({"backup": {}})]), json!({})),
        Kind::ReplicationSource => (json!({"sourcePVC": dice.pick(&NAMES)}), json!({})),
        Kind::ScheduledBackup => (json!({"cluster": {"name": dice.pick(&NAMES)}}), json!({})),
        Kind::Certificate => (json!({"secretName": dice.pick(&NAMES)}), json!({})),
        Kind::ServiceMonitor => (monitor(dice, "endpoints"), json!({})),
        Kind::PodMonitor => (monitor(dice, "podMetricsEndpoints"), json!({})),
        Kind::PrometheusRule => {
            let kind = dice.pick(&["alert", "record"]);
            let rule =
                json!({kind: "Down", "expr": format!("up{{namespace=\"{}\"}} == 0", dice.pick(&NAMESPACES))});
            (json!({"groups": [{"name": "all", "rules": [rule]}]}), json!({}))
        }
        Kind::GrafanaDashboard => {
            (json!({"json": format!("up{{namespace=~\"{}|x\"}}", dice.pick(&NAMESPACES))}), json!({}))
        }
        Kind::VulnerabilityReport => {
            metadata["labels"] = json!({
                "trivy-operator.resource.kind": dice.pick(&["ReplicaSet", "StatefulSet"]),
                "trivy-operator.resource.name": dice.pick(&NAMES),
                "trivy-operator.container.name": "main",
            });
            (json!({}), json!({}))
        }
        other if practices::KINDS.contains(&other) => practices::object(dice, other),
        other => (network(dice, other), json!({})),
    };
    let mut object = json!({"metadata": metadata, "spec": spec, "status": status});
    for (key, value) in members(dice, kind).as_object().unwrap() {
        object[key] = value.clone();
    }
    object
}

/// What stands beside `metadata` in objects without a spec.
fn members(dice: &mut Dice, kind: Kind) -> Value {
    match kind {
        Kind::ServiceAccount => json!({"automountServiceAccountToken": dice.roll(2) == 0}),
        Kind::Role | Kind::ClusterRole => {
            let resources = dice.pick(&["pods/exec", "secrets", "configmaps", "*"]);
            let all = dice.pick(&[json!(["*"]), json!(["get", "create"])]);
            let selected = selector(dice);
            let aggregation = dice.pick(&[json!(null), json!({"clusterRoleSelectors": [selected]})]);
            json!({"rules": [{"verbs": all, "apiGroups": ["*"], "resources": [resources]}], "aggregationRule": aggregation})
        }
        Kind::RoleBinding | Kind::ClusterRoleBinding => {
            let group = dice.pick(&["system:serviceaccounts", "system:serviceaccounts:shop", "people"]);
            let account = json!({"kind": "ServiceAccount", "name": dice.pick(&NAMES), "namespace": dice.pick(&NAMESPACES)});
            let subject = dice.pick(&[account.clone(), account, json!({"kind": "Group", "name": group})]);
            let role =
                if kind == Kind::RoleBinding { dice.pick(&["Role", "ClusterRole"]) } else { "ClusterRole" };
            json!({"roleRef": {"kind": role, "name": dice.pick(&NAMES)}, "subjects": [subject]})
        }
        Kind::VulnerabilityReport => json!({"report": {"summary": {"criticalCount": dice.roll(2)}}}),
        Kind::StorageClass => json!({
            "provisioner": dice.pick(&["a.example.com", "kubernetes.io/no-provisioner"]),
            "allowVolumeExpansion": dice.roll(2) == 0,
            "reclaimPolicy": dice.pick(&["Delete", "Retain"]),
        }),
        _ => json!({}),
    }
}

/// One random change, made to the inventory.
fn change(dice: &mut Dice, kinds: &[Kind], inventory: &mut Inventory, history: &mut Vec<String>) -> Touched {
    let kind = dice.pick(kinds);
    let (namespace, name) = (dice.pick(&NAMESPACES), dice.pick(&NAMES));
    let (namespace, name) = match kind {
        Kind::Namespace => ("", namespace),
        _ if !kind.info().namespaced => ("", name),
        _ => (namespace, name),
    };
    if dice.roll(4) == 0 {
        history.push(format!("delete {kind} {namespace}/{name}"));
        return inventory.remove(kind, &namespace.into(), &name.into());
    }
    let mut object = object(dice, kind, namespace, name);
    if dice.roll(25) == 0 {
        object["spec"] = json!([1]);
    }
    history.push(format!("apply {kind} {object}"));
    match decode(kind, &object.to_string(), "").unwrap() {
        Decoded::Record(record) => inventory.apply(record),
        Decoded::Unreadable(meta, error) => inventory.apply_unreadable(kind, meta, error.to_string()),
    }
}

#[test]
fn looking_again_at_what_was_touched_is_enough() {
    let checks = CATALOGUE.iter().map(|check| {
        let params = check.rule.parse(&BTreeMap::new()).unwrap();
        InForce { check, name: None, severity: None, params }
    });
    compare(&[KINDS.as_slice(), &practices::KINDS].concat(), checks.chain(practices::asked()).collect());
}

/// Alone, as what is worded by things far away is looked at again whatever touches it.
#[test]
fn looking_again_at_what_an_attestation_touched_is_enough() {
    let kinds = [Kind::Namespace, Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet, Kind::VeleroSchedule];
    compare(&[kinds.as_slice(), &practices::KINDS].concat(), practices::asked());
}

/// Makes changes to objects of some kinds, and judges after each what it touched, and everything.
fn compare(kinds: &[Kind], checks: Vec<InForce>) {
    let given = std::env::var("SEED").ok().map(|seed| seed.parse().unwrap());
    let seeds: Vec<u64> = given.map_or_else(|| (0..8).collect(), |seed| vec![seed]);
    let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
    let ruleset = Ruleset { policy: "all".into(), threshold: Severity::High, checks };
    seeds.into_par_iter().for_each(|seed| {
        let (mut dice, mut inventory, mut history) =
            (Dice(fastrand::Rng::with_seed(seed)), Inventory::live(), Vec::new());
        for kind in Kind::ALL {
            inventory.finish(*kind);
        }
        let look = |inventory: &Inventory, key: &SubjectKey| evaluate(inventory, key, &[&ruleset], now);
        let mut known: BTreeMap<SubjectKey, Evaluation> = BTreeMap::new();
        for _ in 0..150 {
            let mut again = change(&mut dice, kinds, &mut inventory, &mut history);
            // What is only worded by things far away is looked at again now and then.
            again.extend(known.iter().filter(|(_, e)| e.hinted).map(|(key, _)| key.clone()));
            for key in again {
                match look(&inventory, &key) {
                    Some(evaluation) => known.insert(key, evaluation),
                    None => known.remove(&key),
                };
            }
            let full: BTreeMap<SubjectKey, Evaluation> = inventory
                .subjects()
                .into_iter()
                .filter_map(|key| Some((key.clone(), look(&inventory, &key)?)))
                .collect();
            for key in full.keys().chain(known.keys()) {
                let (incremental, wanted) = (known.get(key), full.get(key));
                assert!(
                    incremental == wanted,
                    "SEED={seed}: {key:?} was not touched by:\n{}\nknown: {incremental:#?}\nwanted: {wanted:#?}",
                    history.iter().rev().take(3).cloned().collect::<Vec<_>>().join("\n")
                );
            }
        }
    });
}
