//! Attested practices as the controller judges them: the table of cases that the command line judges as well
//! (`tests/attestations.rs`), with nothing but the time moving; and the statuses of attestations.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Change;
use super::pipeline::{Pipeline, Step};
use super::pipeline_tests::{object, pipeline, policy, report_of, settle};
use crate::api::{AttestationStatus, ReportResult};
use crate::model::Kind;

/// A case of the table.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
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
    serde_saphyr::from_str(include_str!("../../tests/attested/cases.yaml")).unwrap()
}

fn kind_of(object: &Value) -> Kind {
    let (group, _) = object["apiVersion"].as_str().unwrap().split_once('/').unwrap_or_default();
    Kind::find(group, object["kind"].as_str().unwrap()).unwrap()
}

/// A pipeline that has seen all of a case.
fn seen(case: &Case) -> Pipeline {
    let mut pipeline = pipeline(None);
    let namespace =
        json!({ "metadata": { "name": "shop", "uid": "n", "annotations": case.namespace_annotations } });
    let labels = json!({ "app": "api", "tier": "critical" });
    let deployment = json!({
        "metadata": { "name": "api", "namespace": "shop", "uid": "u", "generation": 1, "labels": labels,
                      "annotations": case.annotations },
        "spec": { "template": { "metadata": { "labels": labels }, "spec": { "containers": [{ "name": "api" }] } } },
    });
    pipeline.take(object(Kind::Namespace, &namespace.to_string()));
    pipeline.take(object(Kind::Deployment, &deployment.to_string()));
    for each in &case.objects {
        pipeline.take(object(kind_of(each), &each.to_string()));
    }
    let asks = json!({ "metadata": { "name": "p", "generation": 2 }, "spec": { "profile": { "level": "None" },
        "match": { "namespaceSelector": {} }, "attestations": [case.asks], "reporting": { "passed": "Include" } } });
    pipeline.take(policy(&asks.to_string()));
    pipeline
}

#[test]
fn every_case_is_judged_as_the_table_says_with_nothing_but_the_time_moving() {
    for case in cases() {
        let mut pipeline = seen(&case);
        let mut last: Option<Vec<ReportResult>> = None;
        for (now, says) in &case.says {
            let place = format!("{} at {now}", case.name);
            let changes = settle(&mut pipeline, now.parse().unwrap());
            last = report_of(&changes, "deployment-api").map(|report| report.results.clone()).or(last);
            let [result] = last.as_deref().unwrap_or_default() else { panic!("{place}: {last:#?}") };
            let [word, evidence, words @ ..] = says.as_slice() else { panic!("{place}") };
            let is = (result.result.as_str(), result.evidence.map(|evidence| format!("{evidence:?}")));
            assert_eq!((Some(is.0), &is.1), (word.as_deref(), evidence), "{place}: {}", result.message);
            for part in words.iter().flatten() {
                assert!(result.message.contains(part.as_str()), "{place}: {}", result.message);
            }
        }
    }
}

fn status_of<'a>(changes: &'a [Change], name: &str) -> Option<&'a AttestationStatus> {
    changes.iter().rev().find_map(|change| match change {
        Change::AttestationStatus { place, status } if place.1 == name => Some(&**status),
        _ => None,
    })
}

fn reasons(status: &AttestationStatus) -> Vec<&str> {
    status.conditions.iter().map(|condition| condition.reason.as_str()).collect()
}

#[test]
fn a_status_says_how_an_attestation_stands_and_changes_at_its_instants() {
    let case = cases().into_iter().find(|case| case.name.starts_with("an attestation counts")).unwrap();
    let mut pipeline = seen(&case);
    let mut at = |now: &str| -> Vec<Change> {
        let now: Timestamp = now.parse().unwrap();
        let changes = settle(&mut pipeline, now);
        // Nothing is left to be done before the next instant.
        assert!(matches!(pipeline.step(now), Step::Idle(_)));
        changes
    };
    let changes = at("2026-09-01T13:00:00Z");
    let status = status_of(&changes, "api-load").unwrap();
    assert_eq!((reasons(status), status.observed_generation), (vec!["ToCome", "Asked"], 1));
    assert_eq!(status.expiration_time, Some("2026-11-30T14:00:00Z".parse().unwrap()));
    let changes = at("2026-09-01T14:00:00Z");
    assert_eq!(reasons(status_of(&changes, "api-load").unwrap()), ["WithinMaxAge", "Asked"]);
    // While nothing changes, nothing is written.
    assert!(status_of(&at("2026-10-01T00:00:00Z"), "api-load").is_none());
    assert!(status_of(&at("2026-11-30T13:59:59Z"), "api-load").is_none());
    let changes = at("2026-11-30T14:00:00Z");
    assert_eq!(reasons(status_of(&changes, "api-load").unwrap()), ["TooOld", "Asked"]);
}

#[test]
fn a_status_follows_what_it_rests_on() {
    let case = cases().into_iter().find(|case| case.name.starts_with("an attestation counts")).unwrap();
    let mut pipeline = seen(&case);
    let mut now: Timestamp = "2026-09-02T00:00:00Z".parse().unwrap();
    let mut next = |pipeline: &mut Pipeline| -> Option<AttestationStatus> {
        // A status is written at most every two seconds.
        now = now.checked_add(jiff::SignedDuration::from_secs(3)).unwrap();
        status_of(&settle(pipeline, now), "api-load").cloned()
    };
    assert_eq!(reasons(&next(&mut pipeline).unwrap()), ["WithinMaxAge", "Asked"]);
    pipeline.take(super::pipeline_tests::about(
        Kind::Deployment,
        crate::cluster::Seen::Deleted { namespace: "shop".into(), name: "api".into() },
    ));
    assert_eq!(reasons(&next(&mut pipeline).unwrap()), ["Unlimited", "NoTarget"]);
    let none = r#"{"metadata":{"name":"p","generation":3},"spec":{"match":{"namespaceSelector":{}}}}"#;
    pipeline.take(policy(none));
    let deployment = r#"{"metadata":{"name":"api","namespace":"shop","uid":"u2"},"spec":{}}"#;
    pipeline.take(object(Kind::Deployment, deployment));
    assert_eq!(reasons(&next(&mut pipeline).unwrap()), ["Unlimited", "NotAsked"]);
    assert!(next(&mut pipeline).is_none());
}

#[test]
fn an_edit_touches_exactly_what_it_concerned_before_and_after() {
    let case = cases().swap_remove(0);
    let mut pipeline = seen(&case);
    for name in ["web", "db"] {
        let json = json!({ "metadata": { "name": name, "namespace": "shop", "uid": name }, "spec": {} });
        pipeline.take(object(Kind::Deployment, &json.to_string()));
    }
    let now: Timestamp = "2026-09-02T00:00:00Z".parse().unwrap();
    let evaluations = |pipeline: &mut Pipeline, input| -> u64 {
        settle(pipeline, now);
        let before = pipeline.evaluations();
        pipeline.take(input);
        settle(pipeline, now);
        pipeline.evaluations() - before
    };
    let attestation = |target: Value, generation: i64, performed: &str| {
        let json = json!({ "metadata": { "name": "a", "namespace": "shop", "generation": generation }, "spec": {
            "practice": "other", "targetRef": target, "performedTime": performed, "performedBy": "me" } });
        object(Kind::PracticeAttestation, &json.to_string())
    };
    let of = |name: &str| json!({ "apiGroup": "apps", "kind": "Deployment", "name": name });
    let day = "2026-09-01T00:00:00Z";
    assert_eq!(evaluations(&mut pipeline, attestation(of("api"), 1, day)), 1, "the one that it names");
    assert_eq!(
        evaluations(&mut pipeline, attestation(of("web"), 2, day)),
        2,
        "the one before, the one after"
    );
    assert_eq!(evaluations(&mut pipeline, attestation(of("web"), 2, day)), 0, "nothing has changed");
    assert_eq!(
        evaluations(&mut pipeline, attestation(json!(null), 3, day)),
        4,
        "the namespace and what is in it"
    );
}
