//! Label selectors against `metav1.LabelSelectorAsSelector`, which is what controllers select with.
//!
//! Not here: Services' selectors, which are plain pairs.

use fastrand::Rng;
use seaworthy::model::{Labels, Selector};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{chance, compare, one};

const PAIRS: usize = 100_000;

#[derive(Deserialize)]
struct Said {
    matches: bool,
    #[serde(default)]
    invalid: String,
}

const KEYS: &[&str] = &["app", "tier", "example.com/app", "A_b.c-d"];
const VALUES: &[&str] = &["", "a", "b", "A", "1"];
/// What the API takes for no key.
const BAD_KEYS: &[&str] = &["", "a b", "-a", "a/", "/a", "a/b/c", "A.com/a", "ä", "a-", TOO_LONG];
/// What the API takes for no value.
const BAD_VALUES: &[&str] = &["a b", "-a", "a-", "a/b", "ä", ".", TOO_LONG];
const TOO_LONG: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// One of the good, or seldom one of the bad.
fn pick<'a>(rng: &mut Rng, good: &[&'a str], bad: &[&'a str]) -> &'a str {
    if rng.u8(..60) == 0 { one(rng, bad) } else { one(rng, good) }
}

fn requirement(rng: &mut Rng) -> Value {
    let operator = pick(rng, &["In", "NotIn", "Exists", "DoesNotExist"], &["in", "Equals", "", "Gt"]);
    let fitting = matches!(operator, "Exists" | "DoesNotExist") ^ (rng.u8(..20) == 0);
    let values: Vec<&str> = if fitting {
        Vec::new()
    } else {
        (0..rng.usize(1..4)).map(|_| pick(rng, VALUES, BAD_VALUES)).collect()
    };
    let mut requirement = json!({"key": pick(rng, KEYS, BAD_KEYS), "operator": operator});
    if !values.is_empty() || rng.bool() {
        requirement["values"] = json!(values);
    }
    requirement
}

fn question(rng: &mut Rng) -> Value {
    let mut selector = Map::new();
    if rng.bool() {
        let pairs: Map<String, Value> = (0..rng.usize(..3))
            .map(|_| (pick(rng, KEYS, BAD_KEYS).to_owned(), json!(pick(rng, VALUES, BAD_VALUES))))
            .collect();
        selector.insert("matchLabels".to_owned(), json!(pairs));
    }
    if rng.u8(..3) > 0 {
        let requirements: Vec<Value> = (0..rng.usize(..3)).map(|_| requirement(rng)).collect();
        selector.insert("matchExpressions".to_owned(), json!(requirements));
    }
    let labels: Map<String, Value> =
        (0..rng.usize(..4)).map(|_| (one(rng, KEYS).to_owned(), json!(one(rng, VALUES)))).collect();
    json!({"ask": "selector", "selector": selector, "labels": labels})
}

#[test]
fn selectors_select_what_kubernetes_selects() {
    let mut rng = chance("selector");
    let (mut matching, mut invalid) = (0, 0);
    compare(
        PAIRS,
        || question(&mut rng),
        |question, said: Said| {
            matching += usize::from(said.matches);
            invalid += usize::from(!said.invalid.is_empty());
            let labels: Labels = serde_json::from_value(question["labels"].clone()).unwrap();
            // A selector that cannot be read makes its whole object unreadable, which selects nothing either.
            let selector = serde_json::from_value::<Selector>(question["selector"].clone());
            let matches = selector.as_ref().is_ok_and(|selector| selector.matches(&labels));
            let is_invalid = selector.as_ref().map_or(true, Selector::is_invalid);
            let agree = (matches, is_invalid) == (said.matches, !said.invalid.is_empty());
            (!agree).then(|| {
                let Said { matches: theirs, invalid } = &said;
                format!(
                    "{question}\n  Kubernetes: {theirs} {invalid:?}; ours: {matches}, invalid {is_invalid}"
                )
            })
        },
    );
    println!("{PAIRS} pairs: {matching} match, {invalid} selectors are invalid");
    assert!(matching > PAIRS / 10 && invalid > PAIRS / 20);
}
