//! Policies in a cluster: many at once, edited quickly, previewed, deleted, and made by somebody hostile.
//!
//! Not its job: what a policy asks for (`tests/`), or exemptions and attestations, which have files of their own.

mod hostile;

use std::time::Duration;

use e2e::{Cluster, Controller, wait_for};
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use seaworthy::api::{ComplianceReport, PolicyStatus, ReportResult, ResultWord, Severity};
use seaworthy::cluster::policies;
use serde_json::{Value, json};

use crate::support::{Reports, apply, converge, deployment, held, namespace, policy, report};

const SOON: Duration = Duration::from_secs(30);
/// Every character that the name of an object may have.
const EVERY_CHARACTER: &str = "a.bcdefghijklmnopqrstuvwxyz-0123456789";

fn asking(name: &str, checks: &Value) -> Value {
    let mut object = policy(name);
    object["spec"]["profile"] = json!({ "level": "None" });
    object["spec"]["checks"] = checks.clone();
    object
}

async fn status(cluster: &Cluster, name: &str) -> Result<PolicyStatus, String> {
    let api: Api<DynamicObject> = Api::all_with(cluster.client(), &policies());
    let object = api.get(name).await.map_err(|error| error.to_string())?;
    serde_json::from_value(object.data["status"].clone()).map_err(|error| error.to_string())
}

async fn policies_of(cluster: &Cluster, name: &str) -> Result<ComplianceReport, String> {
    report(cluster, "shop", name).await?.ok_or_else(|| format!("{name} is not there"))
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_come_and_go_and_none_stops_another() {
    let cluster = Cluster::builder().name("policies").nodes(1).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    apply(&cluster, &[namespace("shop"), deployment("shop", "api", 1), deployment("shop", "web", 3)]).await;
    apply(&cluster, &[asking("everywhere", &json!([{ "name": "too-few-replicas" }]))]).await;
    let controller = Controller::start(&cluster).await.unwrap();
    let alone = converge(&cluster, SOON).await;

    a_preview_changes_no_report(&cluster, &alone).await;
    edits_in_a_burst_converge(&cluster).await;
    a_name_may_have_every_character(&cluster).await;
    many_policies_on_one_workload(&cluster, &alone).await;
    hostile::policies_are_refused_or_answered(&cluster).await;

    let usage = controller.usage();
    assert!(usage.is_some(), "the controller has ended");
    cluster.stop().await.unwrap();
}

/// What would newly fail is told in the policy's status, and nothing is written but that.
async fn a_preview_changes_no_report(cluster: &Cluster, alone: &Reports) {
    let mut preview = asking(
        "tried",
        &json!([
            // Fails for both, and for `api` under the other policy as well.
            { "name": "too-few-replicas", "parameters": { "minimum": 5 } },
            { "name": "namespace-without-resource-quota", "severity": "Critical" },
        ]),
    );
    preview["spec"]["enforcement"] = "Preview".into();
    apply(cluster, &[preview.clone()]).await;
    let told = || async {
        match status(cluster, "tried").await?.preview {
            Some(preview) if !preview.checks.is_empty() => Ok(Some(preview)),
            other => Err(format!("{other:?}")),
        }
    };
    let told = wait_for("the preview to be told", SOON, told).await.unwrap();
    let versions = |reports: &Reports| -> Vec<String> {
        reports.values().map(|report| report.metadata.resource_version.clone()).collect()
    };
    let now = held(cluster).await.unwrap();
    assert_eq!(versions(&now), versions(alone), "a preview has changed reports");
    // What an enforced policy finds is what the preview said: no workload was compliant before that is not now.
    preview["spec"]["enforcement"] = "Enforced".into();
    apply(cluster, &[preview]).await;
    let enforced = converge(cluster, SOON).await;
    let failing = |reports: &Reports, check: &str| {
        let at_bar = |r: &ReportResult| r.result == ResultWord::Fail && r.severity >= Severity::High;
        let fails = |report: &&ComplianceReport| report.results.iter().any(|r| r.check == check && at_bar(r));
        reports.values().filter(fails).count()
    };
    for check in &told.checks {
        let newly = failing(&enforced, &check.name) - failing(alone, &check.name);
        assert_eq!(usize::try_from(check.subjects).unwrap(), newly, "{check:?}");
    }
    assert_eq!((told.checks.len(), told.workloads, told.namespaces), (2, 1, 2), "{told:?}");
    let workloads = |reports: &Reports| {
        let bad = |r: &&ComplianceReport| r.scope.kind == "Deployment" && r.compliant.as_str() == "False";
        reports.values().filter(bad).count()
    };
    assert_eq!(usize::try_from(told.workloads).unwrap(), workloads(&enforced) - workloads(alone));
    cluster.kubectl(&["delete", "productionpolicy", "tried"]).await.unwrap();
    converge(cluster, SOON).await;
}

async fn edits_in_a_burst_converge(cluster: &Cluster) {
    apply(cluster, &[asking("edited", &json!([{ "name": "too-few-replicas" }]))]).await;
    let api: Api<DynamicObject> = Api::all_with(cluster.client(), &policies());
    for minimum in 1..=20 {
        let checks = json!([{ "name": "too-few-replicas", "parameters": { "minimum": minimum } }]);
        let patch = Patch::Merge(json!({ "spec": { "checks": checks } }));
        api.patch("edited", &PatchParams::default(), &patch).await.unwrap();
    }
    converge(cluster, SOON).await;
    let settled = || async {
        let generation = api.get("edited").await.map_err(|error| error.to_string())?.metadata.generation;
        let observed = status(cluster, "edited").await?.observed_generation;
        if Some(observed) == generation { Ok(Some(())) } else { Err(format!("{observed} of {generation:?}")) }
    };
    wait_for("the last edit to be observed", SOON, settled).await.unwrap();
    cluster.kubectl(&["delete", "productionpolicy", "edited"]).await.unwrap();
    converge(cluster, SOON).await;
}

async fn a_name_may_have_every_character(cluster: &Cluster) {
    apply(cluster, &[asking(EVERY_CHARACTER, &json!([{ "name": "mutable-image-tag" }]))]).await;
    converge(cluster, SOON).await;
    let labelled = cluster
        .kubectl(&[
            "get",
            "crep",
            "-n",
            "shop",
            "-o",
            "name",
            "-l",
            &format!("policy.seaworthy.dev/{EVERY_CHARACTER}"),
        ])
        .await
        .unwrap();
    assert_eq!(labelled.lines().count(), 3, "{labelled}");
    cluster.kubectl(&["delete", "productionpolicy", EVERY_CHARACTER]).await.unwrap();
    converge(cluster, SOON).await;
}

/// 50 policies on one workload; each that goes takes its share away, and no more.
async fn many_policies_on_one_workload(cluster: &Cluster, alone: &Reports) {
    let all: Vec<Value> = (1..=49)
        .map(|n| {
            asking(
                &format!("p{n:02}"),
                &json!([{ "name": "too-few-replicas", "parameters": { "minimum": n } }]),
            )
        })
        .collect();
    apply(cluster, &all).await;
    converge(cluster, SOON).await;
    let api = policies_of(cluster, "deployment-api").await.unwrap();
    assert_eq!((api.policies.len(), api.omitted_policies), (16, Some(34)));
    // Those with a minimum of two or more fail on one replica; all of them but the first.
    cluster.kubectl(&["delete", "productionpolicy", "p07"]).await.unwrap();
    let after = converge(cluster, SOON).await;
    let api = &after[&("shop".to_owned(), "deployment-api".to_owned())];
    assert!(api.policies.iter().all(|policy| policy.name != "p07"), "{:?}", api.policies);
    assert_eq!(api.omitted_policies, Some(33));
    let rest: Vec<String> = (1..=49).filter(|n| *n != 7).map(|n| format!("p{n:02}")).collect();
    let mut delete = vec!["delete", "productionpolicy"];
    delete.extend(rest.iter().map(String::as_str));
    cluster.kubectl(&delete).await.unwrap();
    let last = converge(cluster, SOON).await;
    assert_eq!(crate::support::difference(alone, &last), None, "what they brought is not all gone");
}
