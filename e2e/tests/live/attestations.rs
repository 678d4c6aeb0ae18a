//! Attested practices in a cluster: an attestation makes the report pass, and it ages out at its instant with no other
//! write.
//!
//! Not its job: what counts (`tests/attested/cases.yaml`), or what the API server refuses (`api.rs`).

use std::time::Duration;

use e2e::{AuditEntry, Cluster, Controller, wait_for};
use jiff::Timestamp;
use seaworthy::api::{Evidence, Truth};
use seaworthy::cluster::cluster_rules;
use serde_json::{Value, json};

use crate::support::{
    account, apply, changed_at, converge, deployment, namespace, policy, user, verdict, writes,
};

/// How long there is to see it count.
const SOON: i64 = 20;
const DAY: i64 = 86_400;

/// The policy of these tests: a load test no older than a day, and nothing else.
fn baseline() -> Value {
    let mut policy = policy("baseline");
    policy["spec"]["profile"] = json!({ "level": "None" });
    policy["spec"]["attestations"] =
        json!([{ "practice": "load-test", "severity": "High", "maxAgeDays": 1 }]);
    policy["spec"]["reporting"] = json!({ "passed": "Include" });
    policy
}

fn attestation(target: &str, performed: Timestamp, outcome: &str) -> Value {
    json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "PracticeAttestation",
        "metadata": { "name": "load", "namespace": "shop" },
        "spec": { "practice": "load-test", "performedTime": performed.to_string(), "performedBy": "ci",
            "outcome": outcome, "targetRef": { "apiGroup": "apps", "kind": "Deployment", "name": target } } })
}

/// Waits until the attestation is valid, or not, for a reason; gives its status.
async fn valid(cluster: &Cluster, reason: &str) -> Value {
    let look = || async {
        let got = cluster.kubectl(&["get", "patt", "load", "-n", "shop", "-o", "json"]).await;
        let object: Value = serde_json::from_str(&got.map_err(|e| e.to_string())?).unwrap();
        let status = object["status"].clone();
        let is = status["conditions"][0]["type"] == "Valid" && status["conditions"][0]["reason"] == reason;
        let current = status["observedGeneration"] == object["metadata"]["generation"];
        if is && current { Ok(Some(status)) } else { Err(status.to_string()) }
    };
    wait_for(&format!("the attestation to be {reason}"), Duration::from_secs(20), look).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attestation_counts_and_ages_out_at_its_instant() {
    let cluster = Cluster::builder().name("attestations").quiet().start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let objects = [namespace("shop"), baseline(), deployment("shop", "api", 2), deployment("shop", "web", 2)];
    apply(&cluster, &objects).await;
    let kubeconfig = account(&cluster, "attesting", &cluster_rules()).await;
    let controller = Controller::spawn(&cluster, &kubeconfig, &["--identity", "attesting"]).unwrap();
    controller.ready().await.unwrap();
    let missing = verdict(&cluster, "deployment-api", Truth::False).await;
    assert!(missing.results[0].message.starts_with("nobody attests 'load-test'"), "{missing:?}");

    // A day ago, but for some seconds.
    let end = Timestamp::from_second(Timestamp::now().as_second() + SOON).unwrap();
    let performed = Timestamp::from_second(end.as_second() - DAY).unwrap();
    apply(&cluster, &[attestation("api", performed, "Passed")]).await;
    let passes = verdict(&cluster, "deployment-api", Truth::True).await;
    let result = &passes.results[0];
    assert_eq!((result.check.as_str(), result.evidence), ("attestation-load-test", Some(Evidence::Attested)));
    let status = valid(&cluster, "WithinMaxAge").await;
    assert_eq!(status["expirationTime"], end.to_string());
    assert_eq!(status["conditions"][1]["reason"], "Asked");
    let settled = Timestamp::now();
    assert!(settled < end, "it ended before everything stood");

    verdict(&cluster, "deployment-api", Truth::False).await;
    valid(&cluster, "TooOld").await;
    let writes = writes(&cluster).await;
    let ours = user("attesting");
    let since: Vec<&AuditEntry> = writes.iter().filter(|entry| entry.received > settled).collect();
    assert!(since.iter().all(|entry| entry.user == ours), "somebody else wrote: {since:#?}");
    changed_at(end, "deployment-api", &since);
    assert!(since.iter().all(|entry| entry.name != "deployment-web"), "{since:#?}");

    // An edit concerns what it named before and what it names now; a failure fails.
    apply(&cluster, &[attestation("web", settled, "Passed")]).await;
    verdict(&cluster, "deployment-web", Truth::True).await;
    verdict(&cluster, "deployment-api", Truth::False).await;
    apply(&cluster, &[attestation("web", settled, "Failed")]).await;
    let failed = verdict(&cluster, "deployment-web", Truth::False).await;
    assert!(failed.results[0].message.contains("failed when it was last carried out"), "{failed:?}");
    valid(&cluster, "Failed").await;
    converge(&cluster, Duration::from_secs(15)).await;
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}
