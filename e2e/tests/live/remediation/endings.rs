//! What becomes of what was made when its workload, its namespace, its policy or our rights go: nothing of ours is left
//! that should not be, and nothing of anybody else's is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use e2e::{Cluster, Controller};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::ResourceExt as _;
use seaworthy::cluster::{cluster_rules, remediation_rules};
use serde_json::{Value, json};

use super::world::{
    ACCOUNT, ask, available, budgets, is_ours, made, made_for, own_budget, reason, remedier, stand, start,
    writes,
};
use crate::support::many::create;
use crate::support::{apply, cluster_role, deployment, meddling, namespace, user};

const SOON: Duration = Duration::from_secs(20);
/// What Kubernetes does not take away with its owner goes after a minute (`controller/memory.rs`).
const ABANDONED: Duration = Duration::from_secs(100);

fn shown(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("shop/{}", made_for(name))).collect()
}

async fn stand_for(cluster: &Cluster, names: &[&str], within: Duration) {
    let names = shown(names);
    stand(cluster, &names.iter().map(String::as_str).collect::<Vec<_>>(), within).await;
}

/// What is not ours, with all that would show that somebody wrote to it.
async fn foreign(cluster: &Cluster) -> BTreeMap<String, Value> {
    let others = budgets(cluster).await.into_iter().filter(|budget| !is_ours(budget));
    let told = |budget: &PodDisruptionBudget| {
        let writers = budget.managed_fields().iter().map(|entry| entry.manager.clone()).collect::<Vec<_>>();
        json!({ "uid": budget.uid(), "generation": budget.metadata.generation, "labels": budget.labels(),
                "annotations": budget.annotations(), "writers": writers })
    };
    others
        .map(|budget| (format!("{}/{}", budget.namespace().unwrap(), budget.name_any()), told(&budget)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_ours_is_left_that_should_not_be() {
    let cluster = Cluster::builder().name("endings").nodes(2).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let names = ["gone", "orphaned", "kept", "shrinks", "taken"];
    let mut objects = vec![namespace("shop"), namespace("goes"), deployment("goes", "away", 2)];
    objects.extend(names.iter().map(|name| deployment("shop", name, 2)));
    // Somebody's own, in the way of nobody.
    objects.extend([
        deployment("shop", "web", 2),
        own_budget("shop", "web", "web"),
        own_budget("goes", "none", "none"),
    ]);
    apply(&cluster, &objects).await;
    available(&cluster, "shop").await;
    available(&cluster, "goes").await;
    let untouched = foreign(&cluster).await["shop/web"].clone();
    let kubeconfig = remedier(&cluster).await;
    let controller = start(&cluster, &kubeconfig).await;
    ask(&cluster, &json!({ "mode": "Enabled", "deletionPolicy": "Retain" })).await;
    let mut all = vec!["goes/seaworthy-deployment-away".to_owned()];
    all.extend(shown(&names));
    stand(&cluster, &all.iter().map(String::as_str).collect::<Vec<_>>(), SOON).await;

    // Somebody else touches one of them, and it is ours all the same.
    let annotate = ["annotate", "-n", "shop", "pdb", &made_for("kept"), "somebody=was-here"];
    cluster.kubectl(&annotate).await.unwrap();

    // Workloads go: with all that is theirs, or alone. And a namespace goes.
    cluster.kubectl(&["delete", "-n", "shop", "deployment", "gone"]).await.unwrap();
    cluster.kubectl(&["delete", "-n", "shop", "deployment", "orphaned", "--cascade=orphan"]).await.unwrap();
    cluster.kubectl(&["delete", "namespace", "goes", "--wait=false"]).await.unwrap();
    // One has fewer than two pods from now on.
    cluster.kubectl(&["scale", "-n", "shop", "deployment", "shrinks", "--replicas=1"]).await.unwrap();
    stand_for(&cluster, &["kept", "orphaned", "taken"], SOON).await;
    cluster.kubectl(&["wait", "--for=delete", "namespace/goes", "--timeout=60s"]).await.unwrap();

    // The rights go, and just then somebody's own budget comes.
    apply(&cluster, &[cluster_role(ACCOUNT, &cluster_rules())]).await;
    apply(&cluster, &[own_budget("shop", "own", "taken"), deployment("shop", "late", 2)]).await;
    available(&cluster, "shop").await;
    reason(&cluster, "Suspended", SOON).await;
    assert!(made(&cluster).await.contains(&shown(&["taken"])[0]));
    // They come back: what does harm goes at once, and what is to be made is made once the breaker has closed.
    apply(&cluster, &[cluster_role(ACCOUNT, &[cluster_rules(), remediation_rules()].concat())]).await;
    stand_for(&cluster, &["kept", "late"], ABANDONED).await;

    // The policy goes. What was made is kept, and still makes room.
    cluster.kubectl(&["delete", "productionpolicy", "remedy"]).await.unwrap();
    create(&cluster.client(), vec![own_budget("shop", "own-late", "late")]).await;
    stand_for(&cluster, &["kept"], SOON).await;
    // Another one comes that wants it deleted, and goes.
    ask(&cluster, &json!({ "mode": "Enabled", "deletionPolicy": "Delete" })).await;
    reason(&cluster, "Remediated", SOON).await;
    let look = || async {
        let of_kept =
            budgets(&cluster).await.into_iter().find(|budget| budget.name_any() == made_for("kept"));
        let said = of_kept.map(|budget| budget.annotations()["seaworthy.dev/deletion-policy"].clone());
        if said.as_deref() == Some("Delete") { Ok(Some(())) } else { Err(format!("{said:?}")) }
    };
    e2e::wait_for("the budget to follow the policy", SOON, look).await.unwrap();
    cluster.kubectl(&["delete", "productionpolicy", "remedy"]).await.unwrap();
    stand_for(&cluster, &[], SOON).await;

    // Nothing of anybody else's was touched.
    let now = foreign(&cluster).await;
    assert_eq!(now["shop/web"], untouched);
    assert_eq!(now.keys().collect::<Vec<_>>(), ["shop/own", "shop/own-late", "shop/web"]);
    for (name, told) in &now {
        assert!(
            !told["writers"].as_array().unwrap().contains(&json!("seaworthy-remediation")),
            "{name}: {told}"
        );
        assert_eq!(told["generation"], 1, "{name}");
    }
    // Nor was it tried: each write that is not a create is to an object that a create of ours was answered with.
    let entries = cluster.audit().await.unwrap();
    let meddled = meddling(&entries, &user(ACCOUNT), "poddisruptionbudgets");
    assert!(meddled.is_empty(), "{meddled:#?}");
    let verbs: BTreeSet<String> = writes(&cluster).await.into_iter().map(|entry| entry.verb).collect();
    assert_eq!(verbs.iter().map(String::as_str).collect::<Vec<_>>(), ["create", "delete", "patch"]);
    // This would see it: somebody wrote to one of ours.
    let of_admin = meddling(&entries, "admin", "poddisruptionbudgets");
    assert!(matches!(&of_admin[..], [one] if one.contains(&made_for("kept"))), "{of_admin:#?}");
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}
