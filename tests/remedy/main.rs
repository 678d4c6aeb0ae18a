//! Plans of remediation, as a table: what is made for a workload, what is refused, what is withdrawn, and when.
//!
//! Not its job: writing any of it, which `e2e/tests/live/remediation` proves on a real control plane.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "allowed in tests; clippy does not see that the helpers are parts of one"
)]

mod command;
mod making;
mod network;
#[path = "../support/mod.rs"]
mod support;
mod yielding;

use jiff::{SignedDuration, Timestamp};
use seaworthy::api::ProductionPolicy;
use seaworthy::checks::CATALOGUE;
use seaworthy::manifest::{self, Options, Source};
use seaworthy::model::{Inventory, Kind, Sight, SubjectKey, WorkloadId};
use seaworthy::policy::{PolicySet, resolve};
use seaworthy::remedy::{Action, Cause, Hold, Outcome, Remedy, Terms, plan};
use serde_json::{Value, json};

fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn ago(seconds: i64) -> String {
    (now() - SignedDuration::from_secs(seconds)).to_string()
}

/// What a cluster with these objects and no others shows.
fn live(objects: &[Value]) -> Inventory {
    let text = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
    let source = Source { name: "live".to_owned(), text };
    let loaded = manifest::load(vec![source], &Options { complete: true, ..Options::default() });
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    loaded.inventory.into_live()
}

fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": "n"}})
}

fn workload(kind: &str, name: &str, replicas: i64) -> Value {
    let labels = json!({"app": name});
    json!({"apiVersion": "apps/v1", "kind": kind,
        "metadata": {"name": name, "namespace": "shop", "uid": format!("uid-{name}"), "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                 "template": {"metadata": {"labels": labels}, "spec": {"containers": []}}},
        "status": {"availableReplicas": replicas}})
}

fn deployment(replicas: i64) -> Value {
    workload("Deployment", "api", replicas)
}

fn budget(name: &str, selector: &Value) -> Value {
    json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": "shop", "uid": format!("uid-{name}")},
        "spec": {"maxUnavailable": 1, "selector": selector}})
}

/// The one that was made for the Deployment 'api'.
fn ours() -> Value {
    let mut budget = budget("seaworthy-deployment-api", &json!({"matchLabels": {"app": "api"}}));
    budget["spec"]["unhealthyPodEvictionPolicy"] = "AlwaysAllow".into();
    budget["metadata"]["generation"] = 1.into();
    budget["metadata"]["labels"] = json!({"seaworthy.dev/component": "remediation"});
    budget["metadata"]["annotations"] = json!({"seaworthy.dev/made-for": "Deployment/api",
        "seaworthy.dev/made-for-uid": "uid-api", "seaworthy.dev/policy": "p", "seaworthy.dev/deletion-policy": "Delete"});
    budget["metadata"]["managedFields"] = json!([{"manager": "seaworthy-remediation", "operation": "Update",
        "time": ago(3600), "fieldsV1": {"f:metadata": {}, "f:spec": {}}}]);
    budget["status"] = json!({"observedGeneration": 1, "disruptionsAllowed": 1});
    budget
}

fn with(mut object: Value, path: &str, value: Value) -> Value {
    let (parent, key) = path.rsplit_once('/').unwrap();
    object.pointer_mut(parent).unwrap()[key] = value;
    object
}

fn policy(name: &str, spec: &Value) -> ProductionPolicy {
    let mut spec = json!({"match": {"namespaceSelector": {}, "excludeNamespaces": []}, "remediation": {"podDisruptionBudgets": spec}});
    spec["profile"] = json!({"level": "Baseline"});
    serde_json::from_value(json!({"metadata": {"name": name}, "spec": spec})).unwrap()
}

fn enabled() -> PolicySet {
    set(&[policy("p", &json!({"mode": "Enabled", "deletionPolicy": "Delete"}))])
}

fn set(policies: &[ProductionPolicy]) -> PolicySet {
    let mut set = PolicySet::default();
    for policy in policies {
        set.insert(resolve(policy, &CATALOGUE).unwrap());
    }
    set
}

fn key(kind: Kind, name: &str) -> SubjectKey {
    SubjectKey::Workload(WorkloadId { namespace: "shop".into(), kind, name: name.into() })
}

fn terms() -> Terms {
    Terms { home: Some("seaworthy-system".into()), pod_disruption_budgets: true, network_policies: true }
}

fn of_api(inventory: &Inventory, policies: &PolicySet) -> Vec<Remedy> {
    plan(inventory, policies, &key(Kind::Deployment, "api"), (&terms(), &Hold::Free), now())
}

/// The one remedy for the Deployment 'api' in a namespace with these objects.
fn remedy(objects: &[Value]) -> Remedy {
    let all: Vec<Value> = objects.iter().cloned().chain([namespace("shop")]).collect();
    let mut remedies = of_api(&live(&all), &enabled());
    assert_eq!(remedies.len(), 1, "{remedies:#?}");
    remedies.pop().unwrap()
}

fn refused(objects: &[Value]) -> String {
    match remedy(objects) {
        Remedy { outcome: Outcome::Refused(why), action: None, .. } => why,
        other => panic!("not refused: {other:#?}"),
    }
}

fn withdrawn(remedy: &Remedy) -> Option<(&str, bool)> {
    match &remedy.action {
        Some(Action::Withdraw { why, cause }) => Some((why.as_str(), *cause == Cause::Harm)),
        _ => None,
    }
}
