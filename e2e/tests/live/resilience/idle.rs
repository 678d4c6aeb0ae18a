//! Where nothing changes, nothing is written: two minutes of the API server's audit log say so.

use std::time::Duration;

use e2e::{AuditEntry, Cluster, Controller, wait_for};
use jiff::{SignedDuration, Timestamp};
use seaworthy::cluster::cluster_rules;
use serde_json::{Value, json};

use crate::support::{
    account, apply, converge, deployment, is_lease, is_write, namespace, policy, report, user, workload,
};

/// How long nothing may be written.
const IDLE: Duration = Duration::from_secs(120);
/// No write for so long: what was still to be written (roll-ups, statuses) is written.
const SETTLED: SignedDuration = SignedDuration::from_secs(6);

/// 30 workloads of every kind that stays as it is, and two exemptions.
fn workloads() -> Vec<Value> {
    let mut all = vec![namespace("shop"), namespace("ops"), policy("everywhere")];
    for at in 0..12 {
        let space = if at % 2 == 0 { "shop" } else { "ops" };
        all.push(deployment(space, &format!("web-{at}"), 1 + at % 3));
        if at % 2 == 0 {
            let spec = json!({ "serviceName": "db", "replicas": 2 });
            all.push(workload("StatefulSet", space, &format!("db-{at}"), spec));
            let spec = json!({ "suspend": true, "schedule": "0 3 * * *", "jobTemplate": { "spec": { "template": {
                "spec": { "restartPolicy": "Never", "containers": [{ "name": "job", "image": "shop/job:1" }] } } } } });
            all.push(json!({ "apiVersion": "batch/v1", "kind": "CronJob", "spec": spec,
                "metadata": { "name": format!("night-{at}"), "namespace": space } }));
        } else {
            all.push(workload("DaemonSet", space, &format!("agent-{at}"), json!({})));
        }
    }
    for (space, ends) in [("shop", "2999-01-01T00:00:00Z"), ("ops", "2001-01-01T00:00:00Z")] {
        all.push(json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "ComplianceExemption",
            "metadata": { "name": "some", "namespace": space },
            "spec": { "checks": ["missing-network-policy"], "reason": "The mesh does it.", "expirationTime": ends } }));
    }
    all
}

async fn calls(cluster: &Cluster, of: &str) -> Vec<AuditEntry> {
    let mut entries = cluster.audit().await.unwrap();
    entries.retain(|entry| entry.user == of);
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_cluster_gets_no_write() {
    let cluster = Cluster::builder().name("idle").nodes(3).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let objects = workloads();
    assert_eq!(objects.len(), 3 + 30 + 2);
    apply(&cluster, &objects).await;
    for namespace in ["shop", "ops"] {
        let wait =
            ["wait", "-n", namespace, "--for=condition=Available", "--timeout=60s", "deployment", "--all"];
        cluster.kubectl(&wait).await.unwrap();
    }
    let kubeconfig = account(&cluster, "idle", &cluster_rules()).await;
    let controller = Controller::spawn(&cluster, &kubeconfig, &[]).unwrap();
    controller.ready().await.unwrap();
    let reports = converge(&cluster, Duration::from_secs(30)).await;
    assert!(reports.len() > 30, "{} reports", reports.len());
    let ours = user("idle");
    let settled = || async {
        let now = Timestamp::now();
        let writes =
            calls(&cluster, &ours).await.into_iter().filter(|entry| is_write(entry) && !is_lease(entry));
        match writes.map(|entry| entry.completed).max() {
            Some(last) if now.duration_since(last) > SETTLED => Ok(Some(now)),
            Some(last) => Err(format!("the last write was at {last}")),
            None => Err("nothing was written yet".to_owned()),
        }
    };
    let from = wait_for("the last write", Duration::from_secs(60), settled).await.unwrap();

    // Not a wait for something: this is the measurement.
    tokio::time::sleep(IDLE).await;

    let until = Timestamp::now();
    let since: Vec<AuditEntry> =
        calls(&cluster, &ours).await.into_iter().filter(|entry| entry.received > from).collect();
    let (leases, others): (Vec<_>, Vec<_>) = since.into_iter().filter(is_write).partition(is_lease);
    assert!(others.is_empty(), "written in {IDLE:?} of idleness: {others:#?}");
    // That the log shows our calls at all, up to the end: the Lease is renewed every 2 s.
    let renewals = leases.len();
    assert!((30..=65).contains(&renewals), "{renewals} writes of the Lease");
    assert!(leases.iter().all(|entry| entry.verb == "update" && entry.code == 200), "{leases:#?}");
    let silent = leases.last().map(|entry| until.duration_since(entry.completed)).unwrap();
    assert!(silent < SignedDuration::from_secs(10), "the last renewal was {silent:#} ago");

    // And it was not asleep: a change is written at once.
    apply(&cluster, &[deployment("shop", "web-0", 5)]).await;
    let look = || async {
        let report = report(&cluster, "shop", "deployment-web-0").await?;
        Ok::<_, String>(report.filter(|report| report.scope.generation == Some(2)))
    };
    wait_for("the report of the changed Deployment", Duration::from_secs(10), look).await.unwrap();
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}
