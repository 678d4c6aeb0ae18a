//! Exemptions in the pipeline: the table of `tests/semantics/exemptions.yaml`, what an edit touches, what the clock
//! brings. Driven by hand, as in `pipeline_tests`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Change;
use super::input::{Input, Ours};
use super::pipeline::{Pipeline, Step};
use super::pipeline_tests::{about, at, object, report_of, settle};
use crate::api::{
    ComplianceReport, ExemptionCounts, ExemptionState, ExemptionStatus, PolicyStatus, ResultWord, Truth,
};
use crate::cluster::{Observation, Seen, WATCHED};
use crate::model::{Kind, Text};

#[derive(Deserialize)]
struct Table {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    objects: Vec<Value>,
    at: Vec<At>,
}

#[derive(Deserialize)]
struct At {
    now: Timestamp,
    states: BTreeMap<String, ExemptionState>,
    results: Vec<ResultWord>,
    counts: Option<BTreeMap<String, i32>>,
}

fn table() -> Vec<Case> {
    let options = serde_saphyr::options! { budget: None };
    let text = include_str!("../../tests/semantics/exemptions.yaml");
    serde_saphyr::from_str_with_options::<Table>(text, options).unwrap().cases
}

pub(super) fn input(value: &Value) -> Input {
    let json = value.to_string();
    let text = |pointer: &str| Text::new(value.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
    let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
    match text("/kind").as_str() {
        "ProductionPolicy" => {
            let seen = Seen::Applied(Ours::parse(namespace, name, &json));
            Input::Policy(Observation { source: (), seen })
        }
        "ComplianceExemption" => exemption(Seen::Applied(Ours::parse(namespace, name, &json))),
        "Namespace" => object(Kind::Namespace, &json),
        _ => object(Kind::Deployment, &json),
    }
}

fn exemption(seen: Seen<Ours<crate::api::ComplianceExemption>>) -> Input {
    Input::Exemption(Observation { source: (), seen })
}

/// A pipeline that leads and has seen these objects and no others.
pub(super) fn pipeline(objects: &[Value]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.lead(true);
    objects.iter().for_each(|object| pipeline.take(input(object)));
    for watched in WATCHED {
        pipeline.take(about(watched.kind, Seen::Finish));
    }
    pipeline.take(Input::Policy(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(exemption(Seen::Finish));
    pipeline.take(Input::Report(Observation { source: (), seen: Seen::Finish }));
    pipeline
}

fn status_of<'a>(changes: &'a [Change], exemption: &str) -> Option<&'a ExemptionStatus> {
    changes.iter().rev().find_map(|change| match change {
        Change::ExemptionStatus { place, status } if place.1 == exemption => Some(&**status),
        _ => None,
    })
}

fn policy_status<'a>(changes: &'a [Change], name: &str) -> Option<&'a PolicyStatus> {
    changes.iter().rev().find_map(|change| match change {
        Change::Status { policy, status } if *policy == name => Some(&**status),
        _ => None,
    })
}

fn words(report: &ComplianceReport) -> Vec<ResultWord> {
    report.results.iter().map(|result| result.result).collect()
}

#[test]
fn exemptions_mean_live_what_the_table_says() {
    for Case { name, objects, at } in table() {
        for At { now, states, results, counts } in at {
            let changes = settle(&mut pipeline(&objects), now);
            assert_eq!(words(report_of(&changes, "deployment-api").unwrap()), results, "{name}, at {now}");
            let of_objects = states
                .iter()
                .filter_map(|(id, state)| Some((id.strip_prefix("ComplianceExemption/")?, state)));
            for (exemption, state) in of_objects {
                let status = status_of(&changes, exemption).unwrap();
                assert_eq!(status.state, Some(*state), "{name}, {exemption} at {now}");
            }
            if let Some(counts) = counts {
                let wanted: ExemptionCounts = serde_json::from_value(json!(counts)).unwrap();
                let status = policy_status(&changes, "p").unwrap();
                assert_eq!(status.exemptions, wanted, "{name}, at {now}");
            }
        }
    }
}

#[test]
fn the_clock_alone_brings_what_the_table_says() {
    let mut flips = 0;
    for Case { name, objects, at } in table() {
        let mut pipeline = pipeline(&objects);
        let mut held: Option<ComplianceReport> = None;
        for At { now, results, .. } in at {
            let changes = settle(&mut pipeline, now);
            flips += i32::from(held.is_some() && report_of(&changes, "deployment-api").is_some());
            held = report_of(&changes, "deployment-api").cloned().or(held);
            assert_eq!(words(held.as_ref().unwrap()), results, "{name}, at {now}");
            // The next wake-up is not behind the next change.
            if let Step::Idle(Some(due)) = pipeline.step(now) {
                assert!(due > now, "{name}: at {now} it wakes at {due}");
            }
        }
    }
    assert!(flips >= 6, "{flips} reports changed by the clock alone");
}

/// A policy, a namespace, and Deployments with one replica, one label each.
fn world(names: &[&str]) -> Vec<Value> {
    let namespace = json!({"kind": "Namespace", "metadata": {"name": "shop", "uid": "s"}});
    let policy = json!({"kind": "ProductionPolicy", "metadata": {"name": "p", "generation": 1},
        "spec": {"profile": {"level": "None"}, "match": {"namespaceSelector": {}},
                 "checks": [{"name": "too-few-replicas"}]}});
    let deployment = |name: &&str| {
        json!({"kind": "Deployment", "spec": {"replicas": 1},
            "metadata": {"name": name, "namespace": "shop", "uid": name, "labels": {"app": name}}})
    };
    [namespace, policy].into_iter().chain(names.iter().map(deployment)).collect()
}

fn exempting(selector: Value, generation: i64, until: Option<Timestamp>) -> Value {
    let mut object = json!({"kind": "ComplianceExemption",
        "metadata": {"name": "a", "namespace": "shop", "uid": "a", "generation": generation},
        "spec": {"checks": ["too-few-replicas"], "reason": "one is licensed", "objectSelector": selector}});
    if let Some(until) = until {
        object["spec"]["expirationTime"] = until.to_string().into();
    }
    object
}

fn app(names: &[&str]) -> Value {
    json!({"matchExpressions": [{"key": "app", "operator": "In", "values": names}]})
}

/// The names of the reports that were written, the roll-up of the namespace aside.
fn written(changes: &[Change]) -> Vec<&str> {
    let names = changes.iter().filter_map(|change| match change {
        Change::Report { report, .. } if report.metadata.name != "namespace" => {
            Some(report.metadata.name.as_str())
        }
        _ => None,
    });
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}

#[test]
fn an_edit_touches_exactly_what_it_was_for_before_and_after() {
    let mut pipeline = pipeline(&world(&["a", "b", "c", "d"]));
    settle(&mut pipeline, at(0));
    settle(&mut pipeline, at(5));
    let mut evaluated = pipeline.evaluations();
    let mut since = |pipeline: &Pipeline| {
        let before = std::mem::replace(&mut evaluated, pipeline.evaluations());
        evaluated - before
    };
    pipeline.take(input(&exempting(app(&["a", "b"]), 1, None)));
    let changes = settle(&mut pipeline, at(10));
    assert_eq!(written(&changes), ["deployment-a", "deployment-b"]);
    assert_eq!(since(&pipeline), 2, "the namespace's own report waits for its second");
    settle(&mut pipeline, at(20));
    since(&pipeline);

    pipeline.take(input(&exempting(app(&["b", "c"]), 2, None)));
    let changes = settle(&mut pipeline, at(30));
    assert_eq!(written(&changes), ["deployment-a", "deployment-c"], "b is exempt as before");
    assert_eq!(since(&pipeline), 3, "a, b and c are looked at");
    settle(&mut pipeline, at(40));
    since(&pipeline);

    // What is not about whom or what is nobody's business but its own.
    let mut renamed = exempting(app(&["b", "c"]), 3, None);
    renamed["spec"]["owner"] = "team-b".into();
    pipeline.take(input(&renamed));
    let changes = settle(&mut pipeline, at(50));
    assert_eq!((written(&changes), since(&pipeline)), (vec![], 0));
    assert_eq!(status_of(&changes, "a").unwrap().observed_generation, 3);

    let gone = Seen::Deleted { namespace: "shop".into(), name: "a".into() };
    pipeline.take(exemption(gone));
    let changes = settle(&mut pipeline, at(60));
    assert_eq!(written(&changes), ["deployment-b", "deployment-c"]);
    assert_eq!(since(&pipeline), 2);
}

#[test]
fn an_unchanged_exemption_is_not_written_again() {
    let mut pipeline = pipeline(&world(&["a"]));
    pipeline.take(input(&exempting(app(&["a"]), 1, Some(at(1000)))));
    let changes = settle(&mut pipeline, at(0));
    let status = status_of(&changes, "a").unwrap();
    assert_eq!((status.state, status.exempt_results), (Some(ExemptionState::Active), 1));
    // What the watch shows of our own write, with somebody's approval beside it, is no news.
    let mut shown = exempting(app(&["a"]), 1, Some(at(1000)));
    shown["status"] = serde_json::to_value(status).unwrap();
    let approval = json!({"type": "Approved", "status": "True", "observedGeneration": 0, "reason": "Reviewed",
        "message": "", "lastTransitionTime": at(0).to_string()});
    shown["status"]["conditions"].as_array_mut().unwrap().push(approval);
    pipeline.take(input(&shown));
    pipeline.full_pass();
    assert!(settle(&mut pipeline, at(100)).is_empty());
}

#[test]
fn its_status_follows_its_end_also_where_it_selects_nobody() {
    let mut pipeline = pipeline(&world(&["a"]));
    pipeline.take(input(&exempting(app(&["nobody"]), 1, Some(at(100)))));
    let changes = settle(&mut pipeline, at(0));
    assert_eq!(status_of(&changes, "a").unwrap().state, Some(ExemptionState::Unused));
    assert!(settle(&mut pipeline, at(99)).is_empty());
    let changes = settle(&mut pipeline, at(100));
    assert_eq!(status_of(&changes, "a").unwrap().state, Some(ExemptionState::Expired));
}

#[test]
fn one_event_comes_a_week_before_the_end_and_no_other() {
    const WEEK: i64 = 7 * 24 * 3600;
    let mut objects = world(&["a", "b"]);
    objects.push(exempting(app(&["a", "b"]), 1, Some(at(2 * WEEK))));
    objects[3]["metadata"]["annotations"] = json!({
        "exempt.seaworthy.dev/too-few-replicas": "for a while",
        "exempt-until.seaworthy.dev/too-few-replicas": at(2 * WEEK).to_string(),
    });
    objects[1]["spec"]["exemptions"] = json!([{"name": "entry", "checks": ["too-few-replicas"],
        "reason": "one is licensed", "expirationTime": at(2 * WEEK).to_string()}]);
    let mut pipeline = pipeline(&objects);
    let told = |changes: &[Change]| {
        let told = changes.iter().filter_map(|change| match change {
            Change::Announce(announcement) => {
                let regarding = &announcement.regarding;
                assert!(announcement.once.is_some());
                Some((regarding.kind, regarding.name.to_string(), announcement.draft.note.clone()))
            }
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(told(&settle(&mut pipeline, at(0))), []);
    assert_eq!(told(&settle(&mut pipeline, at(WEEK - 1))), []);
    // One after the other.
    let mut events: Vec<_> =
        (0..5).flat_map(|second| told(&settle(&mut pipeline, at(WEEK + second)))).collect();
    events.sort();
    let end = at(2 * WEEK);
    let note = |which: &str, results: &str| {
        format!(
            "the exemption{which} ends at {end}: {results} will fail from then on; fix what they say, or renew it"
        )
    };
    assert_eq!(
        events,
        [
            ("ComplianceExemption", "a".to_owned(), note("", "2 results")),
            ("Deployment", "b".to_owned(), note(" 'too-few-replicas'", "1 result")),
            ("ProductionPolicy", "p".to_owned(), note(" 'entry'", "2 results")),
        ]
    );
    pipeline.full_pass();
    assert_eq!(told(&settle(&mut pipeline, at(WEEK + 60))), []);
}

#[test]
fn nothing_is_evaluated_before_the_exemptions_are_known_or_refused() {
    let ready_after = |seen: Seen<Ours<crate::api::ComplianceExemption>>| {
        let mut pipeline = Pipeline::new();
        pipeline.lead(true);
        world(&["a"]).iter().for_each(|object| pipeline.take(input(object)));
        for watched in WATCHED {
            pipeline.take(about(watched.kind, Seen::Finish));
        }
        pipeline.take(Input::Policy(Observation { source: (), seen: Seen::Finish }));
        pipeline.take(Input::Report(Observation { source: (), seen: Seen::Finish }));
        assert!(settle(&mut pipeline, at(0)).is_empty());
        pipeline.take(exemption(seen));
        settle(&mut pipeline, at(0))
    };
    for seen in [Seen::Finish, Seen::NotServed] {
        let changes = ready_after(seen);
        let ready = policy_status(&changes, "p").unwrap().conditions.iter().find(|c| c.type_ == "Ready");
        assert_eq!(ready.unwrap().reason, "Evaluated");
    }
    let changes = ready_after(Seen::Denied("complianceexemptions may not be listed".into()));
    assert_eq!(report_of(&changes, "deployment-a").unwrap().compliant, Truth::False);
    let ready = policy_status(&changes, "p").unwrap().conditions.iter().find(|c| c.type_ == "Ready").unwrap();
    assert!(ready.message.contains("complianceexemptions may not be listed"), "{}", ready.message);
}

#[test]
fn one_that_cannot_be_read_says_so_and_exempts_nothing() {
    let mut pipeline = pipeline(&world(&["a"]));
    pipeline.take(input(&exempting(app(&["a"]), 1, None)));
    settle(&mut pipeline, at(0));
    let mut newer = exempting(app(&["a"]), 2, None);
    newer["spec"]["startTime"] = "2026-01-01T00:00:00Z".into();
    pipeline.take(input(&newer));
    let changes = settle(&mut pipeline, at(10));
    assert_eq!(report_of(&changes, "deployment-a").unwrap().compliant, Truth::False);
    let status = status_of(&changes, "a").unwrap();
    let in_force = status.conditions.iter().find(|c| c.type_ == "InForce").unwrap();
    assert_eq!((status.state, status.observed_generation), (Some(ExemptionState::Refused), 2));
    assert!(in_force.message.contains("startTime"), "{}", in_force.message);
}

#[test]
fn a_policy_that_is_only_previewed_counts_its_exemptions_and_uses_nobody_elses() {
    let mut objects = world(&["a"]);
    objects.push(exempting(app(&["a"]), 1, None));
    let mut previewed = objects[1].clone();
    previewed["metadata"]["name"] = "previewed".into();
    previewed["spec"]["enforcement"] = "Preview".into();
    previewed["spec"]["exemptions"] =
        json!([{"name": "entry", "checks": ["too-few-replicas"], "reason": "one is licensed"}]);
    objects[1]["spec"]["exemptionPolicy"] = json!({"allowedChecks": []});
    objects.push(previewed);
    let changes = settle(&mut pipeline(&objects), at(0));
    assert_eq!(report_of(&changes, "deployment-a").unwrap().compliant, Truth::False);
    assert_eq!(status_of(&changes, "a").unwrap().state, Some(ExemptionState::Refused));
    let counted = |name: &str| policy_status(&changes, name).unwrap().exemptions;
    assert_eq!(counted("p"), ExemptionCounts { refused: 1, ..ExemptionCounts::default() });
    assert_eq!(counted("previewed"), ExemptionCounts { active: 2, ..ExemptionCounts::default() });
}
