//! `docs/custom-checks.md`: its policies judge its manifests as it says, and in a cluster they are judged alike.
//!
//! A block `yaml policy` holds for the examples that follow it. Not its job: what expressions are worth (`cel`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use seaworthy::api::{ProductionPolicy, ResultWord};
use seaworthy::checks::CATALOGUE;
use seaworthy::engine::{Example, Expected, Page};
use seaworthy::manifest::{self, Options, Source};
use seaworthy::policy::{Policy, PolicySet, resolve};
use seaworthy::report::audit;

const PAGE: &str = include_str!("../docs/custom-checks.md");

fn sources(yaml: &str) -> Vec<Source> {
    vec![Source { name: "x.yaml".to_owned(), text: yaml.to_owned() }]
}

fn policy(yaml: &str) -> ProductionPolicy {
    let loaded = manifest::load(sources(yaml), &Options::default());
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    loaded.policies.into_iter().next().unwrap().1
}

fn resolved(yaml: &str) -> Policy {
    resolve(&policy(yaml), &CATALOGUE).unwrap_or_else(|errors| panic!("{errors:?}\n{yaml}"))
}

/// The page's examples, each with the policy that stands before it.
fn examples() -> Vec<(Policy, Example)> {
    let parts: Vec<&str> = PAGE.split("```yaml policy\n").skip(1).collect();
    let of_part = |part: &&str| {
        let (yaml, rest) = part.split_once("```\n").unwrap();
        let page = Page::parse(rest);
        assert!(page.problems.is_empty() && !page.examples.is_empty(), "{:?}", page.problems);
        let mut policy = resolved(yaml);
        policy.lists_passed = true;
        page.examples.into_iter().map(move |example| (policy.clone(), example)).collect::<Vec<_>>()
    };
    parts.iter().flat_map(of_part).collect()
}

/// What is said of the documents: each result's word and message.
fn judge(policy: &Policy, example: &Example, live: bool) -> Vec<(ResultWord, String)> {
    let options = Options { complete: true, keep: policy.needs.clone(), ..Options::default() };
    let loaded = manifest::load(sources(&example.yaml), &options);
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let inventory = if live { loaded.inventory.into_live() } else { loaded.inventory };
    let mut set = PolicySet::default();
    set.insert(policy.clone());
    let reports = audit(&inventory, &set, "2026-11-21T00:00:00Z".parse().unwrap());
    let results = reports.into_iter().flat_map(|(_, report)| report.results);
    results.map(|result| (result.result, result.message)).collect()
}

#[test]
fn the_examples_of_the_page_are_true() {
    let examples = examples();
    assert!(examples.len() >= 7, "only {} examples", examples.len());
    for (policy, example) in &examples {
        for live in [false, true] {
            let said = judge(policy, example, live);
            let word = match example.expected {
                Expected::Fails => ResultWord::Fail,
                Expected::Passes => ResultWord::Pass,
                Expected::NotApplicable => ResultWord::NotApplicable,
                Expected::Unknown => ResultWord::Unknown,
            };
            let message = example.messages.first().cloned().unwrap_or_default();
            // On a live inventory a namespace without its object has no reports: nothing is written into it.
            if !(live && said.is_empty() && !example.yaml.contains("kind: Namespace")) {
                assert_eq!(said, [(word, message)], "live: {live}\n{}", example.yaml);
            }
        }
    }
}

/// A policy with one custom check of these fields.
fn with(fields: &str) -> ProductionPolicy {
    policy(&format!(
        "apiVersion: seaworthy.dev/v1alpha1\nkind: ProductionPolicy\nmetadata: {{name: x}}\nspec:\n  profile: {{level: None}}\n  match: {{namespaceSelector: {{}}}}\n  customChecks:\n  - {{severity: High, {fields}}}\n"
    ))
}

#[test]
fn what_is_wrong_with_a_definition_is_said_with_its_field_and_place() {
    for (fields, said) in [
        (
            "name: a, expression: objct.spec == null",
            "spec.customChecks[0].expression: 1:1: there is no variable 'objct'; did you mean 'object'?",
        ),
        (
            "name: a, expression: \"true &&\\n  (1\"",
            "spec.customChecks[0].expression: 2:5: ')' is expected here, not the end",
        ),
        (
            "name: a, expression: size(object.spec)",
            "spec.customChecks[0].expression: 1:1: it gives a value of type int, and has to give one of type bool",
        ),
        (
            "name: a, expression: 'true', when: related.pods.size() > 0",
            "spec.customChecks[0].when: 1:1: there is no variable 'related.pods'; did you mean 'related.roles'?",
        ),
        (
            "name: a, expression: 'true', messageExpression: 1 + 1",
            "spec.customChecks[0].messageExpression: 1:1: it gives a value of type int, and has to give one of type string",
        ),
        (
            "name: too-few-replicas, expression: 'true'",
            "spec.customChecks[0].name: 'too-few-replicas' is the name of something else; give the check another",
        ),
        (
            "name: attestation-drill, expression: 'true'",
            "spec.customChecks[0].name: 'attestation-drill' is the name of something else; give the check another",
        ),
        (
            "name: A, expression: 'true'",
            "spec.customChecks[0].name: 'A' is no DNS label: lower-case letters, digits and '-', at most 63",
        ),
        (
            "name: a, expression: 'true', appliesTo: {kinds: [Deploymnt]}",
            "spec.customChecks[0].appliesTo.kinds[0]: `appliesTo.kinds` of custom checks must be among Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, CronJob, Job, Pod, Rollout, Namespace, and the kinds of `workloadKinds`; 'Deploymnt' is none of them; did you mean 'Deployment'?",
        ),
        (
            "name: a, expression: 'true'}, {severity: Low, name: a, expression: 'true'",
            "spec.customChecks[1].name: 'a' stands twice; give one of them another name",
        ),
    ] {
        let yaml = fields.replace("}, {", "}\n  - {");
        let errors = resolve(&with(&yaml), &CATALOGUE).unwrap_err();
        assert_eq!(errors.iter().map(ToString::to_string).collect::<Vec<_>>(), [said], "{fields}");
    }
}

#[test]
fn a_policy_needs_to_see_what_its_expressions_name_and_no_more() {
    use seaworthy::model::{Keep, Kind};
    let needs = |fields: &str| resolve(&with(fields), &CATALOGUE).unwrap().needs;
    assert!(needs("name: a, expression: 'true'").is_empty());
    let workloads = needs("name: a, expression: object.kind == 'Pod'");
    assert_eq!(
        [Kind::Deployment, Kind::Service].map(|kind| workloads.of(kind)),
        [Keep::Desired, Keep::Nothing]
    );
    let some = needs("name: a, expression: has(object.status), appliesTo: {kinds: [DaemonSet]}");
    assert_eq!([Kind::Deployment, Kind::DaemonSet].map(|kind| some.of(kind)), [Keep::Nothing, Keep::All]);
    let others = needs("name: a, when: has(namespaceObject.metadata), expression: related.roles.size() > 0");
    assert_eq!(
        [Kind::Namespace, Kind::Role, Kind::Deployment].map(|kind| others.of(kind)),
        [Keep::Desired, Keep::Desired, Keep::Nothing]
    );
}

#[test]
fn two_definitions_of_one_name_are_two_runs_and_the_worse_shows() {
    let (mut set, mut needs) = (PolicySet::default(), seaworthy::model::Needs::default());
    for (name, expression) in [("a", "'true'"), ("b", "object.kind == 'Pod'"), ("c", "'true'")] {
        let mut policy = with(&format!("name: same, title: be a pod, expression: {expression}"));
        policy.metadata.name = name.to_owned();
        let policy = resolve(&policy, &CATALOGUE).unwrap();
        needs.merge(&policy.needs);
        set.insert(policy);
    }
    let yaml = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {template: {spec: {containers: [{name: a}]}}}\n";
    let loaded = manifest::load(sources(yaml), &Options { keep: needs, ..Options::default() });
    let reports = audit(&loaded.inventory, &set, "2026-11-21T00:00:00Z".parse().unwrap());
    let [(_, report)] = reports.as_slice() else { panic!("one report, not {}", reports.len()) };
    assert_eq!((report.summary.fail, report.summary.pass), (1, 0));
    assert_eq!(report.results[0].message, "this is not met: be a pod");
    assert_eq!(report.results[0].policies, ["b"]);
}

#[test]
fn a_message_that_cannot_be_worded_fails_all_the_same() {
    let fields = "name: a, expression: object.kind == 'Pod', message: no pod, messageExpression: \"'' + object.metadata.foo\"";
    let policy = resolve(&with(fields), &CATALOGUE).unwrap();
    let yaml = "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: api}\nspec: {template: {spec: {containers: [{name: a}]}}}\n";
    let example = Example {
        expected: Expected::Fails,
        offline: true,
        params: std::collections::BTreeMap::new(),
        messages: Vec::new(),
        yaml: yaml.to_owned(),
    };
    let said = judge(&policy, &example, false);
    let message = "no pod ('messageExpression' cannot be evaluated: 1:22: there is no key 'foo'; has() or .? asks whether there is one)";
    assert_eq!(said, [(ResultWord::Fail, message.to_owned())]);
}
