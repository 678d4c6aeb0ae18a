//! One more policy, whatever it says, makes nothing better: what fails goes on failing, in the same words, and every
//! policy keeps its own verdict. One that is only previewed changes nothing at all.

use std::sync::Arc;

use fastrand::Rng;
use jiff::Timestamp;
use rayon::prelude::*;
use seaworthy::api::{ProductionPolicy, ResultWord, Severity, Truth};
use seaworthy::checks::CATALOGUE;
use seaworthy::engine::Outcome;
use seaworthy::manifest::{self, Options, Source};
use seaworthy::model::{Inventory, SubjectKey};
use seaworthy::policy::{Policy, PolicySet, resolve};
use seaworthy::report::{judge, meta_of};
use serde_json::{Value, json};

use super::{corpus, exemption, seed};

/// Additions that chance made.
const ADDITIONS: usize = 1_500;
const SEVERITIES: [Severity; 5] =
    [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
/// What users see, and what custom checks may say: also what has no value.
const EXPRESSIONS: [&str; 5] =
    ["true", "false", "object.spec.replicas > 1", "has(object.spec)", "1 / 0 == 1"];
const PRACTICES: [&str; 3] = ["load-test", "runbook", "backup-restore-test"];

fn one<'a, T>(of: &'a [T], rng: &mut Rng) -> &'a T {
    &of[rng.usize(..of.len())]
}

/// A check with parameters.
fn tuned(rng: &mut Rng) -> (&'static str, Value) {
    let n = rng.u32(1..9);
    let all = [
        ("too-few-replicas", json!({ "minimum": n })),
        ("memory-limit-ratio", json!({ "maxRatio": n })),
        ("grace-period-too-short", json!({ "marginSeconds": n * 10 })),
        ("probe-too-eager", json!({ "minGraceSeconds": n * 10 })),
        ("rollout-drops-capacity", json!({ "maxPercent": n * 10 })),
        ("hard-coded-configuration", json!({ "maxLiterals": n })),
        ("mutable-image-tag", json!({ "forbiddenTags": [one(&["latest", "1.0.0", "1.2"], rng)] })),
        ("missing-owner", json!({ "ownerKeys": [one(&["team", "app", "owner"], rng)] })),
        ("host-path-volume", json!({ "allowedPaths": [one(&["/", "/var", "/var/log"], rng)] })),
        (
            "unapproved-image-registry",
            json!({ "allowedRegistries": [one(&["docker.io", "a.example/b"], rng)] }),
        ),
        ("missing-recommended-labels", json!({ "requiredLabels": [one(&["app", "a|b"], rng)] })),
        ("namespace-without-pod-security", json!({ "level": one(&["baseline", "restricted"], rng) })),
    ];
    one(&all, rng).clone()
}

/// Labels that something in the inventory has, or nothing.
fn labels(inventory: &Inventory, of_namespaces: bool, rng: &mut Rng) -> Value {
    let subjects = inventory.subjects().into_iter();
    let wanted = |key: &SubjectKey| matches!(key, SubjectKey::Namespace(_)) == of_namespaces;
    let subjects: Vec<SubjectKey> = subjects.filter(wanted).collect();
    let own = (!subjects.is_empty()).then(|| meta_of(inventory, one(&subjects, rng))).flatten();
    let pair = own.and_then(|meta| meta.labels.iter().next());
    let (key, value) = pair.map_or(("env", "prod"), |(key, value)| (key.as_str(), value.as_str()));
    match rng.u8(..3) {
        0 => json!({ "matchLabels": { key: value } }),
        1 => json!({ "matchExpressions": [{ "key": key, "operator": "NotIn", "values": [value] }] }),
        _ => json!({}),
    }
}

/// A policy with whatever a policy can have.
fn policy(name: &str, inventory: &Inventory, rng: &mut Rng) -> Policy {
    let ids: Vec<&str> = CATALOGUE.iter().map(|check| check.id).collect();
    loop {
        let mut checks: Vec<Value> = Vec::new();
        for _ in 0..rng.usize(..12) {
            let (name, parameters) = match rng.u8(..3) {
                0 => (*one(&ids, rng), None),
                1 => {
                    checks.push(json!({ "name": one(&ids, rng), "state": "Disabled" }));
                    continue;
                }
                _ => {
                    let (name, parameters) = tuned(rng);
                    (name, Some(parameters))
                }
            };
            let mut setting = json!({ "name": name });
            if let Some(parameters) = parameters {
                setting["parameters"] = parameters;
            }
            if rng.bool() {
                setting["severity"] = json!(one(&SEVERITIES, rng));
            }
            checks.push(setting);
        }
        checks.sort_by_key(|check| check["name"].to_string());
        checks.dedup_by_key(|check| check["name"].to_string());
        let exemptions: Vec<Value> = (0..rng.usize(..3))
            .map(|n| {
                let names = if rng.bool() { vec!["*"] } else { vec![*one(&ids, rng), "too-few-replicas"] };
                let mut entry =
                    json!({ "name": format!("e{n}"), "checks": names, "reason": "chance has made it" });
                if rng.bool() {
                    entry["objectSelector"] = labels(inventory, false, rng);
                }
                entry
            })
            .collect();
        let mut custom = Vec::new();
        for name in ["own-a", "own-b"] {
            let kinds = if rng.u8(..4) == 0 { json!(["Namespace"]) } else { json!([]) };
            if rng.u8(..3) == 0 {
                custom.push(json!({ "name": name, "severity": one(&SEVERITIES, rng),
                    "expression": one(&EXPRESSIONS, rng), "appliesTo": { "kinds": kinds } }));
            }
        }
        let mut attestations = Vec::new();
        if rng.u8(..3) == 0 {
            attestations.push(json!({ "practice": one(&PRACTICES, rng), "maxAgeDays": rng.u32(1..400),
                "severity": one(&SEVERITIES, rng) }));
        }
        let mut bounds = json!({ "annotations": one(&["Allowed", "Denied"], rng),
            "approval": one(&["NotRequired", "NotRequired", "Required"], rng) });
        if rng.bool() {
            bounds["allowedChecks"] = json!([one(&ids, rng)]);
        }
        let mut covers =
            json!({ "namespaceSelector": labels(inventory, true, rng), "excludeNamespaces": [] });
        if rng.u8(..3) == 0 {
            covers["objectSelector"] = labels(inventory, false, rng);
        }
        let written = json!({ "metadata": { "name": name }, "spec": {
            "profile": { "level": one(&["None", "None", "Baseline", "Standard", "Strict"], rng) },
            "enforcement": one(&["Enforced", "Enforced", "Enforced", "Preview"], rng),
            "complianceThreshold": one(&SEVERITIES, rng), "match": covers, "checks": checks,
            "attestations": attestations, "customChecks": custom, "exemptions": exemptions, "exemptionPolicy": bounds } });
        let typed: ProductionPolicy = serde_json::from_value(written.clone()).unwrap();
        match resolve(&typed, &CATALOGUE) {
            Ok(policy) => return policy,
            // Nothing is asked for, or something is exempt that nothing can say.
            Err(errors) => assert!(checks.len() < 20, "{errors:?}: {written}"),
        }
    }
}

/// An inventory with some objects, policies over it with exemptions from them, and one more policy.
fn world(corpus: &[Vec<Value>], rng: &mut Rng) -> Option<(Inventory, PolicySet, Policy, Vec<Value>)> {
    let documents = one(corpus, rng).clone();
    let complete = rng.bool();
    let load = |options: &Options| {
        let text = documents.iter().map(Value::to_string).collect::<Vec<_>>().join("\n---\n");
        let source = Source { name: "input".to_owned(), text };
        manifest::load(vec![source], options).inventory
    };
    let first = load(&Options { complete, ..Options::default() });
    if first.subjects().is_empty() {
        return None;
    }
    let mut set = PolicySet::default();
    for name in ["b", "d"].iter().take(rng.usize(1..3)) {
        set.insert(policy(name, &first, rng));
    }
    for _ in 0..rng.u8(..3) {
        set.exemptions.insert(Arc::new(exemption(&first, rng)));
    }
    let name = *one(&["a", "c", "e"], rng);
    let added = policy(name, &first, rng);
    let mut keep = set.needs();
    keep.merge(&added.needs);
    Some((load(&Options { complete, keep, ..Options::default() }), set, added, documents))
}

fn bad(outcome: &&Outcome) -> bool {
    matches!(outcome.result, ResultWord::Fail | ResultWord::Unknown)
}

/// How many results of a subject were bad, and still are.
fn compare(
    inventory: &Inventory,
    key: &SubjectKey,
    before: &PolicySet,
    after: &PolicySet,
    said: &str,
) -> usize {
    let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
    let Some(was) = judge(inventory, before, key, now) else { return 0 };
    let is = judge(inventory, after, key, now).unwrap();
    // Each policy is judged by itself.
    for (policy, verdict) in was.policies.iter().zip(&was.evaluation.compliant) {
        let at = is.policies.iter().position(|other| other.name() == policy.name()).unwrap();
        assert_eq!(*verdict, is.evaluation.compliant[at], "{key:?} under {}: {said}", policy.name());
    }
    let fails = |verdicts: &[Truth]| verdicts.contains(&Truth::False);
    assert!(!fails(&was.evaluation.compliant) || fails(&is.evaluation.compliant), "{key:?}: {said}");
    for outcome in was.evaluation.outcomes.iter().filter(bad) {
        let mut same = is.evaluation.outcomes.iter().filter(bad).filter(|other| other.check == outcome.check);
        let holds = match outcome.result {
            ResultWord::Fail => same.any(|other| {
                other.result == ResultWord::Fail
                    && (&other.message, &other.container, &other.object, &other.field)
                        == (&outcome.message, &outcome.container, &outcome.object, &outcome.field)
                    && other.severity >= outcome.severity
                    && outcome.policies.iter().all(|policy| other.policies.contains(policy))
            }),
            // What one cannot tell may fail under another.
            _ => same.next().is_some(),
        };
        assert!(holds, "{key:?}, {outcome:?}: {:?}\n{said}", is.evaluation.outcomes);
    }
    was.evaluation.outcomes.iter().filter(bad).count()
}

#[test]
fn adding_a_policy_never_turns_a_failing_result_into_a_pass() {
    let (corpus, seed, totals) =
        (corpus(), seed(), |(a, b): (usize, usize), (c, d): (usize, usize)| (a + c, b + d));
    let (kept, previews) = (0..ADDITIONS)
        .into_par_iter()
        .filter_map(|number| {
            let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_033) + number as u64);
            let (inventory, before, added, documents) = world(&corpus, &mut rng)?;
            let (is_preview, mut after) = (!added.enforced, before.clone());
            let said =
                format!("SEED={seed}, number {number}: {added:?}\nbeside {before:?}\n{}", json!(documents));
            after.insert(added);
            let subjects = inventory.subjects();
            if is_preview {
                let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
                for key in &subjects {
                    let outcomes =
                        |set| judge(&inventory, set, key, now).map(|judged| judged.evaluation.outcomes);
                    assert_eq!(outcomes(&before), outcomes(&after), "{key:?}: {said}");
                }
            }
            let kept = subjects.iter().map(|key| compare(&inventory, key, &before, &after, &said)).sum();
            Some((kept, usize::from(is_preview)))
        })
        .reduce(|| (0, 0), totals);
    assert!(kept > 5 * ADDITIONS && previews > ADDITIONS / 8, "{kept} bad results, {previews} previews");
}
