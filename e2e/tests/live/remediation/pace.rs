//! Thousands of workloads that lack a budget at once: they get theirs at the pace that was agreed on.

use std::time::Duration;

use e2e::{Cluster, Controller, wait_for};
use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value, json};

use super::world::{ask, made, remedier, status, writes};
use crate::support::many::create;
use crate::support::{deployment, namespace};

const WORKLOADS: usize = 5_000;
const SPACES: usize = 50;
/// What nobody said is this (`cli/args.rs`).
const PER_MINUTE: usize = 5;
/// So many have been written once the first minute's are back.
const WATCHED: usize = 2 * PER_MINUTE;

fn place(at: usize) -> (String, String) {
    (format!("p{}", at % SPACES), format!("d{at}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thousands_at_once_few_are_written() {
    // Nobody makes pods: a status that says that all are there is written by hand.
    let controllers = "*,-deployment-controller";
    let cluster = Cluster::builder().name("pace").controllers(controllers).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let client = cluster.client();
    create(&client, (0..SPACES).map(|at| namespace(&format!("p{at}"))).collect()).await;
    let objects: Vec<Value> =
        (0..WORKLOADS).map(place).map(|(space, name)| deployment(&space, &name, 2)).collect();
    create(&client, objects).await;
    futures::stream::iter(0..WORKLOADS)
        .for_each_concurrent(24, async |at| {
            let (space, name) = place(at);
            let api: Api<Deployment> = Api::namespaced(client.clone(), &space);
            let well = json!({ "status": { "replicas": 2, "readyReplicas": 2, "availableReplicas": 2 } });
            api.patch_status(&name, &PatchParams::default(), &Patch::Merge(well)).await.unwrap();
        })
        .await;
    let kubeconfig = remedier(&cluster).await;
    let more = ["--remediation", "pod-disruption-budgets"];
    let controller = Controller::spawn(&cluster, &kubeconfig, &more).unwrap();
    controller.ready().await.unwrap();
    ask(&cluster, &json!({ "mode": "Enabled" })).await;
    let first = || async {
        let (reason, counts) = status(&cluster).await;
        let [made, pending] = ["made", "pending"].map(|name| counts[name].as_u64().unwrap_or_default());
        if made > 0 && made + pending == WORKLOADS as u64 {
            Ok(Some(()))
        } else {
            Err(format!("{reason} {counts}"))
        }
    };
    wait_for("all to be eligible, and the first to be made", Duration::from_secs(240), first).await.unwrap();

    let second = || async {
        let made = made(&cluster).await.len();
        if made >= WATCHED { Ok(Some(())) } else { Err(format!("{made} were made")) }
    };
    wait_for("those of a second minute", Duration::from_secs(120), second).await.unwrap();

    let mut written: Vec<Timestamp> =
        writes(&cluster).await.into_iter().map(|entry| entry.completed).collect();
    written.sort();
    println!("{} of {WORKLOADS} were written", written.len());
    assert!(written.len() > PER_MINUTE, "only {written:?}");
    for window in written.windows(PER_MINUTE + 1) {
        let span = window[PER_MINUTE].duration_since(window[0]);
        // The log counts from answer to answer, in milliseconds.
        assert!(span > SignedDuration::from_millis(59_500), "{} within {span:#}: {window:?}", window.len());
    }
    assert_eq!(status(&cluster).await.0, "Pending");
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}
