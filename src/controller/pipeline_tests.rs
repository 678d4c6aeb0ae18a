//! The pipeline, driven by hand: what was seen goes in, what would be written comes out. No cluster is needed,
//! because the pipeline has none.

use jiff::Timestamp;

use super::act::{Act, Answer, Deed, End};
use super::change::{Change, Written};
use super::input::{Input, KindObject, Ours, ReportObject, Stored, Watching};
use super::pipeline::{Pipeline, Step};
use crate::api::{ComplianceReport, Truth};
use crate::cluster::{Observation, Seen, WATCHED};
use crate::decode::decode;
use crate::model::{Keep, Kind, SubjectKey, Text};
use crate::remedy::Cause;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub(super) fn object(kind: Kind, json: &str) -> Input {
    let decoded = decode(kind, json, "").unwrap();
    about(kind, Seen::Applied(KindObject { decoded, whole: None, status: None }))
}

pub(super) fn about(kind: Kind, seen: Seen<KindObject>) -> Input {
    Observation { source: Watching { kind, keep: Keep::Nothing }, seen }.into()
}

pub(super) fn policy(json: &str) -> Input {
    let seen = Seen::Applied(Ours::parse(Text::default(), "p".into(), json));
    Input::Policy(Observation { source: (), seen })
}

pub(super) const POLICY: &str = r#"{"metadata":{"name":"p","generation":1},"spec":{"profile":{"level":"None"},
    "match":{"namespaceSelector":{"matchLabels":{"env":"prod"}}},"checks":[{"name":"too-few-replicas"}]}}"#;
pub(super) const NAMESPACE: &str = r#"{"metadata":{"name":"shop","uid":"n","labels":{"env":"prod"}}}"#;

pub(super) fn deployment(replicas: i64) -> String {
    format!(
        r#"{{"metadata":{{"name":"api","namespace":"shop","uid":"u","generation":1}},"spec":{{"replicas":{replicas}}}}}"#
    )
}

/// A pipeline that leads, with one namespace, one Deployment and one policy, all but `withheld` listed.
pub(super) fn pipeline(withheld: Option<Kind>) -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.lead(true);
    pipeline.take(object(Kind::Namespace, NAMESPACE));
    pipeline.take(object(Kind::Deployment, &deployment(1)));
    pipeline.take(policy(POLICY));
    for watched in WATCHED.iter().filter(|w| Some(w.kind) != withheld) {
        pipeline.take(about(watched.kind, Seen::Finish));
    }
    pipeline.take(Input::Policy(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(Input::Exemption(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(Input::Report(Observation { source: (), seen: Seen::Finish }));
    pipeline
}

/// Takes every step there is, and lets every write succeed. What was written, in order.
pub(super) fn settle(pipeline: &mut Pipeline, now: Timestamp) -> Vec<Change> {
    let mut changes = Vec::new();
    loop {
        match pipeline.step(now) {
            Step::Again => {}
            Step::Idle(_) => return changes,
            Step::Change(change) => {
                changes.push(change.clone());
                pipeline.written(succeeded(change), now);
            }
        }
    }
}

/// What becomes of a change that succeeds.
pub(super) fn succeeded(change: Change) -> Written {
    match change {
        Change::Report { key, report, .. } => Written::Report(key, Stored::from(&*report)),
        Change::Remove { key, .. } => Written::Removed(key),
        Change::Status { policy, status } => Written::Status(policy, status),
        Change::ExemptionStatus { place, status } => Written::ExemptionStatus(place, status),
        Change::AttestationStatus { place, status } => Written::AttestationStatus(place, status),
        Change::Remedy(act) => Written::Remedy(done(&act)),
        Change::Announce(_) => Written::Announced,
    }
}

/// How an act ends that succeeds.
pub(super) fn done(act: &Act) -> Answer {
    let (paced, end) = match &act.deed {
        Deed::Create(_) | Deed::Update(..) => (true, End::Stands),
        Deed::Withdraw(standing, cause) => (*cause != Cause::Harm, End::Gone(standing.uid.clone(), *cause)),
    };
    Answer { place: act.place.clone(), paced, version: 1, end }
}

pub(super) fn report_of<'a>(changes: &'a [Change], name: &str) -> Option<&'a ComplianceReport> {
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

/// The watch may show what somebody did to a report before the answer to our own write of it is taken in.
fn repaired_after(meanwhile: impl Fn(&ComplianceReport) -> Seen<ReportObject>) -> bool {
    let mut pipeline = pipeline(None);
    let (key, mut report) = loop {
        match pipeline.step(at(0)) {
            Step::Change(Change::Report { key, report, .. }) if report.scope.kind == "Deployment" => {
                break (key, *report);
            }
            Step::Idle(_) => panic!("no report is written"),
            _ => {}
        }
    };
    let seen = |seen| Input::Report(Observation { source: (), seen });
    report.metadata.resource_version = "10".to_owned();
    let echo =
        ReportObject { namespace: "shop".into(), name: "deployment-api".into(), stored: (&report).into() };
    pipeline.take(seen(Seen::Applied(echo)));
    pipeline.take(seen(meanwhile(&report)));
    pipeline.written(Written::Report(key, Stored::from(&report)), at(0));
    report_of(&settle(&mut pipeline, at(1)), "deployment-api").is_some()
}

#[test]
fn an_edit_that_is_seen_before_our_write_is_answered_is_not_lost() {
    let edit = |report: &ComplianceReport| {
        let mut edited = report.clone();
        edited.score = 100;
        edited.metadata.resource_version = "11".to_owned();
        let stored = Stored::from(&edited);
        Seen::Applied(ReportObject { namespace: "shop".into(), name: "deployment-api".into(), stored })
    };
    assert!(repaired_after(edit));
}

#[test]
fn a_deletion_that_is_seen_before_our_write_is_answered_is_not_lost() {
    let delete =
        |_: &ComplianceReport| Seen::Deleted { namespace: "shop".into(), name: "deployment-api".into() };
    assert!(repaired_after(delete));
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

/// Takes steps up to the report of the Deployment, which is under way from then on.
fn send(pipeline: &mut Pipeline, now: Timestamp) -> Option<(SubjectKey, ComplianceReport)> {
    loop {
        match pipeline.step(now) {
            Step::Change(Change::Report { key: key @ SubjectKey::Workload(_), report, .. }) => {
                return Some((key, *report));
            }
            Step::Change(Change::Report { key, report, .. }) => {
                pipeline.written(Written::Report(key, Stored::from(&*report)), now);
            }
            Step::Change(Change::Status { policy, status }) => {
                pipeline.written(Written::Status(policy, status), now);
            }
            Step::Again => {}
            Step::Change(_) | Step::Idle(_) => return None,
        }
    }
}

pub(super) fn version(report: &ComplianceReport, version: &str) -> Stored {
    let mut report = report.clone();
    report.metadata.resource_version = version.to_owned();
    Stored::from(&report)
}

pub(super) fn shown(stored: Stored) -> Input {
    let seen = ReportObject { namespace: "shop".into(), name: "deployment-api".into(), stored };
    Input::Report(Observation { source: (), seen: Seen::Applied(seen) })
}

#[test]
fn an_edit_that_is_seen_before_the_answer_to_our_write_is_put_right() {
    let mut pipeline = pipeline(None);
    let (key, report) = send(&mut pipeline, at(0)).unwrap();
    let lie = ComplianceReport { score: 1, ..report.clone() };
    pipeline.take(shown(version(&report, "10")));
    pipeline.take(shown(version(&lie, "11")));
    pipeline.written(Written::Report(key, version(&report, "10")), at(0));
    let again = settle(&mut pipeline, at(5));
    assert_eq!(report_of(&again, "deployment-api").expect("it is written again").score, report.score);
}

#[test]
fn a_deletion_that_is_seen_before_the_answer_to_our_write_is_put_right() {
    let mut pipeline = pipeline(None);
    let (key, report) = send(&mut pipeline, at(0)).unwrap();
    pipeline.take(shown(version(&report, "10")));
    let gone = Seen::Deleted { namespace: "shop".into(), name: "deployment-api".into() };
    pipeline.take(Input::Report(Observation { source: (), seen: gone }));
    pipeline.written(Written::Report(key, version(&report, "10")), at(0));
    assert!(report_of(&settle(&mut pipeline, at(5)), "deployment-api").is_some(), "it is written again");
}
