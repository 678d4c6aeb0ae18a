//! The commands that look at a live cluster: they say what the controller says, and write nothing.
//!
//! Not its job: what they say of files (`tests/policy`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use e2e::{Cluster, Controller, wait_for};
use jiff::{SignedDuration, Timestamp};
use seaworthy::api::ResultWord;
use seaworthy::cluster::{Rule, cluster_rules};
use serde_json::{Value, json};

use crate::support::{
    account, apply, command, converge, deployment, is_write, namespace, policy, user, workload,
};

const SOON: Duration = Duration::from_secs(20);

/// Runs a command as somebody, and gives its exit code, its output as JSON, and what it said beside.
async fn run(kubeconfig: &Path, args: &[&str]) -> (i32, Value, String) {
    let (code, out, err) = command(kubeconfig, &[args, &["-o", "json"]].concat()).await;
    (code, serde_json::from_str(&out).unwrap_or_default(), err)
}

/// The policy of a name, as the cluster holds it, in a file.
async fn file_of(cluster: &Cluster, name: &str) -> String {
    let yaml = cluster.kubectl(&["get", "productionpolicy", name, "-o", "yaml"]).await.unwrap();
    let path = cluster.dir().join(format!("{name}.yaml"));
    std::fs::write(&path, yaml).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The rights of a controller, without one resource.
fn rules_without(resource: &str) -> Vec<Rule> {
    let mut rules = cluster_rules();
    for rule in &mut rules {
        rule.resources.retain(|name| name != resource);
    }
    rules.retain(|rule| !rule.resources.is_empty());
    rules
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_say_what_the_controller_says_and_write_nothing() {
    let cluster = Cluster::builder().name("commands").nodes(1).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let mut now = policy("now");
    now["spec"]["profile"] = json!({ "level": "Baseline" });
    now["spec"]["reporting"] = json!({ "passed": "Include" });
    now["spec"]["checks"] = json!([{ "name": "too-few-replicas" }]);
    now["spec"]["attestations"] = json!([
        { "practice": "load-test", "maxAgeDays": 90 }, { "practice": "runbook", "severity": "High" }]);
    now["spec"]["customChecks"] = json!([
        { "name": "team-unnamed", "title": "Every workload names its team", "severity": "High",
            "expression": "object.metadata.?labels['team'].orValue('') != ''", "message": "nobody is named" },
        { "name": "port-even", "severity": "Low", "expression":
            "related.services.all(s, s.spec.ports.all(p, p.port % 2 == 1))" },
        { "name": "careless", "severity": "Low", "expression": "object.spec.nothing > 1" }]);
    now["spec"]["exemptions"] = json!([{ "name": "ports", "checks": ["port-even"],
        "reason": "The load balancer wants it so." }]);
    let mut next = policy("next");
    next["spec"]["profile"] = json!({ "level": "Strict" });
    next["spec"]["enforcement"] = "Preview".into();
    next["spec"]["complianceThreshold"] = "Low".into();
    next["spec"]["match"]["excludeNamespaces"] = json!(["kube-system", "left"]);
    let agent = workload("DaemonSet", "shop", "agent", json!({}));
    let target = json!({ "apiGroup": "apps", "kind": "Deployment", "name": "checkout" });
    let ours = |kind: &str, spec: Value| {
        json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": kind, "spec": spec,
            "metadata": { "name": "of-checkout", "namespace": "shop" } })
    };
    let performed = Timestamp::now() - SignedDuration::from_hours(24);
    let beside = [
        ours(
            "ComplianceExemption",
            json!({ "targetRef": target, "checks": ["too-few-replicas"],
            "reason": "One is licensed.", "expirationTime": "2999-01-01T00:00:00Z" }),
        ),
        ours(
            "PracticeAttestation",
            json!({ "targetRef": target, "practice": "load-test",
            "performedTime": performed.to_string(), "performedBy": "ci" }),
        ),
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "checkout", "namespace": "shop" },
            "spec": { "selector": { "app": "checkout" }, "ports": [{ "port": 80 }] } }),
    ];
    let objects = ["shop", "left"].map(namespace);
    apply(&cluster, &objects).await;
    apply(&cluster, &beside).await;
    let workloads = [deployment("shop", "checkout", 1), deployment("left", "alone", 2), agent, now, next];
    apply(&cluster, &workloads).await;
    let controller = Controller::start(&cluster).await.unwrap();
    let reports = converge(&cluster, SOON).await;
    let kubeconfig = account(&cluster, "looking", &cluster_rules()).await;

    // The status of the previewed policy, and what the command line makes of the same two policies.
    let (old, new) = (file_of(&cluster, "now").await, file_of(&cluster, "next").await);
    let compare = || async {
        let (code, diff, err) = run(&kubeconfig, &["policy", "diff", &old, &new, "--cluster"]).await;
        let status = cluster.kubectl(&["get", "prodpol", "next", "-o", "jsonpath={.status.preview}"]).await;
        let status: Value = serde_json::from_str(&status.map_err(|e| e.to_string())?).unwrap_or_default();
        let newly = &diff["newlyFailing"];
        let listed = status["checks"].as_array().cloned().unwrap_or_default();
        let checks: Vec<Value> =
            newly["checks"].as_array().into_iter().flatten().take(listed.len()).cloned().collect();
        let same = ["workloads", "namespaces"].iter().all(|count| newly[count] == status[count]);
        match code == 1
            && same
            && checks == listed
            && !listed.is_empty()
            && newly["namespaces"].as_u64() > Some(0)
        {
            true => Ok(Some(diff.clone())),
            false => Err(format!("{code}: {newly}\n{status}\n{err}")),
        }
    };
    let diff = wait_for("the status to be what the command says", SOON, compare).await.unwrap();
    let of_left = |changed: &&Value| changed["namespace"] == "left";
    let subjects = diff["newlyFailing"]["subjects"].as_array().unwrap();
    assert_eq!(subjects.iter().filter(of_left).count(), 0, "it is excluded");

    // What `why` says of a check is what the report says of it, whoever defined it and whatever is exempt.
    let report = &reports[&("shop".to_owned(), "deployment-checkout".to_owned())];
    let mut said: BTreeMap<&str, (ResultWord, BTreeSet<&str>)> = BTreeMap::new();
    for result in &report.results {
        let (_, messages) = said.entry(&result.check).or_insert((result.result, BTreeSet::new()));
        messages.insert(&result.message);
    }
    let own = [
        ("attestation-load-test", ResultWord::Pass),
        ("attestation-runbook", ResultWord::Fail),
        ("careless", ResultWord::Unknown),
        ("port-even", ResultWord::Exempt),
        ("team-unnamed", ResultWord::Fail),
        ("too-few-replicas", ResultWord::Exempt),
    ];
    for (check, wanted) in own {
        assert_eq!(said[check].0, wanted, "{check}: {said:?}");
    }
    let others = said.keys().copied().filter(|check| own.iter().all(|(name, _)| name != check)).take(5);
    for check in own.iter().map(|(check, _)| *check).chain(others) {
        let (result, messages) = &said[check];
        let args = ["why", "deploy/checkout", check, "--cluster", "-n", "shop"];
        let (code, why, err) = run(&kubeconfig, &args).await;
        assert_eq!(
            (code, &why["result"]),
            (i32::from(*result == ResultWord::Fail), &json!(result)),
            "{check}"
        );
        let found = why["findings"].as_array().unwrap_or_else(|| panic!("{check}: {err}"));
        let found: BTreeSet<&str> =
            found.iter().map(|finding| finding["message"].as_str().unwrap()).collect();
        assert_eq!(&found, messages, "{check}");
        assert_eq!(why["askedBy"][0]["policy"], "now", "{check}");
        let exemption = report.results.iter().find(|result| result.check == check);
        let exemption = exemption.and_then(|result| result.exemption.as_deref());
        assert_eq!(why["findings"][0]["exemption"].as_str(), exemption, "{check}");
    }

    let args = ["policy", "effective", "deployments.apps/checkout", "--cluster", "-n", "shop"];
    let (code, effective, _) = run(&kubeconfig, &args).await;
    let standing = |name: &str| {
        let all = effective["policies"].as_array().unwrap();
        all.iter().find(|policy| policy["name"] == name).unwrap()["notCoveredBecause"].clone()
    };
    assert_eq!((code, standing("now")), (0, Value::Null));
    assert_eq!(standing("next"), "it is only previewed, and decides nothing (spec.enforcement)");
    let checks = effective["checks"].as_array().unwrap();
    let asked: Vec<&str> = checks.iter().map(|check| check["check"].as_str().unwrap()).collect();
    assert!(own.iter().all(|(check, _)| asked.contains(check)), "{asked:?}");
    let title = |name: &str| checks.iter().find(|check| check["check"] == name).unwrap()["title"].clone();
    assert_eq!(title("team-unnamed"), "Every workload names its team");

    // What may not be listed is Unknown, with the reason.
    let blind = account(&cluster, "blind", &rules_without("poddisruptionbudgets")).await;
    let args = ["why", "deployment/alone", "missing-pod-disruption-budget", "--cluster", "-n", "left"];
    let (code, why, err) = run(&blind, &args).await;
    assert_eq!((code, &why["result"]), (0, &json!("Unknown")), "{err}");
    let message = why["findings"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("poddisruptionbudgets.policy may not be listed: "), "{message}");

    what_was_asked_for_is_applied(&cluster).await;

    let entries = cluster.audit().await.unwrap();
    let ours: Vec<_> =
        entries.iter().filter(|e| [user("looking"), user("blind")].contains(&e.user)).collect();
    let of_resources = |e: &&&e2e::AuditEntry| !e.resource.is_empty();
    assert!(ours.iter().filter(of_resources).count() > 100, "{}", ours.len());
    let other: Vec<_> = ours.iter().filter(of_resources).filter(|e| e.verb != "list").collect();
    assert!(other.is_empty() && !ours.iter().any(|e| is_write(e)), "{other:?}");
    drop(controller);
    cluster.stop().await.unwrap();
}

/// `exempt` and `attest` write one object each where they are told to, with the user's own rights, and no other.
async fn what_was_asked_for_is_applied(cluster: &Cluster) {
    let apply = |account: PathBuf, word: &'static str| async move {
        let args: &[&str] = match word {
            "exempt" => {
                &["deployment/alone", "too-few-replicas", "--reason", "One is licensed.", "--for", "1d"]
            }
            _ => &["load-test", "deployment/alone", "--performed", "2026-01-01", "--by", "ci"],
        };
        command(&account, &[&[word], args, &["-n", "left", "--apply"]].concat()).await
    };
    let right = |plural: &str| Rule {
        api_groups: vec!["seaworthy.dev".to_owned()],
        resource_names: Vec::new(),
        resources: vec![plural.to_owned()],
        verbs: ["create", "patch"].map(str::to_owned).to_vec(),
    };
    let writing = account(cluster, "writing", &[right("complianceexemptions")]).await;
    for (command, resource, name) in [
        ("exempt", "complianceexemptions", "deployment-alone-too-few-replicas"),
        ("attest", "practiceattestations", "deployment-alone-load-test"),
    ] {
        let (code, out, err) = apply(writing.clone(), command).await;
        let found = cluster.kubectl(&["get", resource, name, "-n", "left", "-o", "name"]).await;
        if command == "exempt" {
            let said = format!("{resource}.seaworthy.dev/{name} in namespace 'left' is applied\n");
            assert_eq!((code, out, found.is_ok()), (0, said, true), "{err}");
            // Again changes nothing.
            assert_eq!(apply(writing.clone(), command).await.0, 0);
        } else {
            assert_eq!((code, out.as_str(), found.is_ok()), (2, "", false));
            assert!(
                err.contains("cannot apply practiceattestations.seaworthy.dev/") && err.contains("forbidden"),
                "{err}"
            );
        }
    }
}
