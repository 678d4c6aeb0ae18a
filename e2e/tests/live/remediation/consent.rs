//! Nothing is written without three consents, a dry run writes nothing, and what may be written is what is written.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use e2e::{Cluster, Controller, wait_for};
use seaworthy::api::RemediationState;
use seaworthy::cluster::{Rule, cluster_rules, remediation_rules};
use serde_json::json;

use super::world::{ACCOUNT, ask, available, made, reason, remedier, stand, start, status_is, writes};
use crate::support::stand_in::optional_apis;
use crate::support::{account, apply, command, deployment, namespace, report, user, workload};

/// What the report of a Deployment says of remediation.
async fn note(cluster: &Cluster, name: &str) -> Result<(RemediationState, String), String> {
    let report = report(cluster, "shop", name).await?.ok_or("there is no report")?;
    let note =
        report.results.iter().find_map(|result| result.remediation.clone()).ok_or("it says nothing")?;
    Ok((note.state, format!("{}{}", note.object.unwrap_or_default(), note.reason)))
}

async fn says(cluster: &Cluster, name: &str, state: RemediationState, words: &str) {
    let look = || async {
        let (is, said) = note(cluster, name).await?;
        if is == state && said.contains(words) { Ok(Some(())) } else { Err(format!("{is:?} {said}")) }
    };
    wait_for(&format!("the report {name} to say {state:?}"), Duration::from_secs(20), look).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_consent_nothing_is_written_and_rights_granted_equal_rights_used() {
    let cluster = Cluster::builder().name("consent").nodes(2).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    without_consent_nothing_is_written(&cluster).await;
    granted_rights_equal_used_rights(&cluster).await;
    cluster.stop().await.unwrap();
}

async fn without_consent_nothing_is_written(cluster: &Cluster) {
    let mut delivered = deployment("shop", "api", 3);
    delivered["metadata"]["annotations"] = json!({ "meta.helm.sh/release-name": "front" });
    let mut declining = deployment("shop", "declines", 3);
    declining["metadata"]["annotations"] = json!({ "seaworthy.dev/remediation": "Disabled" });
    let mut objects = vec![namespace("shop"), delivered, deployment("shop", "one", 1), declining];
    objects.push(deployment("kube-system", "dns", 2));
    objects.push(workload("Deployment", "default", "home", json!({ "replicas": 2 })));
    apply(cluster, &objects).await;
    for namespace in ["shop", "kube-system", "default"] {
        available(cluster, namespace).await;
    }

    let writes_budgets = |rule: &Rule| {
        rule.resources.iter().any(|resource| resource == "poddisruptionbudgets")
            && rule.verbs != ["list", "watch"]
    };
    assert!(!cluster_rules().iter().any(writes_budgets));
    // Without the flag, and with a role that knows no such write: the controller works, and says why it makes nothing.
    let kubeconfig = account(cluster, "reader", &cluster_rules()).await;
    let controller = Controller::spawn(cluster, &kubeconfig, &["--identity", "one"]).unwrap();
    controller.ready().await.unwrap();
    let everywhere = json!({ "mode": "Enabled" });
    ask(cluster, &everywhere).await;
    says(cluster, "deployment-api", RemediationState::Refused, "--remediation=pod-disruption-budgets").await;
    reason(cluster, "NotPermitted", Duration::from_secs(15)).await;
    let refused = cluster.audit().await.unwrap();
    let refused: Vec<_> = refused.iter().filter(|e| e.user == user("reader") && e.code == 403).collect();
    assert!(refused.is_empty(), "{refused:#?}");
    // A dry run needs no flag.
    ask(cluster, &json!({ "mode": "DryRun" })).await;
    says(
        cluster,
        "deployment-api",
        RemediationState::Planned,
        "PodDisruptionBudget/seaworthy-deployment-api",
    )
    .await;
    controller.stop().await.unwrap();
    the_plan_says_the_same(&kubeconfig).await;

    let kubeconfig = remedier(cluster).await;
    let controller = start(cluster, &kubeconfig).await;
    status_is(cluster, "DryRun", &[("planned", 1)], Duration::from_secs(20)).await;
    says(cluster, "deployment-declines", RemediationState::Refused, "annotation").await;
    assert!(writes(cluster).await.is_empty() && made(cluster).await.is_empty());

    // Everything else is as a policy without remediation has it; only kube-system, our own namespace and those who
    // decline are left out when it is enabled.
    let all = json!({ "spec": { "match": { "excludeNamespaces": [] },
                                "remediation": { "podDisruptionBudgets": everywhere } } });
    // Not applied: what the schema put into the list would stay in it.
    let patch = ["patch", "productionpolicy", "remedy", "--type=merge", "-p", &all.to_string()];
    cluster.kubectl(&patch).await.unwrap();
    stand(cluster, &["shop/seaworthy-deployment-api"], Duration::from_secs(20)).await;
    says(cluster, "deployment-api", RemediationState::Made, "PodDisruptionBudget/seaworthy-deployment-api")
        .await;
    status_is(cluster, "Remediated", &[("made", 1), ("refused", 3)], Duration::from_secs(15)).await;
    assert_eq!(made(cluster).await, ["shop/seaworthy-deployment-api"]);

    // A team that declines later keeps what is there, and asks for nothing.
    let before = writes(cluster).await.len();
    let annotate = ["annotate", "ns", "shop", "seaworthy.dev/remediation=Disabled"];
    cluster.kubectl(&annotate).await.unwrap();
    apply(cluster, &[deployment("shop", "new", 2)]).await;
    says(cluster, "deployment-new", RemediationState::Refused, "namespace 'shop' has the annotation").await;
    assert_eq!((writes(cluster).await.len(), made(cluster).await.len()), (before, 1));
    let delete = ["delete", "productionpolicy/remedy", "namespace/shop", "--wait=true"];
    cluster.kubectl(&delete).await.unwrap();
    controller.stop().await.unwrap();
}

/// `remediate plan --cluster`, by somebody who may only read.
async fn the_plan_says_the_same(kubeconfig: &Path) {
    let (code, out, err) = command(kubeconfig, &["remediate", "plan", "--cluster"]).await;
    let wanted = "\
---
# PodDisruptionBudget for Deployment 'api' of namespace 'shop'
# no PodDisruptionBudget selects the pods of Deployment 'api' (3 replicas), so that node drains may evict all of them at once
# Helm release 'front' delivers the workload: commit this where that comes from
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: api
  namespace: shop
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: api
  unhealthyPodEvictionPolicy: AlwaysAllow
";
    let refused = "refused: PodDisruptionBudget for Deployment 'declines' of namespace 'shop': it has the annotation \
                   seaworthy.dev/remediation: Disabled\n";
    // Which namespace is the controller's own, nobody tells whoever asks for a plan.
    let (of_home, others) =
        out.split_at(out.find("---\n# PodDisruptionBudget for Deployment 'api'").unwrap());
    assert!(of_home.starts_with("---\n# PodDisruptionBudget for Deployment 'home'"), "{out}");
    assert_eq!((code, others, err.as_str()), (0, wanted, refused));
}

/// A right: API group, resource, verb.
type Right = (String, String, String);

async fn granted_rights_equal_used_rights(cluster: &Cluster) {
    apply(cluster, &optional_apis()).await;
    cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"]).await.unwrap();
    let mut rollout = deployment("shop", "rollout", 2);
    rollout["apiVersion"] = "argoproj.io/v1alpha1".into();
    rollout["kind"] = "Rollout".into();
    let set = workload("StatefulSet", "shop", "db", json!({ "replicas": 2, "serviceName": "db" }));
    apply(cluster, &[namespace("shop"), deployment("shop", "api", 2), set, rollout]).await;
    available(cluster, "shop").await;
    // Nobody plays Argo here: its status is written by hand.
    let status_of = json!({ "status": { "availableReplicas": 2 } }).to_string();
    let patch = [
        "patch",
        "-n",
        "shop",
        "rollout",
        "rollout",
        "--subresource=status",
        "--type=merge",
        "-p",
        &status_of,
    ];
    cluster.kubectl(&patch).await.unwrap();
    let kubeconfig = remedier(cluster).await;
    let controller = start(cluster, &kubeconfig).await;
    ask(cluster, &json!({ "mode": "Enabled", "deletionPolicy": "Delete" })).await;
    let all =
        ["shop/seaworthy-deployment-api", "shop/seaworthy-rollout-rollout", "shop/seaworthy-statefulset-db"];
    stand(cluster, &all, Duration::from_secs(30)).await;
    ask(cluster, &json!({ "mode": "Enabled", "deletionPolicy": "Retain" })).await;
    let look = || async {
        let patched = writes(cluster).await.iter().filter(|entry| entry.verb == "patch").count();
        if patched >= 3 { Ok(Some(())) } else { Err(format!("{patched} were changed")) }
    };
    wait_for("all to be changed", Duration::from_secs(20), look).await.unwrap();
    ask(cluster, &json!({ "mode": "Enabled", "deletionPolicy": "Delete" })).await;
    reason(cluster, "Remediated", Duration::from_secs(20)).await;
    converge_statuses(cluster).await;
    ask(cluster, &json!({ "mode": "Disabled" })).await;
    stand(cluster, &[], Duration::from_secs(20)).await;
    controller.stop().await.unwrap();

    let granted: BTreeSet<Right> = remediation_rules()
        .iter()
        .flat_map(|rule| {
            let each = rule
                .resources
                .iter()
                .flat_map(|resource| rule.verbs.iter().map(move |verb| (resource, verb)));
            each.map(|(resource, verb)| (rule.api_groups[0].clone(), resource.clone(), verb.clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    let reading: BTreeSet<&str> = ["list", "watch"].into();
    let look = || async {
        let entries = cluster.audit().await.map_err(|error| error.to_string())?;
        let ours: Vec<_> = entries.into_iter().filter(|entry| entry.user == user(ACCOUNT)).collect();
        let refused: Vec<_> = ours.iter().filter(|entry| matches!(entry.code, 401 | 403)).collect();
        assert!(refused.is_empty(), "asked for without the right: {refused:#?}");
        let groups = ["policy", "apps", "argoproj.io"];
        let used: BTreeSet<Right> = ours
            .into_iter()
            .filter(|e| groups.contains(&e.api_group.as_str()) && !reading.contains(e.verb.as_str()))
            .map(|entry| (entry.api_group, entry.resource, entry.verb))
            .collect();
        if used == granted { Ok(Some(())) } else { Err(format!("granted {granted:?}, used {used:?}")) }
    };
    wait_for("granted to be used", Duration::from_secs(10), look).await.unwrap();
}

/// Until what stands says what was asked for last.
async fn converge_statuses(cluster: &Cluster) {
    let look = || async {
        let of = |budget: &k8s_openapi::api::policy::v1::PodDisruptionBudget| {
            budget
                .metadata
                .annotations
                .as_ref()
                .and_then(|all| all.get("seaworthy.dev/deletion-policy"))
                .cloned()
        };
        let said: Vec<_> = super::world::budgets(cluster).await.iter().map(of).collect();
        let wanted = said.iter().all(|said| said.as_deref() == Some("Delete"));
        if wanted { Ok(Some(())) } else { Err(format!("{said:?}")) }
    };
    wait_for("all to be changed back", Duration::from_secs(20), look).await.unwrap();
}
