//! Remediation in the pipeline, driven by hand: pace, reverts, what crosses with our own writes, and the breaker.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::act::{Act, Answer, Deed, End};
use super::change::{Change, Written};
use super::input::Input;
use super::pipeline::{Pipeline, Step};
use super::pipeline_tests::{about, at, done, object, policy, succeeded};
use super::remediation::{Remediation, RemediationSettings};
use crate::api::{PolicyStatus, RemediationState, ResultRemediation};
use crate::cluster::{Observation, Seen, WATCHED};
use crate::model::Kind;
use crate::remedy::{Cause, Place, Trip};

const CHECK: &str = "missing-pod-disruption-budget";

fn policy_json(generation: i64, remediation: &Value) -> String {
    json!({"metadata": {"name": "p", "generation": generation}, "spec": {"profile": {"level": "None"},
        "match": {"namespaceSelector": {}}, "checks": [{"name": CHECK}],
        "remediation": {"podDisruptionBudgets": remediation}}})
    .to_string()
}

fn deployment(name: &str) -> String {
    json!({"metadata": {"name": name, "namespace": "shop", "uid": format!("uid-{name}"), "generation": 1},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": name}},
                 "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "a"}]}}},
        "status": {"availableReplicas": 3}})
    .to_string()
}

/// What the API server makes of a document that we wrote.
pub(super) fn stored(document: &Value, uid: &str, version: &str) -> String {
    let mut object = document.clone();
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.insert("uid".to_owned(), uid.into());
    metadata.insert("generation".to_owned(), 1.into());
    metadata.insert("resourceVersion".to_owned(), version.into());
    metadata.insert(
        "managedFields".to_owned(),
        json!([{"manager": "seaworthy-remediation", "operation": "Update",
        "time": at(-3600).to_string(), "fieldsV1": {"f:metadata": {}, "f:spec": {}}}]),
    );
    object["status"] = json!({"observedGeneration": 1});
    object.to_string()
}

fn foreign(name: &str, app: &str) -> String {
    json!({"metadata": {"name": name, "namespace": "shop", "uid": format!("uid-{name}")},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": app}}}})
    .to_string()
}

fn world(deployments: usize, per_minute: usize) -> Pipeline {
    let settings = RemediationSettings {
        pod_disruption_budgets: true,
        network_policies: true,
        writes_per_minute: per_minute,
    };
    let mut pipeline = Pipeline::new().remedying(Remediation::new("seaworthy-system", settings));
    pipeline.lead(true);
    pipeline.take(object(Kind::Namespace, r#"{"metadata":{"name":"shop","uid":"n"}}"#));
    for number in 0..deployments {
        pipeline.take(object(Kind::Deployment, &deployment(&format!("d{number}"))));
    }
    pipeline.take(policy(&policy_json(1, &json!({"mode": "Enabled"}))));
    for watched in WATCHED {
        pipeline.take(about(watched.kind, Seen::Finish));
    }
    pipeline.take(Input::Policy(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(Input::Exemption(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(Input::Report(Observation { source: (), seen: Seen::Finish }));
    pipeline
}

/// What was written until there is nothing more to do at this moment. `answer`: what becomes of each act, and what the
/// watch shows of it.
pub(super) fn run(
    pipeline: &mut Pipeline,
    now: Timestamp,
    mut answer: impl FnMut(&Act) -> (End, Option<Input>),
) -> (Vec<Change>, Option<Timestamp>) {
    let mut changes = Vec::new();
    loop {
        let change = match pipeline.step(now) {
            Step::Again => continue,
            Step::Idle(due) => return (changes, due),
            Step::Change(change) => change,
        };
        changes.push(change.clone());
        let written = match change {
            Change::Remedy(act) => {
                let (end, shown) = answer(&act);
                shown.into_iter().for_each(|input| pipeline.take(input));
                Written::Remedy(Answer { end, ..done(&act) })
            }
            other => succeeded(other),
        };
        pipeline.written(written, now);
    }
}

/// The same, from one second to another.
fn through(pipeline: &mut Pipeline, from: i64, until: i64) -> Vec<Change> {
    let (mut now, mut all) = (at(from), Vec::new());
    loop {
        let (changes, due) = run(pipeline, now, works);
        all.extend(changes);
        match due.filter(|due| *due <= at(until)) {
            Some(due) => now = due.max(now),
            None => return all,
        }
    }
}

/// Everything succeeds, and the watch shows it at once.
pub(super) fn works(act: &Act) -> (End, Option<Input>) {
    let shown = match &act.deed {
        Deed::Create(desired) => {
            let uid = format!("uid-of-{}", desired.place.name);
            object(act.place.kind, &stored(&desired.document(), &uid, "10"))
        }
        Deed::Update(desired, standing) => {
            object(act.place.kind, &stored(&desired.document(), &standing.uid, "20"))
        }
        Deed::Withdraw(standing, _) => {
            let Place { kind, namespace, name } = standing.place.clone();
            about(kind, Seen::Deleted { namespace, name })
        }
    };
    (done(act).end, Some(shown))
}

fn gone(name: &str) -> Input {
    about(Kind::PodDisruptionBudget, Seen::Deleted { namespace: "shop".into(), name: name.into() })
}

pub(super) fn acts(changes: &[Change]) -> Vec<&Act> {
    let each = changes.iter();
    each.filter_map(|change| if let Change::Remedy(act) = change { Some(act.as_ref()) } else { None })
        .collect()
}

fn creates(changes: &[Change]) -> usize {
    acts(changes).iter().filter(|act| matches!(act.deed, Deed::Create(_))).count()
}

fn note(changes: &[Change]) -> Option<ResultRemediation> {
    let mut reports = changes.iter().filter_map(|change| match change {
        Change::Report { report, .. } => report.results.iter().find(|result| result.check == CHECK),
        _ => None,
    });
    reports.next_back().and_then(|result| result.remediation.clone())
}

pub(super) fn status(changes: &[Change]) -> Option<&PolicyStatus> {
    let mut each = changes.iter().rev();
    each.find_map(
        |change| if let Change::Status { status, .. } = change { Some(status.as_ref()) } else { None },
    )
}

fn reason(changes: &[Change]) -> &str {
    let conditions = status(changes).map(|status| &status.conditions).unwrap();
    &conditions.iter().find(|condition| condition.type_ == "Remediated").unwrap().reason
}

#[test]
fn of_five_thousand_at_once_never_more_than_the_pace_allows() {
    let mut pipeline = world(5000, 5);
    // A check whose findings do not look around, so that thousands of looks cost little.
    let quiet = policy_json(2, &json!({"mode": "Enabled"})).replace(CHECK, "too-few-replicas");
    pipeline.take(policy(&quiet));
    let (mut now, mut made) = (at(0), Vec::new());
    while made.len() < 300 {
        let (changes, due) = run(&mut pipeline, now, works);
        made.extend(std::iter::repeat_n(now, creates(&changes)));
        now = due.expect("there is more to do");
    }
    for window in made.windows(6) {
        assert!(window[5].duration_since(window[0]) >= SignedDuration::from_secs(60), "{window:?}");
    }
    let took = now.duration_since(at(0)).as_secs();
    assert!((3_500..3_600).contains(&took), "300 took {took} s");
}

#[test]
fn what_is_made_is_said_in_the_report_and_counted_in_the_status() {
    let mut pipeline = world(2, 60);
    let changes = through(&mut pipeline, 0, 10);
    assert_eq!(creates(&changes), 2);
    let said = note(&changes).unwrap();
    assert_eq!((said.state, said.policy.as_str()), (RemediationState::Made, "p"));
    assert_eq!(said.object.as_deref(), Some("PodDisruptionBudget/seaworthy-deployment-d1"));
    assert_eq!(
        (
            status(&changes).unwrap().remediation.as_ref().unwrap().pod_disruption_budgets.made,
            reason(&changes)
        ),
        (2, "Remediated")
    );
    let changes = through(&mut pipeline, 11, 1000);
    assert!(changes.is_empty(), "{changes:?}");
}

#[test]
fn three_reverts_and_then_silence_until_the_policy_is_changed() {
    let mut pipeline = world(1, 60);
    for second in 0..3 {
        let (changes, _) = run(&mut pipeline, at(second), works);
        assert_eq!(creates(&changes), 1, "try {second}");
        pipeline.take(gone("seaworthy-deployment-d0"));
    }
    let (changes, _) = run(&mut pipeline, at(5), works);
    assert_eq!((creates(&changes), note(&changes).unwrap().state), (0, RemediationState::Contested));
    let events = changes.iter().filter(
        |change| matches!(change, Change::Announce(said) if said.draft.reason == "RemediationContested"),
    );
    assert_eq!(events.count(), 1);
    let (later, _) = run(&mut pipeline, at(10), works);
    let mut all = changes;
    all.extend(later);
    assert_eq!(reason(&all), "Contested");
    // An hour of silence, and also for who leads next: the report remembers.
    pipeline.full_pass();
    assert_eq!(creates(&run(&mut pipeline, at(3600), works).0), 0);
    pipeline.lead(false);
    pipeline.lead(true);
    assert_eq!(creates(&run(&mut pipeline, at(3700), works).0), 0);
    pipeline.take(policy(&policy_json(2, &json!({"mode": "Enabled"}))));
    assert_eq!(creates(&run(&mut pipeline, at(3800), works).0), 1);
}

#[test]
fn what_is_written_and_not_shown_yet_is_not_written_again() {
    let mut pipeline = world(1, 60);
    let silent = |act: &Act| (done(act).end, None);
    assert_eq!(creates(&run(&mut pipeline, at(0), silent).0), 1);
    pipeline.full_pass();
    assert_eq!(creates(&run(&mut pipeline, at(5), silent).0), 0);
    // It was deleted before the watch could show it.
    let (_, due) = run(&mut pipeline, at(6), silent);
    assert_eq!(due, Some(at(10)));
    assert_eq!(creates(&run(&mut pipeline, at(10), silent).0), 1);
}

#[test]
fn ours_makes_room_at_once_beyond_the_pace_and_comes_back_late() {
    let mut pipeline = world(1, 1);
    assert_eq!(creates(&run(&mut pipeline, at(0), works).0), 1);
    pipeline.take(object(Kind::PodDisruptionBudget, &foreign("theirs", "d0")));
    let (changes, _) = run(&mut pipeline, at(1), works);
    assert!(matches!(&acts(&changes)[..], [Act { deed: Deed::Withdraw(_, Cause::Harm), .. }]), "{changes:?}");
    pipeline.take(gone("theirs"));
    let changes = through(&mut pipeline, 100, 399);
    assert_eq!(creates(&changes), 0);
    assert!(note(&changes).unwrap().reason.contains("five minutes"), "{:?}", note(&changes));
    assert_eq!(creates(&run(&mut pipeline, at(400), works).0), 1);
}

#[test]
fn a_budget_that_comes_while_ours_is_on_its_way_wins() {
    let mut pipeline = world(1, 60);
    let meanwhile = |act: &Act| match &act.deed {
        Deed::Create(_) => (done(act).end, Some(object(Kind::PodDisruptionBudget, &foreign("theirs", "d0")))),
        _ => works(act),
    };
    assert_eq!(creates(&run(&mut pipeline, at(0), meanwhile).0), 1);
    let selector = json!({"matchLabels": {"app": "d0"}});
    let document = json!({"metadata": {"name": "seaworthy-deployment-d0", "namespace": "shop",
        "labels": {"seaworthy.dev/component": "remediation"},
        "annotations": {"seaworthy.dev/made-for": "Deployment/d0", "seaworthy.dev/made-for-uid": "uid-d0"}},
        "spec": {"maxUnavailable": 1, "selector": selector}});
    pipeline.take(object(Kind::PodDisruptionBudget, &stored(&document, "u", "11")));
    let (changes, _) = run(&mut pipeline, at(0), meanwhile);
    assert!(matches!(&acts(&changes)[..], [Act { deed: Deed::Withdraw(_, Cause::Harm), .. }]), "{changes:?}");
}

#[test]
fn refusals_of_a_webhook_stop_everything_for_a_while() {
    let mut pipeline = world(20, 60);
    let refuse = |_: &Act| (End::Refused(Trip::Rejected("no".to_owned())), None);
    let (mut changes, _) = run(&mut pipeline, at(0), refuse);
    assert_eq!(acts(&changes).len(), 3);
    changes.extend(through(&mut pipeline, 1, 59));
    assert_eq!((acts(&changes).len(), reason(&changes)), (3, "Suspended"));
    assert_eq!(creates(&through(&mut pipeline, 60, 90)), 20);
    // Harm is taken away also while nothing is made.
    let mut pipeline = world(5, 60);
    run(&mut pipeline, at(0), works);
    let (mut went_back, trip) = (world(5, 60), Trip::WentBack { from: 9, to: 3 });
    run(&mut went_back, at(0), |_| (End::Refused(trip.clone()), None));
    assert_eq!(creates(&run(&mut went_back, at(100_000), works).0), 0, "not as long as this process lives");
    pipeline.take(object(Kind::PodDisruptionBudget, &foreign("theirs", "d0")));
    assert_eq!(acts(&run(&mut pipeline, at(1), works).0).len(), 1);
}

#[test]
fn a_third_that_vanishes_stops_everything_for_a_while() {
    let mut pipeline = world(30, 60);
    assert_eq!(creates(&run(&mut pipeline, at(0), works).0), 30);
    for number in 0..10 {
        let name = format!("d{number}");
        pipeline.take(about(
            Kind::Deployment,
            Seen::Deleted { namespace: "shop".into(), name: name.as_str().into() },
        ));
        pipeline.take(gone(&format!("seaworthy-deployment-{name}")));
    }
    pipeline.take(object(Kind::Deployment, &deployment("new")));
    assert_eq!(creates(&through(&mut pipeline, 70, 129)), 0);
    assert_eq!(creates(&through(&mut pipeline, 130, 140)), 1);
}

#[test]
fn a_changed_policy_changes_what_stands_once() {
    let mut pipeline = world(1, 60);
    run(&mut pipeline, at(0), works);
    pipeline.take(policy(&policy_json(
        2,
        &json!({"mode": "Enabled", "maxUnavailable": 2, "deletionPolicy": "Delete"}),
    )));
    let late = |act: &Act| (done(act).end, None);
    let (changes, _) = run(&mut pipeline, at(1), late);
    let [Act { deed: Deed::Update(desired, standing), .. }] = acts(&changes)[..] else {
        panic!("{changes:?}")
    };
    assert_eq!((desired.spec["maxUnavailable"].clone(), standing.version.as_str()), (json!(2), "10"));
    let document = stored(&desired.document(), &standing.uid, "20");
    pipeline.full_pass();
    assert!(acts(&run(&mut pipeline, at(2), late).0).is_empty(), "not again before the watch shows it");
    pipeline.take(object(Kind::PodDisruptionBudget, &document));
    assert!(acts(&run(&mut pipeline, at(3), late).0).is_empty());
    // And what was asked to go goes.
    pipeline.take(policy(&policy_json(3, &json!({"mode": "Disabled"}))));
    let (changes, _) = run(&mut pipeline, at(4), works);
    assert!(
        matches!(&acts(&changes)[..], [Act { deed: Deed::Withdraw(_, Cause::Unasked), .. }]),
        "{changes:?}"
    );
}

#[test]
fn who_does_not_lead_makes_nothing_and_forgets() {
    let mut pipeline = world(3, 60);
    pipeline.lead(false);
    assert!(run(&mut pipeline, at(0), works).0.is_empty());
    pipeline.lead(true);
    assert_eq!(creates(&run(&mut pipeline, at(1), works).0), 3);
}

#[test]
fn a_team_whose_exemption_holds_gets_nothing() {
    let mut pipeline = world(1, 60);
    let mut exempt: Value = serde_json::from_str(&deployment("d0")).unwrap();
    exempt["metadata"]["annotations"] =
        json!({format!("exempt.seaworthy.dev/{CHECK}"): "drains are announced"});
    pipeline.take(object(Kind::Deployment, &exempt.to_string()));
    let (changes, _) = run(&mut pipeline, at(0), works);
    let said = note(&changes).unwrap();
    assert_eq!((creates(&changes), said.state), (0, RemediationState::Refused), "{said:?}");
    assert!(said.reason.contains("drains are announced"), "{said:?}");
}
