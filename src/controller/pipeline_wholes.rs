//! Custom checks in a running controller: who waits for what, and what is given up.

use super::change::Change;
use super::input::{Input, KindObject, Ours, Watching};
use super::pipeline::{Pipeline, Step};
use super::pipeline_tests::{at, deployment, pipeline, settle};
use crate::api::{ComplianceReport, ResultWord};
use crate::cluster::{Observation, Seen};
use crate::decode::{decode, whole};
use crate::model::{Keep, Kind, Text};

const CUSTOM: &str = r#"{"metadata":{"name":"custom","generation":1},"spec":{"profile":{"level":"None"},
    "match":{"namespaceSelector":{}},"customChecks":[{"name":"replicas-even","severity":"High","title":"be even",
    "appliesTo":{"kinds":["Deployment"]},"expression":"object.spec.replicas % 2 == 0"}]}}"#;

fn policy(name: &str, json: &str) -> Input {
    let seen = Seen::Applied(Ours::parse(Text::default(), name.into(), json));
    Input::Policy(Observation { source: (), seen })
}

fn seen(keep: Keep, seen: Seen<KindObject>) -> Input {
    Observation { source: Watching { kind: Kind::Deployment, keep }, seen }.into()
}

/// A Deployment, as a watch that keeps so much of it sees it.
fn applied(replicas: i64, keep: Keep) -> Input {
    let json = deployment(replicas);
    let object = KindObject {
        decoded: decode(Kind::Deployment, &json, "").unwrap(),
        whole: whole(Kind::Deployment, &json, "", keep),
        status: None,
    };
    seen(keep, Seen::Applied(object))
}

/// The watch of Deployments begins anew, and shows the one that there is.
fn relist(pipeline: &mut Pipeline, replicas: i64, keep: Keep) {
    pipeline.take(seen(keep, Seen::Begin));
    pipeline.take(applied(replicas, keep));
    pipeline.take(seen(keep, Seen::Finish));
}

/// The reports about the Deployment.
fn reports(changes: Vec<Change>) -> Vec<ComplianceReport> {
    let reports = changes.into_iter().filter_map(|change| match change {
        Change::Report { report, .. } if report.scope.kind == "Deployment" => Some(*report),
        _ => None,
    });
    reports.collect()
}

#[test]
fn a_first_custom_check_waits_for_what_it_looks_at_and_then_says_it_once() {
    let mut pipeline = pipeline(None);
    assert_eq!(reports(settle(&mut pipeline, at(0))).len(), 1);
    assert!(pipeline.needs().is_empty());

    pipeline.take(policy("custom", CUSTOM));
    assert_eq!(pipeline.needs().of(Kind::Deployment), Keep::Desired);
    let changes = settle(&mut pipeline, at(1));
    assert!(changes.is_empty(), "neither a report nor a status while the objects come: {changes:?}");
    // What the watch as it was says is not what is waited for.
    pipeline.take(seen(Keep::Nothing, Seen::Finish));
    assert!(settle(&mut pipeline, at(1)).is_empty());

    relist(&mut pipeline, 1, Keep::Desired);
    let [report] = reports(settle(&mut pipeline, at(2))).try_into().unwrap();
    let said: Vec<_> =
        report.results.iter().map(|r| (r.check.as_str(), r.result, r.message.as_str())).collect();
    assert!(said.contains(&("replicas-even", ResultWord::Fail, "this is not met: be even")), "{said:?}");

    // A change that no record holds is seen as well.
    pipeline.take(applied(2, Keep::Desired));
    let [report] = reports(settle(&mut pipeline, at(3))).try_into().unwrap();
    assert!(report.results.iter().all(|result| result.check != "replicas-even"), "{report:?}");
}

#[test]
fn who_waits_too_long_is_told_why() {
    let mut pipeline = pipeline(None);
    settle(&mut pipeline, at(0));
    pipeline.take(policy("custom", CUSTOM));
    assert!(settle(&mut pipeline, at(1)).is_empty());
    let Step::Idle(Some(wake)) = pipeline.step(at(1)) else { panic!("there is nothing to do now") };
    assert!(wake > at(10) && wake <= at(60), "{wake}");
    let [report] = reports(settle(&mut pipeline, wake)).try_into().unwrap();
    let unknown = report.results.iter().find(|result| result.check == "replicas-even").unwrap();
    assert_eq!(unknown.result, ResultWord::Unknown);
    assert_eq!(unknown.message, "not all of the deployments.apps is here, which custom checks look at");
}

#[test]
fn a_kind_that_may_not_be_listed_is_not_waited_for() {
    let mut pipeline = pipeline(Some(Kind::Service));
    let denied = |why: &str| {
        let source = Watching { kind: Kind::Service, keep: Keep::Nothing };
        Input::from(Observation { source, seen: Seen::Denied(why.into()) })
    };
    pipeline.take(denied("services may not be listed: no"));
    settle(&mut pipeline, at(0));
    let json = CUSTOM.replace("object.spec.replicas % 2 == 0", "related.services.size() == 0");
    pipeline.take(policy("custom", &json));
    let [report] = reports(settle(&mut pipeline, at(1))).try_into().unwrap();
    let unknown = report.results.iter().find(|result| result.check == "replicas-even").unwrap();
    assert_eq!(
        (unknown.result, unknown.message.as_str()),
        (ResultWord::Unknown, "services may not be listed: no")
    );
}

#[test]
fn what_no_policy_needs_is_given_up_at_the_next_full_pass() {
    let mut pipeline = pipeline(None);
    pipeline.take(policy("custom", CUSTOM));
    relist(&mut pipeline, 1, Keep::Desired);
    assert_eq!(pipeline.kept_whole(), 1);
    let gone = Seen::Deleted { namespace: "".into(), name: "custom".into() };
    pipeline.take(Input::Policy(Observation { source: (), seen: gone }));
    assert_eq!((pipeline.kept_whole(), pipeline.needs().is_empty()), (1, false), "it may come back");
    pipeline.give_up_wholes();
    assert_eq!((pipeline.kept_whole(), pipeline.needs().is_empty()), (0, true));
}
