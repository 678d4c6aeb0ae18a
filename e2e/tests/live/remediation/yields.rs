//! Somebody's own budget comes at a moment of chance, 200 times: ours is gone at once, and no pod has two for long.
//!
//! Measured by the API server's audit log: from the answer to theirs to the answer that ours is gone.

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::{AuditEntry, Cluster, Controller, Random};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::world::{ACCOUNT, ask, made, made_for, own_budget, remedier, stand, start};
use crate::support::many::create;
use crate::support::{apply, deployment, namespace, seed, user};

const TIMES: usize = 200;
const LIMIT: SignedDuration = SignedDuration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn ours_makes_room_for_somebodys_own() {
    let seed = seed();
    println!("SEAWORTHY_SEED={seed}");
    let mut random = Random(seed);
    let cluster = Cluster::builder().name("yields").nodes(2).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let client = cluster.client();
    let spaces: Vec<String> = (0..TIMES).map(|at| format!("y{at}")).collect();
    create(&client, spaces.iter().map(|space| namespace(space)).collect()).await;
    create(&client, spaces.iter().map(|space| deployment(space, "api", 2)).collect()).await;
    let kubeconfig = remedier(&cluster).await;
    let controller = start(&cluster, &kubeconfig).await;
    ask(&cluster, &json!({ "mode": "Enabled" })).await;
    let all: Vec<String> = spaces.iter().map(|space| format!("{space}/{}", made_for("api"))).collect();
    stand(&cluster, &all.iter().map(String::as_str).collect::<Vec<_>>(), Duration::from_secs(120)).await;

    // Theirs come, while there is other work as well: workloads that change, and reports that follow.
    let pauses: Vec<u64> = spaces.iter().map(|_| random.below(100)).collect();
    let coming = async {
        for (space, pause) in spaces.iter().zip(pauses) {
            // The moment is left to chance.
            tokio::time::sleep(Duration::from_millis(pause)).await;
            create(&client, vec![own_budget(space, "own", "api")]).await;
        }
    };
    let churning = async {
        for round in 0..20 {
            let others: Vec<Value> =
                (0..10).map(|at| deployment("default", &format!("c{at}"), round % 3)).collect();
            apply(&cluster, &others).await;
        }
    };
    tokio::join!(coming, churning);
    let gone = || async {
        let left = made(&cluster).await;
        let left: Vec<&String> = left
            .iter()
            .filter(|name| spaces.iter().any(|space| name.starts_with(&format!("{space}/"))))
            .collect();
        if left.is_empty() { Ok(Some(())) } else { Err(format!("{} are left: {left:?}", left.len())) }
    };
    e2e::wait_for("all of ours to be gone", Duration::from_secs(20), gone).await.unwrap();

    let mut took = times(&cluster, &spaces).await;
    took.sort();
    assert_eq!(took.len(), TIMES);
    let (median, p99, longest) = (took[TIMES / 2], took[TIMES * 99 / 100 - 1], took[TIMES - 1]);
    println!(
        "both stood for {median:#} at the median, {p99:#} at the 99th percentile, {longest:#} at the longest"
    );
    assert!(p99 < LIMIT, "{p99:#} at the 99th percentile");
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}

/// How long both stood in each of these namespaces.
async fn times(cluster: &Cluster, spaces: &[String]) -> Vec<SignedDuration> {
    let ours = user(ACCOUNT);
    let entries = cluster.audit().await.unwrap().into_iter();
    let budgets: Vec<AuditEntry> = entries
        .filter(|entry| {
            entry.resource == "poddisruptionbudgets" && entry.subresource.is_empty() && entry.code < 300
        })
        .collect();
    // The last of a namespace: budgets of others may have come and gone before.
    let last = |is: &dyn Fn(&AuditEntry) -> bool| -> BTreeMap<&str, _> {
        let some = budgets.iter().filter(|entry| is(entry));
        some.map(|entry| (entry.namespace.as_str(), entry.completed)).collect()
    };
    let came = last(&|entry| entry.verb == "create" && entry.user != ours);
    let went = last(&|entry| entry.verb == "delete" && entry.user == ours);
    let both = spaces
        .iter()
        .filter_map(|space| Some(went.get(space.as_str())?.duration_since(*came.get(space.as_str())?)));
    both.collect()
}
