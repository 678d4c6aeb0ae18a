//! NetworkPolicies in the pipeline, driven by hand: stages, what is rolled back, and what somebody keeps taking away.
//!
//! Not its job: PodDisruptionBudgets, and what both have in common (`remediation_tests`).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::act::{Act, Answer, Deed, End};
use super::change::{Change, Written};
use super::input::{Input, Stored};
use super::pipeline::{Pipeline, Step};
use super::pipeline_tests::{about, at, done, object, policy};
use super::remediation::{Remediation, RemediationSettings};
use super::remediation_tests::{acts, run, status, works};
use crate::api::RemedyCounts;
use crate::cluster::{Observation, Seen, WATCHED};
use crate::model::Kind;
use crate::remedy::Cause;

fn asking(generation: i64, presets: &[&str]) -> Input {
    staged(generation, presets, 2)
}

fn staged(generation: i64, presets: &[&str], size: u8) -> Input {
    let networks = json!({"mode": "Enabled", "presets": presets, "stageSize": size, "stageSeconds": 100});
    under_check("namespace-without-default-deny", generation, &networks)
}

fn under_check(check: &str, generation: i64, networks: &Value) -> Input {
    let spec = json!({"profile": {"level": "None"}, "match": {"namespaceSelector": {}},
        "checks": [{"name": check}], "remediation": {"networkPolicies": networks}});
    policy(&json!({"metadata": {"name": "p", "generation": generation}, "spec": spec}).to_string())
}

fn deployment(namespace: &str, available: i64) -> Input {
    let json = json!({"metadata": {"name": "api", "namespace": namespace, "uid": format!("uid-{namespace}"), "generation": 1},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "api"}},
                 "template": {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "a"}]}}},
        "status": {"availableReplicas": available}});
    object(Kind::Deployment, &json.to_string())
}

fn world(namespaces: usize, presets: &[&str]) -> Pipeline {
    permitted(true, namespaces, presets)
}

fn permitted(network_policies: bool, namespaces: usize, presets: &[&str]) -> Pipeline {
    let settings =
        RemediationSettings { pod_disruption_budgets: false, network_policies, writes_per_minute: 60 };
    let mut pipeline = Pipeline::new().remedying(Remediation::new("seaworthy-system", settings));
    pipeline.lead(true);
    for number in 0..namespaces {
        let json = json!({"metadata": {"name": format!("n{number}"), "uid": format!("u{number}")}});
        pipeline.take(object(Kind::Namespace, &json.to_string()));
        pipeline.take(deployment(&format!("n{number}"), 3));
    }
    pipeline.take(asking(1, presets));
    for watched in WATCHED {
        pipeline.take(about(watched.kind, Seen::Finish));
    }
    pipeline.take(Input::Policy(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(Input::Exemption(Observation { source: (), seen: Seen::Finish }));
    pipeline.take(Input::Report(Observation { source: (), seen: Seen::Finish }));
    pipeline
}

/// What was made (+) and taken away (-) until there is nothing to do any more at a moment.
fn told(changes: &[Change]) -> Vec<String> {
    let each = acts(changes).into_iter().map(|act| {
        let Act { place, deed, .. } = act;
        let sign = match deed {
            Deed::Create(_) => "+",
            Deed::Update(..) => "~",
            Deed::Withdraw(..) => "-",
        };
        format!("{sign}{}/{}", place.namespace, place.name.replace("seaworthy-", ""))
    });
    each.collect()
}

fn until_quiet(pipeline: &mut Pipeline, now: Timestamp) -> (Vec<Change>, Option<Timestamp>) {
    run(pipeline, now, works)
}

fn counts(changes: &[Change]) -> RemedyCounts {
    status(changes)
        .and_then(|status| status.remediation.as_ref())
        .map(|told| told.network_policies)
        .unwrap_or_default()
}

const BOTH: [&str; 2] = ["AllowSameNamespace", "DenyIngress"];

#[test]
fn a_few_namespaces_first_and_the_next_ones_after_those_stayed_ready() {
    let mut pipeline = world(5, &BOTH);
    let (changes, due) = until_quiet(&mut pipeline, at(0));
    assert_eq!(
        told(&changes),
        ["+n0/allow-ingress", "+n0/deny-ingress", "+n1/allow-ingress", "+n1/deny-ingress"]
            .map(str::to_owned)
            .into_iter()
            .collect::<Vec<_>>()
    );
    assert_eq!((counts(&changes).made, counts(&changes).pending), (4, 6));
    assert!(told(&until_quiet(&mut pipeline, at(99)).0).is_empty() && due.is_some());
    let (changes, _) = until_quiet(&mut pipeline, at(100));
    assert!(
        told(&changes).iter().all(|told| told.starts_with("+n2") || told.starts_with("+n3")),
        "{:?}",
        told(&changes)
    );
    let (changes, _) = until_quiet(&mut pipeline, at(200));
    assert_eq!(told(&changes).len(), 2);
    assert_eq!(counts(&changes).made, 10);
    let (changes, _) = until_quiet(&mut pipeline, at(300));
    assert!(told(&changes).is_empty(), "{:?}", told(&changes));
}

#[test]
fn without_the_flag_nothing_is_made_and_the_status_says_so() {
    let mut pipeline = permitted(false, 2, &BOTH);
    let (changes, _) = until_quiet(&mut pipeline, at(0));
    assert!(acts(&changes).is_empty(), "{:?}", told(&changes));
    let conditions = &status(&changes).unwrap().conditions;
    let reason = conditions.iter().find(|c| c.type_ == "Remediated").map(|c| c.reason.as_str());
    assert_eq!((reason, counts(&changes).refused), (Some("NotPermitted"), 4));
}

#[test]
fn where_pods_are_lost_it_is_rolled_back_deny_first_and_the_others_wait() {
    let mut pipeline = world(5, &BOTH);
    until_quiet(&mut pipeline, at(0));
    pipeline.take(deployment("n1", 2));
    let (changes, _) = until_quiet(&mut pipeline, at(20));
    assert_eq!(told(&changes), ["-n1/deny-ingress", "-n1/allow-ingress"]);
    assert!(acts(&changes)[0].announcement.draft.note.contains("2 of 3 pods available"), "{changes:?}");
    assert_eq!((counts(&changes).made, counts(&changes).rolled_back), (2, 2));
    // Not there again, though all is well, and elsewhere only after a while.
    pipeline.take(deployment("n1", 3));
    let (changes, _) = until_quiet(&mut pipeline, at(100));
    assert!(told(&changes).is_empty(), "{:?}", told(&changes));
    let (changes, _) = until_quiet(&mut pipeline, at(120));
    assert!(
        !told(&changes).is_empty() && !told(&changes).iter().any(|told| told.contains("n1/")),
        "{:?}",
        told(&changes)
    );
    // Also for who leads next, by what the report says; and again once the policy is changed.
    pipeline.lead(false);
    pipeline.lead(true);
    let (changes, _) = until_quiet(&mut pipeline, at(1000));
    assert!(!told(&changes).iter().any(|told| told.contains("n1/")), "{:?}", told(&changes));
    pipeline.take(asking(2, &BOTH));
    let (changes, _) = until_quiet(&mut pipeline, at(2000));
    assert!(told(&changes).contains(&"+n1/allow-ingress".to_owned()), "{:?}", told(&changes));
}

fn gone(namespace: &str, name: &str) -> Input {
    about(Kind::NetworkPolicy, Seen::Deleted { namespace: namespace.into(), name: name.into() })
}

#[test]
fn who_keeps_taking_the_denial_away_gets_rid_of_all_of_it() {
    let mut pipeline = world(1, &BOTH);
    let gone = || gone("n0", "seaworthy-deny-ingress");
    until_quiet(&mut pipeline, at(0));
    for second in 1..3 {
        pipeline.take(gone());
        assert_eq!(told(&until_quiet(&mut pipeline, at(second)).0), ["+n0/deny-ingress"]);
    }
    pipeline.take(gone());
    let (changes, _) = until_quiet(&mut pipeline, at(4));
    assert_eq!(told(&changes), ["-n0/allow-ingress"]);
    assert_eq!((counts(&changes).contested, counts(&changes).refused), (1, 1));
    let (changes, _) = until_quiet(&mut pipeline, at(5000));
    assert!(told(&changes).is_empty(), "{:?}", told(&changes));
}

/// What somebody keeps taking away, or what was rolled back, stays away also for who leads next: whether or not the
/// check is in force, and though something else speaks against it meanwhile.
#[test]
fn who_leads_next_makes_nothing_again_though_no_result_tells_of_it() {
    let mut pipeline = world(2, &BOTH);
    let networks = json!({"mode": "Enabled", "presets": BOTH, "stageSize": 2, "stageSeconds": 100});
    let other = |generation| under_check("too-few-replicas", generation, &networks);
    pipeline.take(other(2));
    until_quiet(&mut pipeline, at(0));
    for second in 1..4 {
        pipeline.take(gone("n0", "seaworthy-deny-ingress"));
        until_quiet(&mut pipeline, at(second));
    }
    pipeline.take(deployment("n1", 2));
    let (changes, _) = until_quiet(&mut pipeline, at(5));
    assert_eq!((counts(&changes).contested, counts(&changes).rolled_back), (1, 2));
    pipeline.take(deployment("n1", 3));
    let theirs = |namespace: &str| json!({"metadata": {"name": "theirs", "namespace": namespace, "uid": "t"}, "spec": {"podSelector": {}}});
    for namespace in ["n0", "n1"] {
        pipeline.take(object(Kind::NetworkPolicy, &theirs(namespace).to_string()));
    }
    let (changes, _) = until_quiet(&mut pipeline, at(10));
    assert_eq!((counts(&changes).refused, counts(&changes).made), (4, 0));
    let mut last = RemedyCounts::default();
    for second in [1000, 2000] {
        pipeline.lead(false);
        pipeline.lead(true);
        let (changes, _) = until_quiet(&mut pipeline, at(second));
        assert!(told(&changes).is_empty(), "{:?}", told(&changes));
        last = counts(&changes);
        for namespace in ["n0", "n1"] {
            pipeline.take(gone(namespace, "theirs"));
        }
    }
    let (changes, _) = until_quiet(&mut pipeline, at(3000));
    assert!(told(&changes).is_empty(), "{:?}", told(&changes));
    assert_eq!((last.contested, last.refused, last.rolled_back), (1, 1, 2));
    pipeline.take(other(3));
    assert_eq!(told(&until_quiet(&mut pipeline, at(4000)).0).len(), 4, "the policy was changed");
}

#[test]
fn a_policy_of_somebodys_own_makes_all_of_ours_go_at_once() {
    let mut pipeline = world(1, &BOTH);
    until_quiet(&mut pipeline, at(0));
    let theirs =
        json!({"metadata": {"name": "theirs", "namespace": "n0", "uid": "t"}, "spec": {"podSelector": {}}});
    pipeline.take(object(Kind::NetworkPolicy, &theirs.to_string()));
    let (changes, _) = until_quiet(&mut pipeline, at(1));
    assert_eq!(told(&changes), ["-n0/deny-ingress", "-n0/allow-ingress"]);
    assert!(acts(&changes).iter().all(|act| matches!(act.deed, Deed::Withdraw(_, Cause::Harm))));
}

#[test]
fn nothing_is_made_before_it_is_known_whom_the_api_server_calls() {
    let mut pipeline = world(1, &BOTH);
    assert!(pipeline.needs().callbacks(), "who watches is told");
    let denied = Seen::Denied("apiservices may not be listed".into());
    pipeline.take(about(Kind::ApiService, denied));
    let (changes, _) = run(&mut pipeline, at(0), |act| (done(act).end, None));
    assert!(told(&changes).is_empty() && counts(&changes).refused == 2, "{:?}", told(&changes));
    let End::Stands = done(
        acts(&{
            pipeline.take(about(Kind::ApiService, Seen::Begin));
            pipeline.take(about(Kind::ApiService, Seen::Finish));
            until_quiet(&mut pipeline, at(1)).0
        })[0],
    )
    .end
    else {
        panic!("it is made once that is known")
    };
}

#[test]
fn what_we_take_away_ourselves_is_none_that_vanished() {
    let (mut pipeline, mut open) = (world(13, &["DenyIngress"]), Vec::new());
    pipeline.take(staged(2, &["DenyIngress"], 12));
    assert_eq!(told(&until_quiet(&mut pipeline, at(0)).0).len(), 12);
    for number in (0..13).filter(|number| *number != 9) {
        let namespace = format!("n{number}");
        let theirs = json!({"metadata": {"name": "theirs", "namespace": namespace, "uid": format!("t{number}")}, "spec": {"podSelector": {}}});
        pipeline.take(object(Kind::NetworkPolicy, &theirs.to_string()));
    }
    // The watch shows each gone, and its namespace is looked at, before the write is answered.
    loop {
        let written = match pipeline.step(at(1)) {
            Step::Again => continue,
            Step::Idle(_) => break,
            Step::Change(Change::Remedy(act)) => {
                let (end, shown) = works(&act);
                shown.into_iter().for_each(|input| pipeline.take(input));
                open.push(Answer { end, ..done(&act) });
                continue;
            }
            Step::Change(Change::Report { key, report, .. }) => Written::Report(key, Stored::from(&*report)),
            Step::Change(Change::Status { policy, status }) => Written::Status(policy, status),
            Step::Change(_) => Written::Announced,
        };
        pipeline.written(written, at(1));
    }
    assert_eq!(open.len(), 12);
    open.into_iter().for_each(|answer| pipeline.written(Written::Remedy(answer), at(1)));
    let (changes, _) = until_quiet(&mut pipeline, at(2));
    let conditions = &status(&changes).unwrap().conditions;
    let reason = conditions.iter().find(|c| c.type_ == "Remediated").map(|c| c.reason.as_str());
    assert_eq!((reason, counts(&changes).refused), (Some("Pending"), 12), "nothing is suspended");
}
