//! What holds for every input, tried on the pages' examples and on what chance makes of them.
//!
//! No check panics, whatever an object says; the order of documents changes nothing; a namespace that has nothing to
//! do with the others changes nothing there; an exemption changes nothing but what it exempts; one more policy makes
//! nothing better. `SEED=...` replays a run.
//! Not here: which verdict is right (`pages.rs`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

#[path = "properties/added.rs"]
mod added;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use fastrand::Rng;
use jiff::Timestamp;
use rayon::prelude::*;
use seaworthy::api::{ComplianceExemption, ProductionPolicy, ResultWord, Severity, Truth};
use seaworthy::checks::CATALOGUE;
use seaworthy::engine::{InForce, Outcome, Ruleset, evaluate};
use seaworthy::manifest::{self, Options, Source};
use seaworthy::model::{Inventory, SubjectKey};
use seaworthy::policy::{Exemption, PolicySet, Standing, decide, of_object, resolve};
use seaworthy::report::{judge as judge_under, meta_of};
use serde_json::{Value, json};

/// Objects that chance made and no API server would accept.
const MUTATED: usize = 10_000;
/// Exemptions that chance made.
const EXEMPTIONS: usize = 1_500;

/// What every check says of an input, opt-in checks included: by subject, check, result and message.
type Said = BTreeMap<SubjectKey, Vec<(String, ResultWord, Severity, String, Option<String>)>>;

fn ruleset() -> Ruleset {
    let checks = CATALOGUE.iter().map(|check| InForce {
        check,
        name: None,
        severity: None,
        params: check.rule.parse(&BTreeMap::new()).unwrap(),
    });
    Ruleset { policy: "all".into(), threshold: Severity::High, checks: checks.collect() }
}

fn judge(documents: &[Value], ruleset: &Ruleset, live: bool) -> Said {
    let text = documents.iter().map(Value::to_string).collect::<Vec<_>>().join("\n---\n");
    let source = Source { name: "input".to_owned(), text };
    let options = Options { complete: live, ..Options::default() };
    let loaded = manifest::load(vec![source], &options);
    let inventory = if live { loaded.inventory.into_live() } else { loaded.inventory };
    let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
    let evaluation = |key: SubjectKey| {
        let outcomes = evaluate(&inventory, &key, &[ruleset], now)?.outcomes.into_iter();
        let said =
            outcomes.map(|o| (o.check.into_owned(), o.result, o.severity, o.message.into_owned(), o.object));
        Some((key, said.collect()))
    };
    inventory.subjects().into_iter().filter_map(evaluation).collect()
}

/// The documents of every example of every page.
fn corpus() -> Vec<Vec<Value>> {
    let examples = CATALOGUE.iter().flat_map(|check| check.page().examples);
    let parse = |yaml: &str| serde_saphyr::from_multiple::<Value>(yaml).unwrap();
    examples.map(|example| parse(&example.yaml).into_iter().filter(|d| !d.is_null()).collect()).collect()
}

fn seed() -> u64 {
    std::env::var("SEED").ok().map_or(1, |seed| seed.parse().unwrap())
}

/// A value that people, generators and attackers write where another is meant.
fn strange(rng: &mut Rng) -> Value {
    let numbers = [json!(-1), json!(0), json!(i64::MAX), json!(i64::MIN), json!(1e300), json!(0.5)];
    let texts = [
        "",
        "%",
        "-5%",
        "101%",
        "9999999999999999999Ei",
        "1e99999",
        "ä\u{0}\u{202e}",
        "=",
        "a/b/c@sha256:",
        "*/0 * * * *",
        "TZ=x * *",
        "--",
        "'\"<>",
    ];
    match rng.u8(..8) {
        0 => Value::Null,
        1 => numbers[rng.usize(..numbers.len())].clone(),
        2 => json!("x".repeat(rng.usize(..3000))),
        3 => json!([]),
        4 => json!({}),
        5 => json!(rng.bool()),
        _ => json!(texts[rng.usize(..texts.len())]),
    }
}

/// Changes one place of a value: a member goes, doubles, changes its type, or takes another member's value.
fn mutate(value: &mut Value, rng: &mut Rng) {
    match value {
        Value::Object(members) if !members.is_empty() && rng.u8(..10) > 0 => {
            let key = members.keys().nth(rng.usize(..members.len())).unwrap().clone();
            match rng.u8(..8) {
                0 => drop(members.remove(&key)),
                1 => {
                    let other = members.values().nth(rng.usize(..members.len())).unwrap().clone();
                    members.insert(key, other);
                }
                _ => mutate(&mut members[&key], rng),
            }
        }
        Value::Array(items) if !items.is_empty() && rng.u8(..10) > 0 => {
            let at = rng.usize(..items.len());
            match rng.u8(..8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => mutate(&mut items[at], rng),
            }
        }
        _ => *value = strange(rng),
    }
}

#[test]
fn no_check_panics_on_any_object() {
    let (corpus, ruleset, seed) = (corpus(), ruleset(), seed());
    let failed: Vec<String> = (0..MUTATED)
        .into_par_iter()
        .filter_map(|number| {
            let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003) + number as u64);
            let mut documents = corpus[rng.usize(..corpus.len())].clone();
            for _ in 0..rng.u8(1..6) {
                let at = rng.usize(..documents.len());
                mutate(&mut documents[at], &mut rng);
            }
            let judged = catch_unwind(AssertUnwindSafe(|| judge(&documents, &ruleset, number % 2 == 0)));
            judged.is_err().then(|| format!("SEED={seed}, number {number}: {}", json!(documents)))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {MUTATED} panicked:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn the_order_of_documents_changes_nothing() {
    let (ruleset, mut rng) = (ruleset(), Rng::with_seed(seed()));
    for documents in corpus().into_iter().filter(|documents| documents.len() > 1) {
        for live in [false, true] {
            let mut shuffled = documents.clone();
            rng.shuffle(&mut shuffled);
            let (before, after) = (judge(&documents, &ruleset, live), judge(&shuffled, &ruleset, live));
            assert_eq!(before, after, "SEED={}: {}", seed(), json!(shuffled));
        }
    }
}

/// A namespace of its own, with a bit of everything.
fn unrelated() -> Vec<Value> {
    let namespace = "far-away";
    let labels = json!({"app": "far-away"});
    let object = |version: &str, kind: &str, spec: Value| {
        json!({"apiVersion": version, "kind": kind, "spec": spec,
            "metadata": {"name": "far-away", "namespace": namespace}})
    };
    vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}),
        object(
            "apps/v1",
            "Deployment",
            json!({"replicas": 2, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}}),
        ),
        object("v1", "Service", json!({"selector": labels, "ports": [{"port": 80}]})),
        object(
            "policy/v1",
            "PodDisruptionBudget",
            json!({"selector": {"matchLabels": labels}, "maxUnavailable": 1}),
        ),
        object(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            json!({"podSelector": {}, "policyTypes": ["Ingress"]}),
        ),
        object("v1", "LimitRange", json!({"limits": [{"type": "Container", "default": {"cpu": "1"}}]})),
    ]
}

/// Whether something in the documents is about every namespace, so that none is unrelated.
fn reaches_everywhere(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| {
            (key == "namespaceSelector" && value.get("matchNames").is_none()) || reaches_everywhere(value)
        }),
        Value::Array(items) => items.iter().any(reaches_everywhere),
        _ => false,
    }
}

#[test]
fn a_namespace_that_is_unrelated_changes_nothing() {
    let ruleset = ruleset();
    let examples = corpus().into_iter().filter(|documents| !documents.iter().any(reaches_everywhere));
    for documents in examples {
        for live in [false, true] {
            let before = judge(&documents, &ruleset, live);
            let with: Vec<Value> = documents.iter().cloned().chain(unrelated()).collect();
            let mut after = judge(&with, &ruleset, live);
            after.retain(|key, _| key.namespace().as_str() != "far-away");
            for (key, said) in &before {
                let changed = said.iter().zip(&after[key]).find(|(before, after)| before != after);
                assert_eq!(changed, None, "{key:?}: {}", json!(documents));
            }
            assert_eq!(before, after, "{}", json!(documents));
        }
    }
}

/// Two policies that ask for everything: `lets` lets everything be exempt, and `refuses` nothing.
fn policies() -> PolicySet {
    let checks: Vec<Value> = CATALOGUE.iter().map(|check| json!({"name": check.id})).collect();
    let mut set = PolicySet::default();
    for (name, permits) in [("lets", json!({})), ("refuses", json!({"allowedChecks": []}))] {
        let policy = json!({"metadata": {"name": name}, "spec": {"profile": {"level": "None"}, "checks": checks,
            "match": {"namespaceSelector": {}, "excludeNamespaces": []}, "exemptionPolicy": permits}});
        let policy: ProductionPolicy = serde_json::from_value(policy).unwrap();
        set.insert(resolve(&policy, &CATALOGUE).unwrap());
    }
    set
}

/// An exemption for some subject of an inventory, or near it.
fn exemption(inventory: &Inventory, rng: &mut Rng) -> Exemption {
    let subjects: Vec<SubjectKey> = inventory.subjects().into_iter().collect();
    let subject = &subjects[rng.usize(..subjects.len())];
    let ids: Vec<&str> = CATALOGUE.iter().map(|check| check.id).collect();
    let checks: Vec<&str> = match rng.u8(..4) {
        0 => vec!["*"],
        _ => (0..rng.usize(1..40)).map(|_| ids[rng.usize(..ids.len())]).collect(),
    };
    let mut spec = json!({"checks": checks, "reason": "chance has made it"});
    let labels = meta_of(inventory, subject).and_then(|meta| meta.labels.iter().next());
    match (rng.u8(..3), subject, labels) {
        (0, SubjectKey::Workload(id), _) => {
            spec["targetRef"] =
                json!({"apiGroup": id.kind.info().group, "kind": id.kind.name(), "name": id.name.as_str()});
        }
        (1, _, Some((key, value))) => {
            spec["objectSelector"] = json!({"matchLabels": {key.as_str(): value.as_str()}});
        }
        _ => {}
    }
    if rng.bool() {
        let ends = ["2026-11-20T23:59:59Z", "2026-11-21T00:00:00Z", "2026-11-21T00:00:01Z"];
        spec["expirationTime"] = ends[rng.usize(..ends.len())].into();
    }
    let namespace = if rng.u8(..8) == 0 { "elsewhere" } else { subject.namespace().as_str() };
    let object = json!({"metadata": {"name": "a", "namespace": namespace}, "spec": spec});
    of_object(&serde_json::from_value::<ComplianceExemption>(object).unwrap())
}

#[test]
fn an_exemption_changes_nothing_but_what_it_exempts() {
    let (corpus, seed, now) = (corpus(), seed(), "2026-11-21T00:00:00Z".parse::<Timestamp>().unwrap());
    let exempted: usize = (0..EXEMPTIONS)
        .into_par_iter()
        .map(|number| {
            let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003) + number as u64);
            let documents = &corpus[rng.usize(..corpus.len())];
            let text = documents.iter().map(Value::to_string).collect::<Vec<_>>().join("\n---\n");
            let source = Source { name: "input".to_owned(), text };
            let complete = rng.bool();
            let inventory =
                manifest::load(vec![source], &Options { complete, ..Options::default() }).inventory;
            if inventory.subjects().is_empty() {
                return 0;
            }
            let exemption = exemption(&inventory, &mut rng);
            let (before, mut after) = (policies(), policies());
            after.exemptions.insert(Arc::new(exemption.clone()));
            let said = format!("SEED={seed}, number {number}: {exemption:?}\n{}", json!(documents));
            let each = inventory.subjects().into_iter();
            each.map(|key| differs(&inventory, &key, [&before, &after], &exemption, now, &said)).sum()
        })
        .sum();
    assert!(exempted > 2 * EXEMPTIONS, "only {exempted} results were exempt");
}

/// Compares what is said of a subject without an exemption and with it; how many results are exempt.
fn differs(
    inventory: &Inventory,
    key: &SubjectKey,
    [before, after]: [&PolicySet; 2],
    exemption: &Exemption,
    now: Timestamp,
    said: &str,
) -> usize {
    let judge = |set| judge_under(inventory, set, key, now).unwrap().evaluation;
    let (before, policies, after) = (judge(before), after, judge(after));
    let own = meta_of(inventory, key).map(|meta| &meta.labels);
    let permits = &policies.get("lets").unwrap().permits;
    let holds = |check: &str| {
        exemption.whom.selects(key, None, own)
            && exemption.checks.cover(check)
            && decide(exemption, permits, check, now).standing == Standing::InForce
    };
    let (lets, refuses) = (0, 1);
    assert_eq!(before.compliant[refuses], after.compliant[refuses], "{said}");
    let better = |truth| [Truth::False, Truth::Unknown, Truth::True].iter().position(|t| *t == truth);
    assert!(better(before.compliant[lets]) <= better(after.compliant[lets]), "{said}");
    let concerned = |all: &[Outcome], is: bool| -> Vec<Outcome> {
        all.iter().filter(|outcome| holds(&outcome.check) == is).cloned().collect()
    };
    assert_eq!(concerned(&before.outcomes, false), concerned(&after.outcomes, false), "{said}");
    // Of what it is for, all that was bad is still there, and exempt under the one policy.
    let bad = |outcome: &&Outcome| matches!(outcome.result, ResultWord::Fail | ResultWord::Unknown);
    let messages = |outcomes: &[Outcome], policy: &str, which: &dyn Fn(&&Outcome) -> bool| {
        let of_policy = outcomes.iter().filter(|o| o.policies.iter().any(|p| *p == policy));
        let mut messages: Vec<(String, String)> =
            of_policy.filter(which).map(|o| (o.check.to_string(), o.message.to_string())).collect();
        messages.sort();
        messages
    };
    let (was, is) = (concerned(&before.outcomes, true), concerned(&after.outcomes, true));
    let exempt = messages(&is, "lets", &|outcome| outcome.result == ResultWord::Exempt);
    let unreadable = before.checks == 1 && was.iter().any(|outcome| outcome.check == "invalid-object");
    if !unreadable {
        assert_eq!(messages(&was, "lets", &bad), exempt, "{said}");
    }
    assert_eq!(messages(&was, "refuses", &bad), messages(&is, "refuses", &bad), "{said}");
    exempt.len()
}
