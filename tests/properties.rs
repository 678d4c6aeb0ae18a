//! What holds for every input, tried on the pages' examples and on what chance makes of them.
//!
//! No check panics, whatever an object says; the order of documents changes nothing; a namespace that has nothing to
//! do with the others changes nothing there. `SEED=...` replays a run. Not here: which verdict is right (`pages.rs`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fastrand::Rng;
use jiff::Timestamp;
use rayon::prelude::*;
use seaworthy::api::{ResultWord, Severity};
use seaworthy::checks::CATALOGUE;
use seaworthy::engine::{InForce, Ruleset, evaluate};
use seaworthy::manifest::{self, Options, Source};
use seaworthy::model::SubjectKey;
use serde_json::{Value, json};

/// Objects that chance made and no API server would accept.
const MUTATED: usize = 10_000;

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
        let said = outcomes.map(|o| (o.check.into_owned(), o.result, o.severity, o.message, o.object));
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
