//! What the pipeline makes of answers and watch events that come in an awkward order.
//!
//! Not its job: a real API server (`e2e/tests/resilience.rs`).

use serde_json::json;

use super::*;
use crate::api::ComplianceReport;
use crate::cluster::{Element, WatchedObject};
use crate::controller::input::PolicyObject;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn element(json: &serde_json::Value) -> Element {
    serde_json::from_value(json.clone()).unwrap()
}

fn object(kind: Kind, json: &serde_json::Value) -> Input {
    let seen = Seen::Applied(KindObject::read(kind, &element(json)));
    Input::Object(Observation { source: kind, seen })
}

/// A pipeline that leads and has listed one namespace with one Deployment, and a policy for all.
fn pipeline() -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.lead(true);
    let policy = json!({ "metadata": { "name": "p", "resourceVersion": "1", "generation": 1 },
        "spec": { "match": { "namespaceSelector": {} } } });
    let seen = Seen::Applied(PolicyObject::read((), &element(&policy)));
    pipeline.take(Input::Policy(Observation { source: (), seen }));
    let namespace = json!({ "metadata": { "name": "shop", "resourceVersion": "1", "uid": "n" } });
    pipeline.take(object(Kind::Namespace, &namespace));
    let deployment = json!({ "metadata": { "name": "api", "namespace": "shop", "resourceVersion": "1", "uid": "d" },
        "spec": { "template": { "spec": { "containers": [{ "name": "api", "image": "shop/api:1" }] } } } });
    pipeline.take(object(Kind::Deployment, &deployment));
    for watched in WATCHED {
        pipeline.take(Input::Object(Observation { source: watched.kind, seen: Seen::Finish }));
    }
    pipeline.take(Input::Policy(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(Input::Report(Observation { source: (), seen: Seen::Finish }));
    pipeline
}

/// The next report of the Deployment that is to be written; other changes are as good as written.
fn next_report(pipeline: &mut Pipeline, now: Timestamp) -> Option<(SubjectKey, ComplianceReport)> {
    loop {
        match pipeline.step(now) {
            Step::Idle(_) => return None,
            Step::Change(Change::Report { key, report, .. }) => match &key {
                SubjectKey::Workload(_) => return Some((key, *report)),
                SubjectKey::Namespace(_) => {
                    pipeline.written(Written::Report(key, stored(&report, "1")), now);
                }
            },
            Step::Change(Change::Status { policy, status }) => {
                pipeline.written(Written::Status(policy, status), now);
            }
            Step::Change(Change::Remove { .. }) | Step::Again => {}
        }
    }
}

fn stored(report: &ComplianceReport, resource_version: &str) -> Stored {
    let mut report = report.clone();
    report.metadata.resource_version = resource_version.to_owned();
    Stored::from(&report)
}

fn seen(report: &ComplianceReport, resource_version: &str) -> Input {
    let (namespace, name) = (Text::new(&report.metadata.namespace), Text::new(&report.metadata.name));
    let object = ReportObject { namespace, name, stored: stored(report, resource_version) };
    Input::Report(Observation { source: (), seen: Seen::Applied(object) })
}

fn later(seconds: i64) -> Timestamp {
    NOW.saturating_add(SignedDuration::from_secs(seconds)).unwrap()
}

#[test]
fn an_edit_that_is_seen_before_the_answer_to_our_write_is_put_right() {
    let mut pipeline = pipeline();
    let (key, report) = next_report(&mut pipeline, NOW).unwrap();
    let lie = ComplianceReport { score: 1, ..report.clone() };
    pipeline.take(seen(&report, "10"));
    pipeline.take(seen(&lie, "11"));
    pipeline.written(Written::Report(key, stored(&report, "10")), NOW);
    let (_, again) = next_report(&mut pipeline, later(5)).expect("the report is written again");
    assert_eq!(again.score, report.score);
}

#[test]
fn a_deletion_that_is_seen_before_the_answer_to_our_write_is_put_right() {
    let mut pipeline = pipeline();
    let (key, report) = next_report(&mut pipeline, NOW).unwrap();
    pipeline.take(seen(&report, "10"));
    let (namespace, name) = report_name(&key);
    let gone = Seen::Deleted { namespace, name };
    pipeline.take(Input::Report(Observation { source: (), seen: gone }));
    pipeline.written(Written::Report(key, stored(&report, "10")), NOW);
    assert!(next_report(&mut pipeline, later(5)).is_some(), "the report is written again");
}

#[test]
fn what_is_as_it_should_be_is_not_written_again() {
    let mut pipeline = pipeline();
    let (key, report) = next_report(&mut pipeline, NOW).unwrap();
    pipeline.written(Written::Report(key, stored(&report, "10")), NOW);
    pipeline.take(seen(&report, "10"));
    assert!(next_report(&mut pipeline, later(5)).is_none());
}
