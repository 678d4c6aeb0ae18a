//! Attested practices as the command line judges them: the table of cases, and what a policy may ask for.
//!
//! The same table is judged by the controller (`src/controller/attested_tests.rs`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

/// A case of the table.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    name: String,
    asks: Value,
    #[serde(default)]
    objects: Vec<Value>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    namespace_annotations: BTreeMap<String, String>,
    says: BTreeMap<String, Vec<Option<String>>>,
}

fn cases() -> Vec<Case> {
    serde_saphyr::from_str(include_str!("attested/cases.yaml")).unwrap()
}

impl Case {
    fn documents(&self) -> Vec<Value> {
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace",
            "metadata": { "name": "shop", "annotations": self.namespace_annotations } });
        let containers = json!([{ "name": "api", "image": "shop/api:1" }]);
        let labels = json!({ "app": "api", "tier": "critical" });
        let deployment = json!({ "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "api", "namespace": "shop", "labels": labels, "annotations": self.annotations },
            "spec": { "selector": { "matchLabels": { "app": "api" } },
                      "template": { "metadata": { "labels": labels }, "spec": { "containers": containers } } } });
        [policy(&self.asks), namespace, deployment].into_iter().chain(self.objects.iter().cloned()).collect()
    }
}

fn policy(asks: &Value) -> Value {
    json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "ProductionPolicy", "metadata": { "name": "test" },
        "spec": { "profile": { "level": "None" }, "match": { "namespaceSelector": {} },
                  "attestations": [asks], "reporting": { "passed": "Include" } } })
}

fn run(args: &[&str], documents: &[Value]) -> (i32, String, String) {
    let each: Vec<String> = documents.iter().map(Value::to_string).collect();
    support::run(args, &each.join("\n---\n"))
}

/// The results about Deployment `api` at an instant.
fn results(documents: &[Value], now: &str) -> Vec<Value> {
    let (_, out, err) = run(&["audit", "-", "-o", "json", "--now", now, "--complete"], documents);
    assert!(err.is_empty(), "{err}");
    let list: Value = serde_json::from_str(&out).unwrap();
    let reports = list["items"].as_array().unwrap();
    let report = reports.iter().find(|report| report["metadata"]["name"] == "deployment-api").unwrap();
    report["results"].as_array().unwrap().clone()
}

#[test]
fn every_case_is_judged_as_the_table_says() {
    for case in cases() {
        let documents = case.documents();
        for (now, says) in &case.says {
            let place = format!("{} at {now}", case.name);
            let results = results(&documents, now);
            let [result] = results.as_slice() else { panic!("{place}: {results:#?}") };
            let [word, evidence, words @ ..] = says.as_slice() else { panic!("{place}") };
            assert_eq!(result["check"], format!("attestation-{}", case.asks["practice"].as_str().unwrap()));
            let is = (result["result"].as_str(), result.get("evidence").and_then(Value::as_str));
            assert_eq!(is, (word.as_deref(), evidence.as_deref()), "{place}: {result:#}");
            let message = result.get("message").and_then(Value::as_str).unwrap_or_default();
            for part in words.iter().flatten() {
                assert!(message.contains(part), "{place}: '{part}' is not in '{message}'");
            }
        }
    }
}

#[test]
fn a_policy_asks_for_what_can_be_attested() {
    for (asks, wrong) in [
        (json!({ "practice": "Load" }), "spec.attestations[0].practice: 'Load' is no name of a practice"),
        (json!({ "practice": "a".repeat(52) }), "at most 51 small letters"),
        (
            json!({ "practice": "slo", "maxAgeDays": 0 }),
            "spec.attestations[0].maxAgeDays: must be from 1 to 3650",
        ),
        (
            json!({ "practice": "slo", "attested": { "performedTime": "2026-01-02T00:00:00Z", "performedBy": "me",
                "expirationTime": "2026-01-01T00:00:00Z" } }),
            "spec.attestations[0].attested.expirationTime: must be later than attested.performedTime",
        ),
        (json!({ "practice": "slo", "attestd": {} }), "attestd"),
        (
            json!({ "practice": "slo", "attested": { "performedTime": "2026-01-02T00:00:00Z" } }),
            "performedBy",
        ),
    ] {
        let (code, _, error) = run(&["audit", "-"], &[policy(&asks)]);
        assert!(code == 2 && error.contains(wrong), "{asks}: {code} {error}");
    }
    let mut twice = policy(&json!({ "practice": "slo" }));
    twice["spec"]["attestations"] = json!([{ "practice": "slo" }, { "practice": "slo", "severity": "High" }]);
    let (code, _, error) = run(&["audit", "-"], &[twice]);
    assert!(
        code == 2 && error.contains("spec.attestations[1].practice: 'slo' is asked for twice"),
        "{error}"
    );
}

#[test]
fn an_attestation_that_no_cluster_would_take_is_said_with_its_place() {
    let case = cases().swap_remove(0);
    let bad = json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "PracticeAttestation",
        "metadata": { "name": "bad", "namespace": "shop" },
        "spec": { "practice": "runbook", "performedTime": "2026-01-01T00:00:00Z" } });
    let documents: Vec<Value> = case.documents().into_iter().chain([bad]).collect();
    let (code, out, error) = run(&["audit", "-", "--now", "2026-09-01T00:00:00Z", "-o", "json"], &documents);
    assert_eq!(code, 1);
    assert!(
        error.contains("PracticeAttestation 'bad' cannot be read: spec: missing field `performedBy`"),
        "{error}"
    );
    // It may say anything, so nobody knows.
    assert!(out.contains("\"Unknown\""), "{out}");
}

/// Two policies ask for the same practice: each is judged by its own age, and the worse answer shows.
#[test]
fn the_strictest_policy_wins() {
    let mut case = cases().into_iter().find(|case| case.name.starts_with("an attestation counts")).unwrap();
    let mut strict = policy(&json!({ "practice": "load-test", "maxAgeDays": 10, "severity": "Critical" }));
    strict["metadata"]["name"] = "strict".into();
    case.objects.push(strict);
    let documents = case.documents();
    for (now, wanted) in [
        ("2026-09-11T13:59:59Z", vec![("Pass", json!(null))]),
        ("2026-09-11T14:00:00Z", vec![("Fail", json!(["strict"]))]),
        // Each has a reason of its own.
        ("2026-11-30T14:00:00Z", vec![("Fail", json!(["strict"])), ("Fail", json!(["test"]))]),
    ] {
        let results = results(&documents, now);
        let is: Vec<(&str, Value)> =
            results.iter().map(|r| (r["result"].as_str().unwrap(), r["policies"].clone())).collect();
        assert_eq!(is, wanted, "{now}");
        assert!(results.iter().all(|result| result["severity"] == "Critical"), "{now}: {results:#?}");
    }
}

#[test]
fn people_see_what_rests_on_a_word_and_can_ask_what_it_is() {
    let case =
        cases().into_iter().find(|case| case.name.starts_with("an annotation of the workload")).unwrap();
    let args = ["audit", "-", "--show-passed", "--now", "2026-09-02T00:00:00Z"];
    let (code, out, _) = run(&args, &case.documents());
    assert!(code == 0 && out.contains("attestation-runbook  (attested)"), "{out}");
    let (code, out, _) = run(&["explain", "attestation-runbook"], &[]);
    assert!(code == 0 && out.contains("seaworthy attest load-test"), "{out}");
    assert_eq!(run(&["explain", "attestation-Runbook"], &[]).0, 2);
}

#[test]
fn the_checklists_show_how_an_asked_practice_stands() {
    let case =
        cases().into_iter().find(|case| case.name.starts_with("an annotation of the workload")).unwrap();
    let state = |now: &str| {
        let args = ["checklists", "-f", "-", "-o", "json", "--now", now];
        let (_, out, err) = run(&args, &case.documents());
        let items: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        // ST-56 asks for a runbook, and nothing else answers for it.
        let item = items.as_array().unwrap().iter().find(|item| item["id"] == "ST-56").unwrap().clone();
        (item["state"].clone(), item["practices"].clone())
    };
    let answer =
        |state: &str, failing: u32| json!([{ "name": "runbook", "state": state, "failing": failing }]);
    assert_eq!(state("2026-09-02T00:00:00Z"), ("Pass".into(), answer("Pass", 0)));
    assert_eq!(state("2026-10-02T00:00:00Z"), ("Fail".into(), answer("Fail", 1)));
}

/// What `seaworthy attest` writes, as a document.
fn attest(args: &[&str]) -> Result<Value, String> {
    let args: Vec<&str> =
        ["attest"].iter().chain(args).chain(&["--now", "2026-09-02T00:00:00Z"]).copied().collect();
    let (code, out, error) = run(&args, &[]);
    if code == 0 { Ok(serde_saphyr::from_str(&out).unwrap()) } else { Err(format!("{code}: {error}")) }
}

#[test]
fn attest_writes_what_makes_the_result_pass() {
    let case = cases().into_iter().find(|case| case.name.starts_with("those that it selects")).unwrap();
    let written = attest(&[
        "load-test",
        "deploy/api",
        "-n",
        "shop",
        "--performed",
        "2026-09-01T16:00:00+02:00",
        "--by",
        "ci",
        "--summary",
        "no errors: \"really\"",
        "--evidence",
        "https://ci.example.com/9",
        "--evidence",
        "oci://r/x",
        "--until",
        "2026-12-01",
    ])
    .unwrap();
    let wanted = json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "PracticeAttestation",
        "metadata": { "name": "deployment-api-load-test", "namespace": "shop" },
        "spec": { "practice": "load-test", "targetRef": { "apiGroup": "apps", "kind": "Deployment", "name": "api" },
            "performedTime": "2026-09-01T14:00:00Z", "performedBy": "ci", "outcome": "Passed",
            "summary": "no errors: \"really\"", "evidence": [{ "uri": "https://ci.example.com/9" }, { "uri": "oci://r/x" }],
            "expirationTime": "2026-12-01T00:00:00Z" } });
    assert_eq!(written, wanted);
    let documents: Vec<Value> = case.documents().into_iter().chain([written]).collect();
    assert_eq!(results(&documents, "2026-09-02T00:00:00Z")[0]["result"], "Pass");

    let wide = ["on-call", "--namespace-wide", "-n", "shop", "--performed", "2026-09-01", "--by", "me"];
    let wide = attest(&[&wide[..], &["--outcome", "failed"]].concat()).unwrap();
    assert_eq!((&wide["metadata"]["name"], &wide["spec"]["outcome"]), (&"on-call".into(), &"Failed".into()));
    assert!(wide["spec"].get("targetRef").is_none(), "{wide}");
}

#[test]
fn attest_refuses_what_a_cluster_would_refuse() {
    let good = ["load-test", "deployment/api", "--performed", "2026-09-01", "--by", "me"];
    assert!(attest(&good).is_ok());
    for (args, wrong) in [
        (vec!["Load", "deployment/api", "--performed", "2026-09-01"], "'Load' is no name of a practice"),
        (
            vec!["load-test", "deployment/api", "--performed", "2026-09-03"],
            "--performed: 2026-09-03T00:00:00Z is still to come",
        ),
        (vec!["load-test", "deployment/api", "--performed", "lately"], "--performed: 'lately' is no date"),
        (
            vec!["load-test", "service/api", "--performed", "2026-09-01"],
            "there is no kind of workload 'service'",
        ),
        (vec!["load-test", "--performed", "2026-09-01"], "as in deployment/checkout"),
        (
            vec!["load-test", "deployment/api", "--namespace-wide", "--performed", "2026-09-01"],
            "cannot be used with",
        ),
        (vec!["load-test", "deployment/api"], "--performed"),
        (
            vec!["load-test", "deployment/api", "--performed", "2026-09-01", "--until", "2026-08-01"],
            "--until: must be later",
        ),
        (
            vec!["load-test", "deployment/api", "--performed", "2026-09-01", "--evidence", "wiki"],
            "'wiki' is no link",
        ),
    ] {
        let args: Vec<&str> = args.iter().copied().chain(["--by", "me"]).collect();
        let error = attest(&args).unwrap_err();
        assert!(error.starts_with("2: ") && error.contains(wrong), "{args:?}: {error}");
    }
}
