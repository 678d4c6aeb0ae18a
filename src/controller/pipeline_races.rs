//! What crosses in the pipeline: answers and echoes, denials, leadership that comes and goes. Driven by hand, as in
//! `pipeline_tests`.

use super::change::{Change, Written};
use super::input::{Input, Stored};
use super::pipeline::{Pipeline, Step};
use super::pipeline_tests::{
    NAMESPACE, POLICY, about, at, deployment, object, pipeline, policy, report_of, settle, shown, version,
};
use super::queue::Lane;
use crate::cluster::{Observation, Seen, WATCHED};
use crate::model::Kind;

fn report_deleted() -> Input {
    let seen = Seen::Deleted { namespace: "shop".into(), name: "deployment-api".into() };
    Input::Report(Observation { source: (), seen })
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
            Change::Status { .. }
            | Change::ExemptionStatus { .. }
            | Change::AttestationStatus { .. }
            | Change::Remedy(_)
            | Change::Announce(_) => false,
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
    pipeline.take(shown(version(&report, "7")));
    for watched in WATCHED {
        let seen =
            if watched.kind == Kind::Deployment { Seen::Denied("forbidden".into()) } else { Seen::Finish };
        pipeline.take(about(watched.kind, seen));
    }
    pipeline.take(Input::Policy(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(Input::Exemption(Observation { source: (), seen: Seen::Finish }));
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
    let of_second =
        |c: &Change| matches!(c, Change::Status { status, .. } if status.observed_generation == 2);
    assert!(second.iter().any(of_second));
}

#[test]
fn a_kind_that_is_refused_later_is_told_in_the_status() {
    let mut pipeline = pipeline(None);
    settle(&mut pipeline, at(0));
    settle(&mut pipeline, at(5));
    // No check of the policy looks at these, so that no verdict changes.
    pipeline.take(about(Kind::Ingress, Seen::Denied("ingresses may not be listed".into())));
    let changes = settle(&mut pipeline, at(60));
    let told = changes.iter().any(|change| {
        matches!(change, Change::Status { status, .. }
            if status.conditions.iter().any(|c| c.message.contains("ingresses may not be listed")))
    });
    assert!(told, "{changes:?}");
}
