//! Kinds of workloads that policies declare, in a cluster: watched as policies come and go, without a restart.
//!
//! A program of its own: which kinds are declared is one thing for a whole process.
//! Not its job: what is said of them (`tests/workload_kinds.rs`).

use std::time::Duration;

use e2e::{Cluster, Controller, wait_for};
use seaworthy::cluster::{Rule, cluster_rules, policies};
use serde_json::{Value, json};

use crate::support::{account, apply, cluster_role, converge, deployment, listed, namespace, policy, report};

const API: &str = "fleets.example.com";
/// An API that appears is seen after at most 30 s (`cluster/served.rs`), and one refused is asked for as often.
const SEEN: Duration = Duration::from_secs(45);
const SOON: Duration = Duration::from_secs(20);

fn definition() -> Value {
    json!({ "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": API },
        "spec": { "group": "example.com", "scope": "Namespaced",
            "names": { "kind": "Fleet", "plural": "fleets", "singular": "fleet", "listKind": "FleetList" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema":
                { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } }] } })
}

fn fleet(name: &str) -> Value {
    let mut object = deployment("sea", name, 1);
    object["apiVersion"] = "example.com/v1".into();
    object["kind"] = "Fleet".into();
    object
}

fn declaring(name: &str, replicas_path: &str) -> Value {
    let mut object = policy(name);
    object["spec"]["workloadKinds"] =
        json!([{ "apiVersion": "example.com/v1", "kind": "Fleet", "replicasPath": replicas_path }]);
    object
}

/// Waits until there is a report on the fleet, or none.
async fn reported(cluster: &Cluster, wanted: bool, within: Duration) {
    let look = || async {
        let found = report(cluster, "sea", "fleet.example.com-north").await?;
        if found.is_some() == wanted { Ok(Some(())) } else { Err(format!("{found:?}")) }
    };
    wait_for("the report on the fleet to come or go", within, look).await.unwrap();
}

/// Waits until the condition of the policy's status says so.
async fn says(cluster: &Cluster, policy: &str, condition: &str, words: &str) {
    let look = || async {
        let all = listed(cluster, &policies()).await?.unwrap_or_default();
        let of = all.into_iter().find(|object| object["metadata"]["name"] == policy).unwrap_or_default();
        let conditions = of["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let said = conditions.iter().find(|c| c["type"] == condition).map(|c| c["message"].to_string());
        if said.as_ref().is_some_and(|said| said.contains(words)) {
            Ok(Some(()))
        } else {
            Err(format!("{said:?}"))
        }
    };
    wait_for(&format!("{condition} of {policy} to say {words}"), SEEN, look).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn declared_kinds_come_and_go_with_their_policies() {
    let cluster = Cluster::builder().name("declared").nodes(1).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    apply(&cluster, &[definition(), namespace("sea"), deployment("sea", "calm", 2), policy("everywhere")])
        .await;
    cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", API]).await.unwrap();
    let mut owned = deployment("sea", "made", 1);
    apply(&cluster, &[fleet("north")]).await;
    let uid = cluster
        .kubectl(&["get", "-n", "sea", "fleet", "north", "-o", "jsonpath={.metadata.uid}"])
        .await
        .unwrap();
    owned["metadata"]["ownerReferences"] = json!([{ "apiVersion": "example.com/v1", "kind": "Fleet", "name": "north",
        "uid": uid.trim(), "controller": true }]);
    apply(&cluster, &[owned]).await;
    let kubeconfig = account(&cluster, "declared", &cluster_rules()).await;
    let controller = Controller::spawn(&cluster, &kubeconfig, &[]).unwrap();
    controller.ready().await.unwrap();
    assert!(report(&cluster, "sea", "fleet.example.com-north").await.unwrap().is_none());
    converge(&cluster, SOON).await;

    // Without the right to list them nothing is known, and it is said which right is missing.
    apply(&cluster, &[declaring("fleets", "spec.replicas")]).await;
    says(&cluster, "fleets", "Ready", "fleets.example.com may not be listed").await;
    let mut rules = cluster_rules();
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    rules.push(Rule {
        api_groups: list(&["example.com"]),
        resources: list(&["fleets"]),
        resource_names: Vec::new(),
        verbs: list(&["list", "watch"]),
    });
    apply(&cluster, &[cluster_role("declared", &rules)]).await;
    reported(&cluster, true, SEEN).await;
    // What the fleet owns is judged no more, and everything else is as a fresh look has it.
    converge(&cluster, SOON).await;
    assert!(report(&cluster, "sea", "deployment-made").await.unwrap().is_none());

    // Of two declarations the first policy's holds, and the other says so.
    apply(&cluster, &[declaring("later", "spec.count")]).await;
    says(&cluster, "later", "Accepted", "Fleet.example.com is declared otherwise by 'fleets'").await;
    converge(&cluster, SOON).await;

    // Nobody declares it any more: its report goes, and what it owns is judged again.
    for name in ["later", "fleets"] {
        cluster.kubectl(&["delete", "productionpolicy", name]).await.unwrap();
    }
    reported(&cluster, false, SOON).await;
    converge(&cluster, SOON).await;
    assert!(report(&cluster, "sea", "deployment-made").await.unwrap().is_some());

    // Also where it happens while nobody looks.
    apply(&cluster, &[declaring("fleets", "spec.replicas")]).await;
    reported(&cluster, true, SEEN).await;
    converge(&cluster, SOON).await;
    drop(controller);
    cluster.kubectl(&["delete", "productionpolicy", "fleets"]).await.unwrap();
    let controller = Controller::spawn(&cluster, &kubeconfig, &[]).unwrap();
    controller.ready().await.unwrap();
    reported(&cluster, false, SOON).await;
    converge(&cluster, SOON).await;
    cluster.stop().await.unwrap();
}
