//! Of two controllers one writes; the other takes over, at once where the first one says that it goes, and only after
//! the first may no longer write where it does not.

use std::path::Path;
use std::time::{Duration, Instant};

use e2e::{AuditEntry, Cluster, Controller, wait_for};
use jiff::SignedDuration;
use k8s_openapi::api::coordination::v1::Lease;
use kube::Api;
use seaworthy::cluster::cluster_rules;
use serde_json::json;

use crate::support::{
    HOME, account, apply, converge, deployment, is_lease, is_write, namespace, policy, user,
};

/// How long a renewal gives the right to write (`leader.rs`): nobody else may begin before that.
const VALID: SignedDuration = SignedDuration::from_secs(10);

async fn holder(cluster: &Cluster) -> Result<String, String> {
    let leases: Api<Lease> = Api::namespaced(cluster.client(), HOME);
    let lease = leases.get("seaworthy-controller").await.map_err(|error| error.to_string())?;
    Ok(lease.spec.and_then(|spec| spec.holder_identity).unwrap_or_default())
}

/// Waits until it leads, and tells how long that took.
async fn leads(cluster: &Cluster, name: &str, within: Duration) -> Duration {
    let since = Instant::now();
    let look = || async {
        let holder = holder(cluster).await?;
        if holder == name { Ok(Some(())) } else { Err(format!("'{holder}' leads")) }
    };
    wait_for(&format!("{name} to lead"), within, look).await.unwrap();
    since.elapsed()
}

async fn start(cluster: &Cluster, kubeconfig: &Path, name: &str) -> Controller {
    let controller = Controller::spawn(cluster, kubeconfig, &["--identity", name]).unwrap();
    controller.ready().await.unwrap();
    controller
}

/// The writes of an account so far.
async fn writes(cluster: &Cluster, name: &str) -> Vec<AuditEntry> {
    let entries = cluster.audit().await.unwrap().into_iter();
    entries.filter(|entry| entry.user == user(name) && is_write(entry)).collect()
}

/// Changes every workload and the policy, so that there is much to write.
async fn upset(cluster: &Cluster, replicas: u32, level: &str) {
    let mut objects: Vec<_> = (0..60).map(|at| deployment("shop", &format!("web-{at}"), replicas)).collect();
    let mut policy = policy("everywhere");
    policy["spec"]["profile"] = json!({ "level": level });
    objects.push(policy);
    apply(cluster, &objects).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_controllers_one_writes_and_the_other_takes_over() {
    // Nothing is rolled out, as pods do not matter here.
    let controllers = "*,-deployment-controller";
    let cluster = Cluster::builder().name("leaders").controllers(controllers).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let first = account(&cluster, "first", &cluster_rules()).await;
    let second = account(&cluster, "second", &cluster_rules()).await;
    apply(&cluster, &[namespace("shop")]).await;

    let one = start(&cluster, &first, "first").await;
    leads(&cluster, "first", Duration::from_secs(10)).await;
    let two = start(&cluster, &second, "second").await;
    upset(&cluster, 1, "Standard").await;
    let reports = converge(&cluster, Duration::from_secs(30)).await;
    assert!(reports.len() > 60);
    assert!(writes(&cluster, "first").await.iter().any(|entry| entry.resource == "compliancereports"));
    let by_second = writes(&cluster, "second").await;
    assert!(by_second.is_empty(), "the second wrote while the first led: {by_second:#?}");

    // Told to end in the middle of its work: it gives the Lease back, and ends well.
    upset(&cluster, 2, "Strict").await;
    one.stop().await.unwrap();
    let took = leads(&cluster, "second", Duration::from_secs(10)).await;
    assert!(took < Duration::from_secs(5), "taken over {took:?} after it was given back");
    converge(&cluster, Duration::from_secs(30)).await;
    in_turn(&writes(&cluster, "first").await, &writes(&cluster, "second").await, SignedDuration::ZERO);

    // Killed: the Lease has to expire, and what the killed one could still write has to be over.
    let one = start(&cluster, &first, "first").await;
    let first_so_far = writes(&cluster, "first").await.len();
    upset(&cluster, 1, "Baseline").await;
    two.kill().unwrap();
    let took = leads(&cluster, "first", Duration::from_secs(30)).await;
    assert!(took < Duration::from_secs(22), "taken over {took:?} after it was killed");
    converge(&cluster, Duration::from_secs(30)).await;
    let by_first = writes(&cluster, "first").await;
    in_turn(&writes(&cluster, "second").await, &by_first[first_so_far..], VALID);

    one.stop().await.unwrap();
    cluster.stop().await.unwrap();
}

/// All that one wrote is over before the other writes its first, which is the Lease, `gap` after the last renewal.
fn in_turn(before: &[AuditEntry], after: &[AuditEntry], gap: SignedDuration) {
    let renewed = before.iter().filter(|entry| is_lease(entry)).map(|entry| entry.received).max().unwrap();
    let last = before.iter().filter(|entry| !is_lease(entry)).max_by_key(|entry| entry.completed).unwrap();
    let taken = after.iter().find(|entry| is_lease(entry) && entry.code < 300).unwrap();
    assert!(last.completed <= taken.received, "written after the Lease was lost: {last:#?}, {taken:#?}");
    if gap.is_zero() {
        // Given back: then also by its own word nothing may come after.
        assert!(last.completed <= renewed, "written after the Lease was given back: {last:#?}");
    }
    let waited = taken.received.duration_since(renewed);
    assert!(waited >= gap, "taken {waited:#} after the last renewal");
    let early = after.iter().find(|entry| !is_lease(entry) && entry.received < taken.completed);
    assert!(early.is_none(), "written before the Lease was won: {early:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_may_do_nothing_ends_well_when_told() {
    let cluster = Cluster::builder().name("rightless").start().await.unwrap();
    let kubeconfig = cluster.service_account_kubeconfig(HOME, "nobody").await.unwrap();
    let controller = Controller::spawn(&cluster, &kubeconfig, &[]).unwrap();
    let look = || async {
        let metrics = controller.metrics().map_err(|error| error.to_string())?;
        Ok::<_, String>(metrics.contains("seaworthy_watch_failures_total{").then_some(()))
    };
    wait_for("a refusal", Duration::from_secs(20), look).await.unwrap();
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}
