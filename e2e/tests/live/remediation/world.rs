//! What the tests of remediation share: a controller that may write PodDisruptionBudgets, and who owns which of them.

use std::path::PathBuf;
use std::time::Duration;

use e2e::{AuditEntry, Cluster, Controller, wait_for};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::ResourceExt as _;
use kube::api::{Api, ListParams};
use seaworthy::cluster::{cluster_rules, remediation_rules};
use serde_json::{Value, json};

use crate::support::{account, apply, user};

/// The account that the controller runs under.
pub const ACCOUNT: &str = "remedier";

/// The kubeconfig of an account that may do what a controller with remediation does.
pub async fn remedier(cluster: &Cluster) -> PathBuf {
    account(cluster, ACCOUNT, &[cluster_rules(), remediation_rules()].concat()).await
}

/// A controller that may write PodDisruptionBudgets, as fast as it can.
pub async fn start(cluster: &Cluster, kubeconfig: &std::path::Path) -> Controller {
    let more = [
        "--remediation",
        "pod-disruption-budgets",
        "--remediation-writes-per-minute",
        "6000",
        "--identity",
        "one",
    ];
    let controller = Controller::spawn(cluster, kubeconfig, &more).unwrap();
    controller.ready().await.unwrap();
    controller
}

/// A policy for everything that asks for PodDisruptionBudgets, and for one check.
pub fn policy(remediation: &Value) -> Value {
    json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "ProductionPolicy", "metadata": { "name": "remedy" },
        "spec": { "profile": { "level": "None" }, "match": { "namespaceSelector": {} },
                  "checks": [{ "name": "missing-pod-disruption-budget" }],
                  "remediation": { "podDisruptionBudgets": remediation } } })
}

/// A budget of somebody's own for the pods of a workload.
pub fn own_budget(namespace: &str, name: &str, app: &str) -> Value {
    json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": { "name": name, "namespace": namespace },
        "spec": { "maxUnavailable": 1, "selector": { "matchLabels": { "app": app } } } })
}

/// The name of what is made for a Deployment.
pub fn made_for(deployment: &str) -> String {
    format!("seaworthy-deployment-{deployment}")
}

pub fn is_ours(budget: &PodDisruptionBudget) -> bool {
    budget.labels().get("seaworthy.dev/component").is_some_and(|value| value == "remediation")
}

/// All PodDisruptionBudgets.
pub async fn budgets(cluster: &Cluster) -> Vec<PodDisruptionBudget> {
    let api: Api<PodDisruptionBudget> = Api::all(cluster.client());
    api.list(&ListParams::default()).await.unwrap().items
}

/// Those that were made, as namespace/name, in order.
pub async fn made(cluster: &Cluster) -> Vec<String> {
    let ours = budgets(cluster).await.into_iter().filter(is_ours);
    let mut names: Vec<String> =
        ours.map(|budget| format!("{}/{}", budget.namespace().unwrap(), budget.name_any())).collect();
    names.sort();
    names
}

/// Waits until exactly these stand of ours.
pub async fn stand(cluster: &Cluster, wanted: &[&str], within: Duration) {
    let mut sorted = wanted.to_vec();
    sorted.sort_unstable();
    let look = || async {
        let made = made(cluster).await;
        if made == sorted { Ok(Some(())) } else { Err(format!("{made:?}")) }
    };
    wait_for(&format!("{wanted:?} to stand"), within, look).await.unwrap();
}

/// What the policy's status says of remediation: the reason of its condition, and its counts.
pub async fn status(cluster: &Cluster) -> (String, Value) {
    let text = cluster.kubectl(&["get", "productionpolicy", "remedy", "-o", "json"]).await.unwrap();
    let policy: Value = serde_json::from_str(&text).unwrap();
    let conditions = policy["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let condition = conditions.iter().find(|condition| condition["type"] == "Remediated");
    let reason = condition.and_then(|condition| condition["reason"].as_str()).unwrap_or_default();
    (reason.to_owned(), policy["status"]["remediation"]["podDisruptionBudgets"].clone())
}

/// Waits until the policy's status gives this reason.
pub async fn reason(cluster: &Cluster, wanted: &str, within: Duration) {
    status_is(cluster, wanted, &[], within).await;
}

/// Waits until the policy's status gives this reason and these counts.
pub async fn status_is(cluster: &Cluster, wanted: &str, numbers: &[(&str, i64)], within: Duration) {
    let look = || async {
        let (reason, counts) = status(cluster).await;
        let counted = numbers.iter().all(|(name, number)| counts[*name] == json!(number));
        if reason == wanted && counted { Ok(Some(())) } else { Err(format!("{reason} {counts}")) }
    };
    wait_for(&format!("the reason {wanted} {numbers:?}"), within, look).await.unwrap();
}

/// Waits until every Deployment of a namespace is available.
pub async fn available(cluster: &Cluster, namespace: &str) {
    let wait = ["wait", "-n", namespace, "--for=condition=Available", "--timeout=60s", "deployment", "--all"];
    cluster.kubectl(&wait).await.unwrap();
}

/// What the controller wrote of PodDisruptionBudgets so far, and the API server let it.
pub async fn writes(cluster: &Cluster) -> Vec<AuditEntry> {
    let ours = user(ACCOUNT);
    let mut entries = crate::support::writes(cluster).await;
    entries
        .retain(|entry| entry.user == ours && entry.resource == "poddisruptionbudgets" && entry.code < 300);
    entries
}

/// Applies a policy that asks for this.
pub async fn ask(cluster: &Cluster, remediation: &Value) {
    apply(cluster, &[policy(remediation)]).await;
}
