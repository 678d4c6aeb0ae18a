//! Published profiles never change, and every name in them is a check.
//!
//! Not here: what a policy makes of a profile (`src/policy`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use std::collections::BTreeMap;

use seaworthy::api::Level;
use seaworthy::checks::CATALOGUE;
use seaworthy::data::{ProfileVersion, profile_versions};
use seaworthy::engine::Catalogue;
use seaworthy::policy::{BuiltIn, versions};
use serde_json::Value;

/// What was published: the version, how many checks Baseline, Standard and Strict have, and the FNV-1a hash of all of
/// it. A new version adds a line; no line ever changes, for somebody has pinned what it stands for.
const PUBLISHED: &[(&str, [usize; 3], u64)] = &[("v1.0", [45, 102, 137], 0xbb00_5174_44fe_241a)];

/// The hash over the sorted rows, each with the level where its check starts.
fn digest(version: &ProfileVersion) -> u64 {
    let mut rows: Vec<String> = version.rows().map(|(check, level)| format!("{check} {level}\n")).collect();
    rows.sort();
    rows.concat().bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[test]
fn a_published_version_never_changes() {
    for (name, counts, hash) in PUBLISHED {
        let version = profile_versions().iter().find(|version| version.name == *name);
        let version = version.unwrap_or_else(|| panic!("profile version {name} is gone: policies pin it"));
        let checks = |level| BuiltIn { level, version: name }.checks(&CATALOGUE).unwrap().len();
        let is = (Level::WITH_CHECKS.map(checks), digest(version));
        assert_eq!(
            is,
            (*counts, *hash),
            "profile {name} is published and has changed: put it back as it was, and make a new version with what is \
             new (CONTRIBUTING.md says how)"
        );
    }
    let known: Vec<&str> = versions().collect();
    let published: Vec<&str> = PUBLISHED.iter().map(|(name, ..)| *name).collect();
    assert_eq!(known, published, "a new version is held fast here as well");
}

#[test]
fn the_newest_version_is_what_the_checks_say() {
    let newest = profile_versions().last().unwrap();
    let written: BTreeMap<&str, &str> = newest.rows().collect();
    let in_profile = CATALOGUE.iter().filter(|check| check.profile != Level::None);
    let said: BTreeMap<&str, &str> = in_profile.map(|check| (check.id, check.profile.as_str())).collect();
    let differ: Vec<&str> =
        written.keys().chain(said.keys()).copied().filter(|id| written.get(id) != said.get(id)).collect();
    assert!(
        differ.is_empty(),
        "profile {} does not say what the checks {differ:?} say of themselves. It is published and stays as it is: make \
         a new version with them (CONTRIBUTING.md says how), or leave a check out of profiles with Level::None",
        newest.name
    );
}

#[test]
fn every_name_of_every_version_is_a_check_or_was_one() {
    for version in profile_versions() {
        for (check, level) in version.rows() {
            assert!(CATALOGUE.get(check).is_some(), "{}: {check} is gone; list what it became", version.name);
            assert!(Level::WITH_CHECKS.iter().any(|l| l.as_str() == level), "{}: {level}", version.name);
        }
    }
}

#[test]
fn a_name_that_a_check_had_before_still_means_it() {
    static OLD: &[(&str, &str)] = &[("few-replicas", "too-few-replicas")];
    let catalogue: Catalogue = CATALOGUE.with_renamed(OLD);
    let policy = |name: &str, twice: &str| {
        let json = serde_json::json!({ "metadata": { "name": "test" }, "spec": {
            "profile": { "level": "None" }, "match": { "namespaceSelector": {} },
            "checks": [{ "name": name, "parameters": { "minimum": 5 } }, { "name": twice }] } });
        seaworthy::policy::resolve(&serde_json::from_value(json).unwrap(), &catalogue)
    };
    let resolved = policy("few-replicas", "missing-cpu-request").unwrap();
    let ids: Vec<&str> = resolved.ruleset.checks.iter().map(|in_force| in_force.check.id).collect();
    assert_eq!(ids, ["missing-cpu-request", "too-few-replicas"]);
    let errors = policy("few-replicas", "too-few-replicas").unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "spec.checks[1].name: 'too-few-replicas' is set twice; keep one of the settings"
    );
    let errors = policy("no-such-check", "too-few-replicas").unwrap_err();
    assert!(errors[0].to_string().starts_with("spec.checks[0].name: there is no check 'no-such-check'"));
}

fn profiles(args: &[&str]) -> (i32, String, String) {
    support::run(&[&["profiles"], args].concat(), "")
}

#[test]
fn the_commands_list_show_and_compare() {
    let (code, list, _) = profiles(&["list"]);
    assert_eq!(code, 0);
    assert!(list.contains("Standard/v1.0") && list.contains("102 checks  latest"), "{list}");

    let (_, shown, _) = profiles(&["show", "baseline/v1.0"]);
    assert!(shown.contains("  bare-pod ") && !shown.contains("no-tracing"), "{shown}");
    let json: Value = serde_json::from_str(&profiles(&["show", "Strict", "-o", "json"]).1).unwrap();
    assert_eq!((&json["profile"], json["checks"].as_array().unwrap().len()), (&"Strict/v1.0".into(), 137));

    let (_, diff, _) = profiles(&["diff", "Standard", "Baseline"]);
    assert!(
        diff.contains("\n- ") && !diff.contains("\n+ ") && diff.contains("0 checks more, 57 fewer."),
        "{diff}"
    );
    let json: Value =
        serde_json::from_str(&profiles(&["diff", "baseline", "strict", "-o", "json"]).1).unwrap();
    let count = |member: &str| json[member].as_array().unwrap().len();
    assert_eq!((count("added"), count("removed")), (92, 0));

    let (code, _, error) = profiles(&["show", "Standard/v0.1"]);
    assert!(code == 2 && error.contains("there is no version 'v0.1'; use latest or one of v1.0"), "{error}");
}
