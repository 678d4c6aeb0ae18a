//! Every item of the published checklists is answered by checks or practices that exist, and no source is made up.
//!
//! Not here: what the answers are (`report::checklists`), or whether the checks are right (`tests/pages.rs`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod support;

use std::collections::BTreeSet;

use seaworthy::checks::CATALOGUE;
use seaworthy::data::{checklist_items, practices};

#[test]
fn every_item_is_answered() {
    assert_eq!(checklist_items().count(), 141);
    let by_checks = CATALOGUE.iter().flat_map(|check| check.sources.iter().copied());
    let practices: Vec<_> = practices().collect();
    let by_practices = practices.iter().flat_map(|practice| practice.items.iter().copied());
    let answered: BTreeSet<&str> = by_checks.chain(by_practices).collect();
    let items: BTreeSet<&str> = checklist_items().map(|item| item.id).collect();
    let open: Vec<&str> = items.difference(&answered).copied().collect();
    assert!(open.is_empty(), "nothing answers {open:?}");
    let unknown: Vec<&str> = answered.difference(&items).copied().filter(|id| id.contains('-')).collect();
    assert!(unknown.is_empty(), "no checklist has these items: {unknown:?}");
}

fn checklists(args: &[&str]) -> String {
    let (code, out, err) = support::run(&[&["checklists"], args].concat(), "");
    assert_eq!(code, 0, "{args:?}: {err}");
    out
}

#[test]
fn the_list_shows_how_each_item_stands() {
    let plain = checklists(&["haptik"]);
    assert!(plain.contains("HA-08") && plain.contains("missing-readiness-probe"), "{plain}");
    assert!(!plain.contains("ST-") && !plain.contains("not asked for"), "{plain}");
    let audited = checklists(&["restrepo", "-f", "examples/shop"]);
    let line = audited.lines().find(|line| line.contains("RE-23")).unwrap();
    assert!(line.contains("fail") && line.contains("too-few-replicas ("), "{line}");
    let json: serde_json::Value =
        serde_json::from_str(&checklists(&["-o", "json", "-f", "examples/shop"])).unwrap();
    let items = json.as_array().unwrap();
    assert_eq!(items.len(), 141);
    let attested = items.iter().find(|item| item.get("id").unwrap() == "RE-26").unwrap();
    assert_eq!(attested.get("state").unwrap(), "NotAskedFor");
    let practice = serde_json::json!({"name": "structured-logging", "state": "NotAskedFor", "failing": 0});
    assert_eq!(attested.get("practices").unwrap(), &serde_json::json!([practice]));
}
