//! Every check's page is its test: each example must get exactly the verdict and the messages that the page says.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use seaworthy::api::{ResultWord, Severity};
use seaworthy::checks::CATALOGUE;
use seaworthy::engine::{Check, Example, Expected, InForce, Ruleset, Sees, evaluate};
use seaworthy::manifest::{self, Options, Source};

/// What the check says of an example, over all subjects in it: the results and messages, failures first.
fn judge(check: &'static Check, example: &Example) -> Vec<(ResultWord, String)> {
    // A block is everything there is, except where it shows what an ordinary input leaves open.
    let complete = example.expected != Expected::Unknown;
    let source = Source { name: "page".to_owned(), text: example.yaml.clone() };
    let loaded = manifest::load(vec![source], &Options { complete, ..Options::default() });
    assert!(loaded.problems.is_empty(), "{}: {:?}", check.id, loaded.problems);
    // What only files can hold is judged as files are.
    let in_files = !complete || example.offline || check.sees == Sees::Manifest;
    let inventory = if in_files { loaded.inventory } else { loaded.inventory.into_live() };
    let params = check.rule.parse(&example.params).unwrap_or_else(|e| panic!("{}: {e}", check.id));
    let checks = vec![InForce { check, name: None, severity: None, params }];
    let ruleset = Ruleset { policy: "page".into(), threshold: Severity::High, checks };
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    let subjects = inventory.subjects();
    let evaluations = subjects.iter().filter_map(|key| evaluate(&inventory, key, &[&ruleset], now));
    let mut said: Vec<_> =
        evaluations.flat_map(|e| e.outcomes).map(|o| (o.result, o.message.into_owned())).collect();
    said.sort_by_key(|(result, _)| *result);
    said
}

fn expected_word(expected: Expected) -> ResultWord {
    match expected {
        Expected::Fails => ResultWord::Fail,
        Expected::Passes => ResultWord::Pass,
        Expected::NotApplicable => ResultWord::NotApplicable,
        Expected::Unknown => ResultWord::Unknown,
    }
}

#[test]
fn every_example_gets_the_verdict_that_its_page_says() {
    let mut wrong = Vec::new();
    for check in CATALOGUE.iter() {
        let page = check.page();
        assert!(page.problems.is_empty(), "{}: {:?}", check.id, page.problems);
        for (number, example) in page.examples.iter().enumerate() {
            let said = judge(check, example);
            let word = expected_word(example.expected);
            let mut messages: Vec<&str> =
                said.iter().filter(|(w, _)| *w == word).map(|(_, m)| m.as_str()).collect();
            let mut wanted: Vec<&str> = example.messages.iter().map(String::as_str).collect();
            messages.sort_unstable();
            messages.dedup();
            wanted.sort_unstable();
            let messages_fit = example.expected == Expected::Passes || messages == wanted;
            // Nothing worse than what the page says, and that at least once.
            let word_fits = said.first().is_some_and(|(worst, _)| *worst == word)
                || (example.expected == Expected::NotApplicable && said.iter().all(|(w, _)| *w == word));
            if !(messages_fit && word_fits) || said.is_empty() {
                wrong.push(format!(
                    "{} example {}: expected {word:?} {wanted:#?}\n  got {said:#?}",
                    check.id,
                    number + 1
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_page_has_a_failing_and_a_passing_example() {
    for check in CATALOGUE.iter() {
        let page = check.page();
        for expected in [Expected::Fails, Expected::Passes] {
            let found = page.examples.iter().any(|e| e.expected == expected);
            assert!(found, "{} has no example that {expected:?}", check.id);
        }
        assert!(page.text.starts_with(&format!("# {}\n", check.id)), "{}: the heading is the id", check.id);
        for heading in ["## Fails", "## Passes", "## How to fix it", "## When it does not matter"] {
            assert!(page.text.contains(heading), "{}: `{heading}` is missing", check.id);
        }
    }
}

#[test]
fn messages_have_no_double_quotes() {
    // They could not stand in an example's fence, and table cells and JSON read better without.
    for check in CATALOGUE.iter() {
        for message in check.page().examples.iter().flat_map(|e| &e.messages) {
            assert!(!message.contains('"') && message.len() <= 512, "{}: {message}", check.id);
        }
    }
}

#[test]
fn the_catalogue_holds_its_invariants() {
    let mut ids: Vec<&str> = CATALOGUE.iter().map(|c| c.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id stands twice");
    let mut last = None;
    for check in CATALOGUE.iter() {
        assert!(last <= Some(check.category), "{}: categories are not in order", check.id);
        last = Some(check.category);
        let fits = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(check.id.chars().all(fits) && check.id.len() <= 63, "{}", check.id);
        assert!(
            !check.title.ends_with('.') && !check.title.is_empty(),
            "{}: a title is no sentence",
            check.id
        );
        assert!(check.remediation.ends_with('.'), "{}: the remediation is a sentence", check.id);
        assert!(!check.sources.is_empty(), "{}: no source", check.id);
        check.rule.parse(&std::collections::BTreeMap::new()).unwrap();
        for name in check.rule.schema().keys() {
            assert!(
                check.page.contains(&format!("| `{name}` |")),
                "{}: parameter {name} is not on its page",
                check.id
            );
        }
    }
}
