//! The pipeline, driven by hand: what was seen goes in, what would be written comes out. No cluster is needed,
//! because the pipeline has none.

use jiff::Timestamp;

use super::change::{Change, Written};
use super::input::{Input, KindObject, PolicyObject, ReportObject, Stored};
use super::pipeline::{Pipeline, Step};
use super::queue::Lane;
use crate::api::{ComplianceReport, Truth};
use crate::cluster::{Observation, Seen, WATCHED};
use crate::decode::decode;
use crate::model::{Kind, SubjectKey};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn object(kind: Kind, json: &str) -> Input {
    let decoded = decode(kind, json, "").unwrap();
    Input::Object(Observation { source: kind, seen: Seen::Applied(KindObject(decoded)) })
}

fn about(kind: Kind, seen: Seen<KindObject>) -> Input {
    Input::Object(Observation { source: kind, seen })
}

fn policy(json: &str) -> Input {
    let seen = Seen::Applied(PolicyObject::parse("p".into(), json));
    Input::Policy(Observation { source: (), seen })
}

const POLICY: &str = r#"{"metadata":{"name":"p","generation":1},"spec":{"profile":{"level":"None"},
    "match":{"namespaceSelector":{"matchLabels":{"env":"prod"}}},"checks":[{"name":"too-few-replicas"}]}}"#;
const NAMESPACE: &str = r#"{"metadata":{"name":"shop","uid":"n","labels":{"env":"prod"}}}"#;

fn deployment(replicas: i64) -> String {
    format!(
        r#"{{"metadata":{{"name":"api","namespace":"shop","uid":"u","generation":1}},"spec":{{"replicas":{replicas}}}}}"#
    )
}

/// A pipeline that leads, with one namespace, one Deployment and one policy, all but `withheld` listed.
fn pipeline(withheld: Option<Kind>) -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.lead(true);
    pipeline.take(object(Kind::Namespace, NAMESPACE));
    pipeline.take(object(Kind::Deployment, &deployment(1)));
    pipeline.take(policy(POLICY));
    for watched in WATCHED.iter().filter(|w| Some(w.kind) != withheld) {
        pipeline.take(about(watched.kind, Seen::Finish));
    }
    pipeline.take(Input::Policy(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(Input::Report(Observation { source: (), seen: Seen::Finish }));
    pipeline
}

/// Takes every step there is, and lets every write succeed. What was written, in order.
fn settle(pipeline: &mut Pipeline, now: Timestamp) -> Vec<Change> {
    let mut changes = Vec::new();
    loop {
        match pipeline.step(now) {
            Step::Again => {}
            Step::Idle(_) => return changes,
            Step::Change(change) => {
                changes.push(change.clone());
                pipeline.written(
                    match change {
                        Change::Report { key, report, .. } => Written::Report(key, Stored::from(&*report)),
                        Change::Remove { key, .. } => Written::Removed(key),
                        Change::Status { policy, status } => Written::Status(policy, status),
                    },
                    now,
                );
            }
        }
    }
}

fn report_of<'a>(changes: &'a [Change], name: &str) -> Option<&'a ComplianceReport> {
    changes.iter().find_map(|change| match change {
        Change::Report { report, .. } if report.metadata.name == name => Some(&**report),
        _ => None,
    })
}

#[test]
fn nothing_is_evaluated_before_the_barrier() {
    let mut pipeline = pipeline(Some(Kind::PodDisruptionBudget));
    assert!(settle(&mut pipeline, at(0)).is_empty() && pipeline.evaluations() == 0);
    pipeline.take(about(Kind::PodDisruptionBudget, Seen::Denied("forbidden".into())));
    assert!(report_of(&settle(&mut pipeline, at(0)), "deployment-api").is_some());
}

#[test]
fn an_essential_kind_that_is_denied_keeps_everything_waiting() {
    let mut pipeline = pipeline(Some(Kind::Namespace));
    pipeline.take(about(Kind::Namespace, Seen::Denied("forbidden".into())));
    assert!(settle(&mut pipeline, at(0)).is_empty() && !pipeline.is_ready());
}

#[test]
fn what_is_unchanged_is_not_written_again() {
    let mut pipeline = pipeline(None);
    let first = settle(&mut pipeline, at(0));
    assert_eq!(report_of(&first, "deployment-api").unwrap().compliant, Truth::False);
    assert_eq!(report_of(&first, "namespace").unwrap().workloads.unwrap().non_compliant, 1);
    assert!(first.iter().any(|change| matches!(change, Change::Status { .. })));
    pipeline.full_pass();
    pipeline.take(object(Kind::Deployment, &deployment(1)));
    assert!(settle(&mut pipeline, at(100)).is_empty());
}

#[test]
fn a_change_of_the_verdict_is_announced_once_everything_settled() {
    let mut pipeline = pipeline(None);
    let news = |changes: &[Change]| {
        changes.iter().filter(|c| matches!(c, Change::Report { event: Some(_), .. })).count()
    };
    assert_eq!(news(&settle(&mut pipeline, at(0))), 0);
    pipeline.take(object(Kind::Deployment, &deployment(2)));
    let changes = settle(&mut pipeline, at(1));
    assert_eq!(news(&changes), 1);
    assert_eq!(report_of(&changes, "deployment-api").unwrap().compliant, Truth::True);
}

#[test]
fn reports_go_with_their_subject_their_label_and_their_policy() {
    let removed = |changes: &[Change]| -> Vec<String> {
        let names = changes.iter().filter_map(|change| match change {
            Change::Remove { name, .. } => Some(name.to_string()),
            _ => None,
        });
        names.collect()
    };
    let mut by_subject = pipeline(None);
    settle(&mut by_subject, at(0));
    by_subject.take(about(Kind::Deployment, Seen::Deleted { namespace: "shop".into(), name: "api".into() }));
    assert_eq!(removed(&settle(&mut by_subject, at(1))), ["deployment-api"]);

    let mut by_label = pipeline(None);
    settle(&mut by_label, at(0));
    by_label
        .take(object(Kind::Namespace, r#"{"metadata":{"name":"shop","uid":"n","labels":{"env":"test"}}}"#));
    let mut gone = removed(&settle(&mut by_label, at(1)));
    gone.sort();
    assert_eq!(gone, ["deployment-api", "namespace"]);

    let mut by_policy = pipeline(None);
    settle(&mut by_policy, at(0));
    let deleted = Seen::Deleted { namespace: "".into(), name: "p".into() };
    by_policy.take(Input::Policy(Observation { source: (), seen: deleted }));
    assert_eq!(removed(&settle(&mut by_policy, at(1))).len(), 2);
}

#[test]
fn a_report_that_somebody_edited_is_written_again() {
    let mut pipeline = pipeline(None);
    let first = settle(&mut pipeline, at(0));
    let mut edited = report_of(&first, "deployment-api").unwrap().clone();
    edited.score = 100;
    edited.metadata.resource_version = "9".to_owned();
    let stored = Stored::from(&edited);
    let seen = ReportObject { namespace: "shop".into(), name: "deployment-api".into(), stored };
    pipeline.take(Input::Report(Observation { source: (), seen: Seen::Applied(seen) }));
    let repaired = settle(&mut pipeline, at(1));
    assert_eq!(report_of(&repaired, "deployment-api").unwrap().score, 0);
}

#[test]
fn the_late_echo_of_an_older_write_changes_nothing() {
    let mut pipeline = pipeline(None);
    let first = settle(&mut pipeline, at(0));
    let echo = |version: &str, score: i32| {
        let mut report = report_of(&first, "deployment-api").unwrap().clone();
        report.metadata.resource_version = version.to_owned();
        report.score = score;
        let stored = Stored::from(&report);
        let seen = ReportObject { namespace: "shop".into(), name: "deployment-api".into(), stored };
        Input::Report(Observation { source: (), seen: Seen::Applied(seen) })
    };
    pipeline.take(echo("10", 0));
    pipeline.take(echo("9", 55));
    assert!(report_of(&settle(&mut pipeline, at(1)), "deployment-api").is_none());
}

#[test]
fn a_failed_write_is_tried_again_later_and_later() {
    let mut pipeline = pipeline(None);
    let mut now = at(0);
    let mut waits = Vec::new();
    for _ in 0..4 {
        let failed = loop {
            match pipeline.step(now) {
                Step::Change(Change::Report { key, report, .. }) if report.scope.kind == "Deployment" => {
                    break key;
                }
                Step::Change(Change::Report { key, report, .. }) => {
                    pipeline.written(Written::Report(key, Stored::from(&*report)), now);
                }
                Step::Change(Change::Status { policy, status }) => {
                    pipeline.written(Written::Status(policy, status), now);
                }
                Step::Idle(Some(due)) => now = due,
                Step::Again => {}
                other => panic!("{other:?}"),
            }
        };
        waits.push(now);
        pipeline.written(Written::ReportFailed(failed), now);
    }
    let gaps: Vec<_> = waits.windows(2).map(|w| w[0].duration_until(w[1]).as_millis()).collect();
    assert!(gaps.windows(2).all(|g| g[1] >= 2 * g[0]), "{gaps:?}");
}

#[test]
fn who_does_not_lead_writes_nothing() {
    let mut pipeline = pipeline(None);
    pipeline.lead(false);
    pipeline.take(object(Kind::Deployment, &deployment(2)));
    assert!(settle(&mut pipeline, at(0)).is_empty());
    pipeline.lead(true);
    assert!(!settle(&mut pipeline, at(0)).is_empty());
}

#[test]
fn a_policy_that_makes_no_sense_says_so_and_rules_nothing() {
    let mut pipeline = pipeline(None);
    settle(&mut pipeline, at(0));
    let wrong =
        POLICY.replace("too-few-replicas", "too-few-replica").replace("\"generation\":1", "\"generation\":2");
    pipeline.take(policy(&wrong));
    let changes = settle(&mut pipeline, at(10));
    let status = changes.iter().find_map(|change| match change {
        Change::Status { status, .. } => Some(status),
        _ => None,
    });
    let accepted = status.unwrap().conditions.iter().find(|c| c.type_ == "Accepted").unwrap();
    assert_eq!(accepted.status, Truth::False);
    assert!(accepted.message.contains("did you mean 'too-few-replicas'?"), "{}", accepted.message);
    assert_eq!(changes.iter().filter(|c| matches!(c, Change::Remove { .. })).count(), 2);
}

/// Steps until a Deployment's report is to be written; other writes succeed.
fn next_report(pipeline: &mut Pipeline, now: Timestamp) -> (SubjectKey, Box<ComplianceReport>) {
    loop {
        match pipeline.step(now) {
            Step::Change(Change::Report { key, report, .. }) if report.scope.kind == "Deployment" => {
                return (key, report);
            }
            Step::Change(Change::Report { key, report, .. }) => {
                pipeline.written(Written::Report(key, Stored::from(&*report)), now);
            }
            Step::Change(Change::Status { policy, status }) => {
                pipeline.written(Written::Status(policy, status), now);
            }
            Step::Again => {}
            other => panic!("{other:?}"),
        }
    }
}

fn stored(report: &ComplianceReport, version: &str) -> Stored {
    let mut report = report.clone();
    report.metadata.resource_version = version.to_owned();
    Stored::from(&report)
}

fn seen_report(stored: Stored) -> Input {
    let seen = ReportObject { namespace: "shop".into(), name: "deployment-api".into(), stored };
    Input::Report(Observation { source: (), seen: Seen::Applied(seen) })
}

fn report_deleted() -> Input {
    let seen = Seen::Deleted { namespace: "shop".into(), name: "deployment-api".into() };
    Input::Report(Observation { source: (), seen })
}

#[test]
fn an_edit_that_is_seen_before_the_answer_to_a_write_is_repaired() {
    let mut pipeline = pipeline(None);
    let (key, report) = next_report(&mut pipeline, at(0));
    let mut edited = report.clone();
    edited.score = 100;
    pipeline.take(seen_report(stored(&report, "10")));
    pipeline.take(seen_report(stored(&edited, "11")));
    pipeline.written(Written::Report(key, stored(&report, "10")), at(0));
    assert!(report_of(&settle(&mut pipeline, at(1)), "deployment-api").is_some());
}

#[test]
fn a_report_that_is_deleted_before_the_answer_to_its_write_comes_back() {
    let mut pipeline = pipeline(None);
    let (key, report) = next_report(&mut pipeline, at(0));
    pipeline.take(seen_report(stored(&report, "10")));
    pipeline.take(report_deleted());
    pipeline.written(Written::Report(key, stored(&report, "10")), at(0));
    assert!(report_of(&settle(&mut pipeline, at(1)), "deployment-api").is_some());
    pipeline.full_pass();
    assert!(settle(&mut pipeline, at(2)).is_empty());
}

#[test]
fn workloads_of_a_kind_that_may_not_be_listed_any_more_keep_their_reports_as_they_are() {
    let mut pipeline = pipeline(None);
    settle(&mut pipeline, at(0));
    pipeline.take(about(Kind::Deployment, Seen::Denied("forbidden".into())));
    let of_deployment = |changes: &[Change]| {
        let of = |change: &&Change| match change {
            Change::Report { report, .. } => report.scope.kind == "Deployment",
            Change::Remove { name, .. } => *name == "deployment-api",
            Change::Status { .. } => false,
        };
        changes.iter().filter(of).count()
    };
    assert_eq!(of_deployment(&settle(&mut pipeline, at(1))), 0);
    // Kubernetes deletes it with its owner: whether that is so, nobody can tell from here.
    pipeline.take(report_deleted());
    assert_eq!(of_deployment(&settle(&mut pipeline, at(2))), 0);
    // The kind is listed again, and the Deployment is there.
    pipeline.take(about(Kind::Deployment, Seen::Begin));
    pipeline.take(object(Kind::Deployment, &deployment(1)));
    pipeline.take(about(Kind::Deployment, Seen::Finish));
    assert_eq!(of_deployment(&settle(&mut pipeline, at(3))), 1);
}

#[test]
fn a_kind_that_is_denied_at_the_start_costs_no_reports() {
    let mut first = pipeline(None);
    let report = report_of(&settle(&mut first, at(0)), "deployment-api").unwrap().clone();

    let mut pipeline = Pipeline::new();
    pipeline.lead(true);
    pipeline.take(object(Kind::Namespace, NAMESPACE));
    pipeline.take(policy(POLICY));
    pipeline.take(seen_report(stored(&report, "7")));
    for watched in WATCHED {
        let seen =
            if watched.kind == Kind::Deployment { Seen::Denied("forbidden".into()) } else { Seen::Finish };
        pipeline.take(about(watched.kind, seen));
    }
    pipeline.take(Input::Policy(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(Input::Report(Observation { source: (), seen: Seen::Finish }));
    let removes = |changes: &[Change]| changes.iter().any(|c| matches!(c, Change::Remove { .. }));
    assert!(!removes(&settle(&mut pipeline, at(1))));
    // Listed at last, without it: now it is known to be gone.
    pipeline.take(about(Kind::Deployment, Seen::Begin));
    pipeline.take(about(Kind::Deployment, Seen::Finish));
    assert!(removes(&settle(&mut pipeline, at(2))));
}

#[test]
fn who_leads_again_counts_only_what_is_there() {
    let mut pipeline = pipeline(None);
    settle(&mut pipeline, at(0));
    pipeline.take(about(Kind::Deployment, Seen::Deleted { namespace: "shop".into(), name: "api".into() }));
    pipeline.take(report_deleted());
    // The Lease is lost before anything was looked at.
    pipeline.lead(false);
    pipeline.lead(true);
    let changes = settle(&mut pipeline, at(10));
    let status = changes.iter().find_map(|change| match change {
        Change::Status { status, .. } => Some(status),
        _ => None,
    });
    assert_eq!(status.unwrap().workloads, 0);
}

#[test]
fn who_does_not_lead_keeps_no_queue() {
    let mut pipeline = pipeline(None);
    pipeline.lead(false);
    pipeline.take(object(Kind::Deployment, &deployment(2)));
    assert_eq!(pipeline.depth(Lane::Urgent) + pipeline.depth(Lane::Background), 0);
}

#[test]
fn the_status_of_a_policy_that_cannot_be_read_is_written_once() {
    let mut pipeline = pipeline(None);
    settle(&mut pipeline, at(0));
    let unreadable = POLICY.replace("\"checks\":", "\"fromTheFuture\":1,\"checks\":");
    let unreadable = unreadable.replace("\"generation\":1", "\"generation\":5");
    pipeline.take(policy(&unreadable));
    let statuses = |changes: Vec<Change>| -> Vec<_> {
        let of = |change: Change| match change {
            Change::Status { status, .. } => Some(*status),
            _ => None,
        };
        changes.into_iter().filter_map(of).collect()
    };
    let first = statuses(settle(&mut pipeline, at(10)));
    assert_eq!((first.len(), first[0].observed_generation), (1, 5));
    // The echo of that very write.
    let mut echo: serde_json::Value = serde_json::from_str(&unreadable).unwrap();
    echo["status"] = serde_json::to_value(&first[0]).unwrap();
    pipeline.take(policy(&echo.to_string()));
    assert_eq!(statuses(settle(&mut pipeline, at(20))), []);
    // And after a start anew, the times of its conditions stay.
    let mut pipeline = self::pipeline(None);
    pipeline.take(policy(&echo.to_string()));
    assert_eq!(statuses(settle(&mut pipeline, at(30))), []);
}

#[test]
fn one_status_of_a_policy_is_written_at_a_time() {
    let mut pipeline = pipeline(None);
    let next_status = |pipeline: &mut Pipeline| loop {
        match pipeline.step(at(0)) {
            Step::Change(Change::Status { policy, status }) => return Some((policy, status)),
            Step::Change(Change::Report { key, report, .. }) => {
                pipeline.written(Written::Report(key, Stored::from(&*report)), at(0));
            }
            Step::Idle(_) => return None,
            _ => {}
        }
    };
    let (name, first) = next_status(&mut pipeline).unwrap();
    pipeline.take(policy(&POLICY.replace("\"generation\":1", "\"generation\":2")));
    assert!(next_status(&mut pipeline).is_none());
    pipeline.written(Written::Status(name, first), at(0));
    let second = settle(&mut pipeline, at(10));
    assert!(
        second.iter().any(|c| matches!(c, Change::Status { status, .. } if status.observed_generation == 2))
    );
}
