//! Exemptions in a cluster: they end at their instant with no help from outside, wait for an approval that is given
//! as the documentation says, follow edits, and are spoken of once a week before their end.
//!
//! Not its job: what each exemption means (`tests/semantics/exemptions.yaml`), or what the API server refuses (`api.rs`).

use std::time::Duration;

use e2e::{AuditEntry, Cluster, Controller, wait_for};
use jiff::{SignedDuration, Timestamp};
use seaworthy::api::Truth;
use seaworthy::cluster::cluster_rules;
use serde_json::{Value, json};

use crate::support::{
    account, apply, changed_at, converge, deployment, namespace, policy, user, verdict, writes,
};

const CHECK: &str = "too-few-replicas";

/// The policy of these tests: two replicas, and nothing else.
fn baseline(more: &Value) -> Value {
    let mut policy = policy("baseline");
    policy["spec"]["profile"] = json!({ "level": "None" });
    policy["spec"]["checks"] = json!([{ "name": CHECK }]);
    let spec = policy["spec"].as_object_mut().unwrap();
    spec.extend(more.as_object().unwrap().clone());
    policy
}

fn exemption(name: &str, target: &str, until: Option<Timestamp>) -> Value {
    let mut spec = json!({ "checks": [CHECK], "reason": "One is licensed.",
        "targetRef": { "apiGroup": "apps", "kind": "Deployment", "name": target } });
    if let Some(until) = until {
        spec["expirationTime"] = until.to_string().into();
    }
    json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "ComplianceExemption", "spec": spec,
        "metadata": { "name": name, "namespace": "shop" } })
}

/// Waits until an exemption of the namespace `shop` is in a state; gives its status.
async fn state_of(cluster: &Cluster, name: &str, state: &str) -> Value {
    let look = || async {
        let got = cluster.kubectl(&["get", "cex", name, "-n", "shop", "-o", "json"]).await;
        let object: Value = serde_json::from_str(&got.map_err(|e| e.to_string())?).unwrap();
        let status = object["status"].clone();
        if status["state"] == state && status["observedGeneration"] == object["metadata"]["generation"] {
            Ok(Some(status))
        } else {
            Err(status.to_string())
        }
    };
    wait_for(&format!("{name} to be {state}"), Duration::from_secs(20), look).await.unwrap()
}

fn condition<'s>(status: &'s Value, type_: &str) -> &'s Value {
    let conditions = status["conditions"].as_array().unwrap();
    conditions.iter().find(|condition| condition["type"] == type_).unwrap_or(&Value::Null)
}

/// The present second, and so many more.
fn from_now(seconds: i64) -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second() + seconds).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn exemptions_hold_end_and_are_spoken_of_as_they_say() {
    let cluster = Cluster::builder().name("exemptions").quiet().start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    apply(&cluster, &[namespace("shop"), baseline(&json!({}))]).await;
    let kubeconfig = account(&cluster, "exempting", &cluster_rules()).await;
    let start = || Controller::spawn(&cluster, &kubeconfig, &["--identity", "exempting"]).unwrap();
    let controller = start();
    controller.ready().await.unwrap();

    every_kind_ends_at_its_instant_with_no_other_write(&cluster).await;
    edits_and_deletions_are_followed(&cluster).await;
    an_approval_is_given_as_the_documentation_says(&cluster).await;
    let controller = one_event_is_written_whoever_leads(&cluster, controller, start).await;
    what_ended_while_nobody_looked_has_ended(&cluster, controller, start).await.stop().await.unwrap();
    cluster.stop().await.unwrap();
}

async fn every_kind_ends_at_its_instant_with_no_other_write(cluster: &Cluster) {
    let until = from_now(20);
    let mut annotated = deployment("shop", "annotated", 1);
    annotated["metadata"]["annotations"] = json!({
        format!("exempt.seaworthy.dev/{CHECK}"): "One is licensed.",
        format!("exempt-until.seaworthy.dev/{CHECK}"): until.to_string(),
    });
    let entry = json!({ "name": "entry", "checks": [CHECK], "reason": "One is licensed.",
        "expirationTime": until.to_string(), "objectSelector": { "matchLabels": { "app": "listed" } } });
    let objects = [
        baseline(&json!({ "exemptions": [entry] })),
        deployment("shop", "named", 1),
        deployment("shop", "listed", 1),
        annotated,
        exemption("licensed", "named", Some(until)),
    ];
    apply(cluster, &objects).await;
    let by = [
        ("deployment-named", "ComplianceExemption/licensed"),
        ("deployment-listed", "ProductionPolicy/baseline/entry"),
        ("deployment-annotated", "Annotation/Deployment/annotated"),
    ];
    for (name, by) in by {
        let report = verdict(cluster, name, Truth::True).await;
        assert_eq!((report.summary.exempt, report.summary.fail), (1, 0), "{report:?}");
        let result = &report.results[0];
        assert_eq!(result.exemption.as_deref(), Some(by));
        assert_eq!(result.exempt_reason.as_deref(), Some("One is licensed."));
        assert_eq!(result.exempt_until, Some(until));
    }
    let status = state_of(cluster, "licensed", "Active").await;
    assert_eq!(status["exemptResults"], 1);
    assert_eq!(condition(&status, "OverBroad")["status"], "False");
    let row = cluster.kubectl(&["get", "cex", "licensed", "-n", "shop", "--no-headers"]).await.unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(cells[..5], ["licensed", "Active", "named", &until.to_string(), "1"]);
    let counts = || async {
        let got =
            cluster.kubectl(&["get", "prodpol", "baseline", "-o", "jsonpath={.status.exemptions.active}"]);
        let got = got.await.map_err(|error| error.to_string())?;
        if got == "3" { Ok(Some(())) } else { Err(got) }
    };
    wait_for("the policy to count 3 exemptions", Duration::from_secs(10), counts).await.unwrap();
    let settled = Timestamp::now();
    assert!(settled < until, "the exemptions ended before everything stood");

    for (name, _) in by {
        let report = verdict(cluster, name, Truth::False).await;
        assert_eq!((report.summary.exempt, report.summary.fail), (0, 1), "{report:?}");
    }
    state_of(cluster, "licensed", "Expired").await;
    let writes = writes(cluster).await;
    let ours = user("exempting");
    let since: Vec<&AuditEntry> = writes.iter().filter(|entry| entry.received > settled).collect();
    let foreign: Vec<_> = since.iter().filter(|entry| entry.user != ours).collect();
    assert!(foreign.is_empty(), "somebody else wrote: {foreign:#?}");
    for (name, _) in by {
        changed_at(until, name, &since);
    }
    // Before the end only what had not settled yet: statuses and the roll-up, each with its wait.
    let early: Vec<_> = since.iter().filter(|e| e.received < until && e.name != "namespace").collect();
    assert!(early.iter().all(|entry| entry.subresource == "status"), "{early:#?}");
}

async fn edits_and_deletions_are_followed(cluster: &Cluster) {
    let objects =
        [deployment("shop", "one", 1), deployment("shop", "two", 1), exemption("moves", "one", None)];
    apply(cluster, &objects).await;
    verdict(cluster, "deployment-one", Truth::True).await;
    verdict(cluster, "deployment-two", Truth::False).await;
    apply(cluster, &[exemption("moves", "two", None)]).await;
    verdict(cluster, "deployment-one", Truth::False).await;
    verdict(cluster, "deployment-two", Truth::True).await;
    let mut wide = exemption("moves", "two", None);
    let spec = wide["spec"].as_object_mut().unwrap();
    spec.remove("targetRef");
    spec.insert("checks".to_owned(), json!(["*"]));
    cluster.kubectl(&["delete", "cex", "moves", "-n", "shop"]).await.unwrap();
    verdict(cluster, "deployment-two", Truth::False).await;
    apply(cluster, &[wide]).await;
    verdict(cluster, "deployment-one", Truth::True).await;
    verdict(cluster, "deployment-two", Truth::True).await;
    let status = state_of(cluster, "moves", "Active").await;
    assert_eq!(condition(&status, "OverBroad")["reason"], "Everything");
    cluster.kubectl(&["delete", "cex", "moves", "-n", "shop"]).await.unwrap();
    converge(cluster, Duration::from_secs(15)).await;
    verdict(cluster, "deployment-one", Truth::False).await;
}

async fn an_approval_is_given_as_the_documentation_says(cluster: &Cluster) {
    apply(cluster, &[baseline(&json!({ "exemptionPolicy": { "approval": "Required" } }))]).await;
    apply(cluster, &[exemption("reviewed", "one", None)]).await;
    let status = state_of(cluster, "reviewed", "Pending").await;
    let message = condition(&status, "InForce")["message"].as_str().unwrap();
    assert!(message.contains("policy 'baseline' wants it approved"), "{message}");
    verdict(cluster, "deployment-one", Truth::False).await;

    let docs = include_str!("../../../docs/exemptions.md");
    let (_, patch) = docs.split_once("--type=json -p '").unwrap();
    let (patch, _) = patch.split_once('\'').unwrap();
    let approve =
        ["patch", "cex", "reviewed", "-n", "shop", "--subresource=status", "--type=json", "-p", patch];
    cluster.kubectl(&approve).await.unwrap();
    verdict(cluster, "deployment-one", Truth::True).await;
    let status = state_of(cluster, "reviewed", "Active").await;
    assert_eq!(condition(&status, "Approved")["status"], "True", "our status leaves it: {status}");

    // What was approved was something else.
    let mut wider = exemption("reviewed", "one", None);
    wider["spec"]["checks"] = json!([CHECK, "missing-autoscaler"]);
    apply(cluster, &[wider]).await;
    state_of(cluster, "reviewed", "Pending").await;
    verdict(cluster, "deployment-one", Truth::False).await;
    cluster.kubectl(&["delete", "cex", "reviewed", "-n", "shop"]).await.unwrap();
    apply(cluster, &[baseline(&json!({}))]).await;
}

/// The Events about an exemption.
async fn events(cluster: &Cluster, about: &str) -> Result<Vec<Value>, String> {
    let got = cluster.kubectl(&["get", "events.events.k8s.io", "-n", "shop", "-o", "json"]).await;
    let list: Value = serde_json::from_str(&got.map_err(|error| error.to_string())?).unwrap();
    let mut events = list["items"].as_array().unwrap().clone();
    events.retain(|event| event["reason"] == "ExemptionExpiresSoon" && event["regarding"]["name"] == about);
    Ok(events)
}

async fn one_event_is_written_whoever_leads(
    cluster: &Cluster,
    controller: Controller,
    start: impl Fn() -> Controller,
) -> Controller {
    let until = from_now(7 * 24 * 3600 + 5);
    apply(cluster, &[exemption("ends", "one", Some(until))]).await;
    state_of(cluster, "ends", "Active").await;
    assert!(events(cluster, "ends").await.unwrap().is_empty());
    let look = || async {
        let events = events(cluster, "ends").await?;
        Ok::<_, String>(events.first().cloned())
    };
    let event = wait_for("the Event", Duration::from_secs(20), look).await.unwrap();
    assert!(
        event["note"].as_str().unwrap().contains(&format!("ends at {until}: 1 result will fail")),
        "{event}"
    );
    assert_eq!(event["regarding"]["kind"], "ComplianceExemption");
    let told: Timestamp = event["eventTime"].as_str().unwrap().parse().unwrap();
    let late = told.duration_since(until - SignedDuration::from_hours(7 * 24));
    assert!(late >= SignedDuration::ZERO && late < SignedDuration::from_secs(2), "{late:#}");

    // Who takes over within the hour tries again, and is told that it is told.
    controller.kill().unwrap();
    let restarted = Timestamp::now();
    let controller = start();
    controller.ready().await.unwrap();
    let tried = || async {
        let entries = writes(cluster).await;
        let tries: Vec<_> =
            entries.iter().filter(|e| e.resource == "events" && e.received > restarted).collect();
        match tries.as_slice() {
            [] => Err("no Event was tried".to_owned()),
            [only] if only.code == 409 => Ok(Some(())),
            _ => Err(format!("{tries:#?}")),
        }
    };
    wait_for("the Event to be tried again", Duration::from_secs(30), tried).await.unwrap();
    assert_eq!(events(cluster, "ends").await.unwrap().len(), 1);
    controller
}

async fn what_ended_while_nobody_looked_has_ended(
    cluster: &Cluster,
    controller: Controller,
    start: impl Fn() -> Controller,
) -> Controller {
    let until = from_now(4);
    apply(cluster, &[exemption("brief", "two", Some(until))]).await;
    verdict(cluster, "deployment-two", Truth::True).await;
    controller.kill().unwrap();
    let over = || async { Ok::<_, String>((Timestamp::now() >= until).then_some(())) };
    wait_for("the end", Duration::from_secs(10), over).await.unwrap();
    let controller = start();
    controller.ready().await.unwrap();
    verdict(cluster, "deployment-two", Truth::False).await;
    state_of(cluster, "brief", "Expired").await;
    converge(cluster, Duration::from_secs(15)).await;
    controller
}
