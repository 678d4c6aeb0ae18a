//! What may not be seen, and what makes no sense, is Unknown: never missing, and never the end of anything else.

use std::time::Duration;

use e2e::{Cluster, Controller, wait_for};
use seaworthy::api::{ComplianceReport, ResultWord, Truth};
use seaworthy::cluster::{Rule, cluster_rules};
use serde_json::{Value, json};

use crate::support::{
    Reports, account, apply, cluster_role, converge, deployment, held, namespace, policy, report, wanted,
};

/// What the account may not list at first.
const HIDDEN: [&str; 3] = ["poddisruptionbudgets", "horizontalpodautoscalers", "limitranges"];
/// A kind that was refused is asked for again every 30 s (`cluster/watch.rs`).
const ASKED_AGAIN: Duration = Duration::from_secs(45);

fn without_hidden() -> Vec<Rule> {
    let mut rules = cluster_rules();
    for rule in &mut rules {
        rule.resources.retain(|resource| !HIDDEN.contains(&resource.as_str()));
    }
    rules.retain(|rule| !rule.resources.is_empty());
    rules
}

/// A Deployment whose replicas come from its autoscaler, with a budget: who does not see them finds them missing.
fn well_kept() -> Vec<Value> {
    let meta = json!({ "name": "api", "namespace": "shop" });
    let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "api" });
    let mut api = deployment("shop", "api", 1);
    // The autoscaler owns the number.
    api["spec"].as_object_mut().unwrap().remove("replicas");
    vec![
        namespace("shop"),
        policy("everywhere"),
        api,
        json!({ "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta,
            "spec": { "minReplicas": 3, "maxReplicas": 9, "scaleTargetRef": target } }),
        json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta,
            "spec": { "maxUnavailable": 1, "selector": { "matchLabels": { "app": "api" } } } }),
        json!({ "apiVersion": "v1", "kind": "LimitRange", "metadata": meta, "spec": { "limits": [{ "type": "Container",
            "defaultRequest": { "cpu": "100m", "memory": "64Mi" }, "default": { "memory": "64Mi" } }] } }),
    ]
}

/// Argo's Rollouts under a schema that lets everything in.
fn rollout_crd() -> Value {
    json!({ "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": "rollouts.argoproj.io" },
        "spec": { "group": "argoproj.io", "scope": "Namespaced",
            "names": { "kind": "Rollout", "plural": "rollouts", "singular": "rollout", "listKind": "RolloutList" },
            "versions": [{ "name": "v1alpha1", "served": true, "storage": true, "schema": { "openAPIV3Schema":
                { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } }] } })
}

fn rollout(name: &str, replicas: &Value) -> Value {
    let mut object = deployment("shop", name, 1);
    object["apiVersion"] = "argoproj.io/v1alpha1".into();
    object["kind"] = "Rollout".into();
    object["spec"]["replicas"] = replicas.clone();
    object
}

async fn report_of(
    cluster: &Cluster,
    name: &str,
    is: impl Fn(&ComplianceReport) -> bool,
) -> ComplianceReport {
    let look = || async {
        match report(cluster, "shop", name).await? {
            Some(report) if is(&report) => Ok(Some(report)),
            other => Err(format!("{other:?}")),
        }
    };
    wait_for(&format!("the report {name}"), Duration::from_secs(15), look).await.unwrap()
}

/// Failures that are only there because something was not seen.
fn falsely_failing(held: &Reports, wanted: &Reports) -> Vec<String> {
    let fails = |report: &ComplianceReport| {
        let failing = report.results.iter().filter(|result| result.result == ResultWord::Fail);
        failing.map(|result| (result.check.clone(), result.container.clone())).collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    for (key, report) in held {
        let real = wanted.get(key).map(fails).unwrap_or_default();
        found.extend(
            fails(report).into_iter().filter(|f| !real.contains(f)).map(|f| format!("{key:?}: {f:?}")),
        );
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_kind_gives_unknown_and_no_false_finding() {
    let cluster = Cluster::builder().name("sight").start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    apply(&cluster, &[rollout_crd()]).await;
    cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"]).await.unwrap();
    apply(&cluster, &well_kept()).await;
    let kubeconfig = account(&cluster, "halfblind", &without_hidden()).await;
    let controller = Controller::spawn(&cluster, &kubeconfig, &[]).unwrap();
    controller.ready().await.unwrap();

    let blind = report_of(&cluster, "deployment-api", |_| true).await;
    let result = blind.results.iter().find(|result| result.check == "too-few-replicas").expect("a result");
    assert_eq!(result.result, ResultWord::Unknown, "{result:?}");
    assert!(result.message.contains("horizontalpodautoscalers.autoscaling may not be listed"), "{result:?}");
    assert_ne!(blind.compliant, Truth::True, "{blind:?}");
    let status = || async {
        let path = "jsonpath={.status.conditions[?(@.type=='Ready')].message}";
        let message = cluster.kubectl(&["get", "productionpolicy", "everywhere", "-o", path]).await;
        let message = message.map_err(|error| error.to_string())?;
        let all = HIDDEN.iter().all(|hidden| message.contains(hidden));
        if all { Ok(Some(())) } else { Err(message) }
    };
    wait_for("the policy to say what it cannot see", Duration::from_secs(15), status).await.unwrap();

    // While it is half blind, an object that makes no sense comes as well.
    unreadable(&cluster, &controller).await;
    let false_failures = falsely_failing(&held(&cluster).await.unwrap(), &wanted(&cluster).await.unwrap());
    assert!(false_failures.is_empty(), "{false_failures:#?}");
    let hidden = held(&cluster).await.unwrap();
    let hidden = hidden.values().flat_map(|report| &report.results);
    assert!(hidden.filter(|result| result.message.contains("may not be listed")).count() > 0);

    // The right is granted: everything is as it really is, without a restart.
    apply(&cluster, &[cluster_role("halfblind", &cluster_rules())]).await;
    let reports = converge(&cluster, ASKED_AGAIN).await;
    let api = &reports[&("shop".to_owned(), "deployment-api".to_owned())];
    // What is left unknown is what this cluster has no API for.
    assert!(api.results.iter().all(|result| !result.message.contains("may not be listed")), "{api:?}");
    assert!(api.results.iter().all(|result| result.check != "too-few-replicas"), "{api:?}");
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}

/// A Rollout that nobody can read is one Unknown report and a number; everything else goes on.
async fn unreadable(cluster: &Cluster, controller: &Controller) {
    let number = || {
        let metrics = controller.metrics().unwrap();
        let line = metrics
            .lines()
            .find(|l| l.starts_with("seaworthy_unreadable_objects{") && l.contains("rollouts"));
        line.map(|line| line.rsplit_once(' ').unwrap().1.to_owned())
    };
    assert_eq!(number(), None);
    let (good, bad) = (rollout("good", &json!(3)), rollout("bad", &json!("many")));
    apply(cluster, &[bad, good, deployment("shop", "later", 3)]).await;
    let report = report_of(cluster, "rollout-bad", |_| true).await;
    assert_eq!(report.compliant, Truth::Unknown);
    let [result] = report.results.as_slice() else { panic!("one result: {:?}", report.results) };
    assert_eq!((result.check.as_str(), result.result), ("invalid-object", ResultWord::Unknown));
    assert!(result.message.contains("cannot be read: spec.replicas: "), "{}", result.message);
    // What came after it in the same stream, and in others.
    report_of(cluster, "rollout-good", |report| report.summary.pass > 0).await;
    report_of(cluster, "deployment-later", |report| report.summary.pass > 0).await;
    let counted = || async {
        let number = number();
        if number.as_deref() == Some("1") { Ok(Some(())) } else { Err(format!("{number:?}")) }
    };
    wait_for("the number of unreadable objects", Duration::from_secs(10), counted).await.unwrap();

    // Corrected, it is as any other.
    apply(cluster, &[rollout("bad", &json!(3))]).await;
    report_of(cluster, "rollout-bad", |report| report.summary.pass > 0).await;
    let counted = || async { number().map_or(Ok(Some(())), Err) };
    wait_for("no unreadable object", Duration::from_secs(10), counted).await.unwrap();
}
