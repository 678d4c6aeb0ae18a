//! What is wrong with policies, each with its place and field.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{SHOP, file, policy, replicas, run};

/// The rules of all our definitions: their messages.
fn messages_of_rules() -> BTreeSet<String> {
    let mut messages = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crds")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let crd: Value = serde_saphyr::from_str(&text).unwrap();
        collect(&crd, &mut messages);
    }
    messages
}

fn collect(schema: &Value, messages: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            let rules = members.get("x-kubernetes-validations").and_then(Value::as_array);
            messages
                .extend(rules.into_iter().flatten().map(|rule| rule["message"].as_str().unwrap().to_owned()));
            members.values().for_each(|member| collect(member, messages));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, messages)),
        _ => {}
    }
}

/// What the API server answers to each bad sample stands in its first line, and `e2e/tests/live/api.rs` holds that.
#[test]
fn validate_finds_in_every_bad_sample_what_the_api_server_refuses_and_in_no_good_one() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/tests/samples");
    let messages = messages_of_rules();
    let mut unseen = messages.clone();
    assert!(unseen.len() > 30, "{unseen:?}");
    for folder in ["bad", "good"] {
        for entry in fs::read_dir(samples.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let (code, out, err) =
                run(&["policy", "validate", "--now", "2026-01-01T00:00:00Z", path.to_str().unwrap()], "");
            let wanted = if folder == "bad" { 2 } else { 0 };
            assert_eq!(code, wanted, "{}: {out}{err}", path.display());
            // Where it is a rule in CEL that refuses it, it is the same words.
            let first = text.lines().next().unwrap();
            let refused = first.strip_prefix("# refused: ").unwrap_or_default();
            if let Some(message) = messages.iter().find(|message| refused.contains(*message)) {
                assert!(err.contains(message), "{}: {message}\n{err}", path.display());
                unseen.remove(message);
            }
        }
    }
    // Of the rules about whose parameter is whose there is a sample of one.
    unseen.retain(|message| !message.starts_with("`parameters."));
    assert_eq!(unseen, BTreeSet::new(), "rules that no bad sample breaks");
}

#[test]
fn validate_says_everything_at_once_each_with_its_place_and_field() {
    let text = format!(
        "{}---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: other}}\ndata: {{replicas: many}}\n---\n{}",
        policy(
            "wrong",
            "  enforcment: Preview
  complianceThreshold: high
  match: {namespaceSelector: {matchLabels: {-team: shop}}}
  checks:
  - {name: too-few-replica}
  - {name: too-few-replicas, state: Disabled, parameters: {minimum: 3}}
  - {name: too-few-replicas}
",
        ),
        replicas(2).replace("name: replicas", "name: wrong").replace("minimum: 2", "minimum: 0"),
    );
    let path = file("validate/wrong.yaml", &text);
    let (code, out, err) = run(&["policy", "validate", &path], "");
    assert_eq!((code, out.as_str()), (2, ""));
    let said: Vec<&str> =
        err.lines().map(|line| line.split_once("wrong.yaml:").map_or(line, |(_, rest)| rest)).collect();
    assert_eq!(
        said,
        [
            "6:3: spec.enforcment: there is no such field; did you mean 'enforcement'?",
            "7:3: spec.complianceThreshold: must be one of Info, Low, Medium, High, Critical, and is 'high'; did you mean 'High'?",
            "10:6: spec.checks[0].name: must be one of 140 words, and is 'too-few-replica'; did you mean 'too-few-replicas'?",
            "11:47: spec.checks[1].parameters: `parameters` may not be specified when `state` is 'Disabled'",
            "12:6: spec.checks[2].name: 'too-few-replicas' is in the list twice; keep one of the entries",
            &format!(
                "21:12: metadata.name: a ProductionPolicy 'wrong' is at {path}:3:12 already; one would take the place of the other"
            ),
            "25:70: spec.checks[0].parameters.minimum: must be at least 1, and is 0",
            "error: 7 problems were found",
        ],
        "{err}"
    );
}

#[test]
fn validate_knows_what_only_the_meaning_tells() {
    let validate = |text: &str| run(&["policy", "validate", "-"], text);
    let (code, out, err) = validate(&format!("{SHOP}---\n{}", replicas(2)));
    assert_eq!((code, out.as_str(), err.as_str()), (0, "1 policy is right\n", ""));
    assert_eq!(validate(SHOP).0, 3);
    assert_eq!(run(&["policy", "validate", "/no/such/file"], "").0, 2);
    for (text, wanted) in [
        (
            replicas(2).replace("too-few-replicas", "too-few-replica"),
            "<stdin>:7:13: spec.checks[0].name: there is no check 'too-few-replica'; did you mean 'too-few-replicas'?",
        ),
        (
            replicas(2).replace("minimum: 2", "minimun: 2"),
            "<stdin>:7:70: spec.checks[0].parameters.minimun: there is no such field; did you mean 'minimum'?",
        ),
        (
            replicas(2).replace("minimum: 2", "minimum: two"),
            "<stdin>:7:70: spec.checks[0].parameters.minimum: must be an integer, and is a string",
        ),
        (
            replicas(2).replace("kind: ProductionPolicy", "kind: ProductionPolici"),
            "<stdin>:2:1: there is no kind 'ProductionPolici' in seaworthy.dev; did you mean 'ProductionPolicy'?",
        ),
        (
            replicas(2).replace("namespaceSelector: {}", "namespaceSelector: {matchLabels: {-team: a}}"),
            "<stdin>:6:11: spec.match.namespaceSelector: has a key or a value that no label can have, so it selects nothing",
        ),
        (
            format!(
                "{}  exemptions: [{{name: a, checks: [host-port], reason: We have our reasons}}]\n",
                replicas(2)
            ),
            "spec.exemptions[0].checks[0]: the policy does not ask for 'host-port', so there is nothing to exempt",
        ),
        (
            format!(
                "{}  exemptions: [{{name: a, checks: ['*'], reason: We have our reasons, objectSelector: {{matchLabels: {{-a: b}}}}}}]\n",
                replicas(2)
            ),
            "spec.exemptions[0].objectSelector: has a key or a value that no label can have, so it selects nothing",
        ),
        (
            replicas(2).replace("  profile: {level: None}", "  profile: {level: None, version: v9.9}"),
            "<stdin>:5:26: spec.profile.version: there is no version 'v9.9'",
        ),
        (
            replicas(2).replace("seaworthy.dev/v1alpha1", "seaworthy.dev/v1"),
            "<stdin>:1:1: apiVersion: must be seaworthy.dev/v1alpha1, and is 'seaworthy.dev/v1'",
        ),
        (
            replicas(2).replace("{name: replicas}", "{name: Replicas_}"),
            "<stdin>:3:12: metadata.name: 'Replicas_' must be lower case letters",
        ),
        (replicas(2).replace("metadata:", "metadata: ["), "not valid YAML"),
        (replicas(2).replace("apiVersion: seaworthy.dev/v1alpha1\n", ""), "`apiVersion` is missing"),
    ] {
        let (code, out, err) = validate(&text);
        assert!(code == 2 && out.is_empty() && err.contains(wanted), "{wanted}\n{err}");
    }
}

/// A policy that asks for replicas and for quotas of namespaces, and has these exemptions.
fn exempting(entries: &str) -> String {
    let rest = "  match:
    namespaceSelector: {matchLabels: {env: prod}}
    objectSelector: {matchExpressions: [{key: tier, operator: In, values: [front, back]}]}
    excludeNamespaces: [kube-system]
  checks: [{name: too-few-replicas}, {name: namespace-without-resource-quota}]
  exemptions:
";
    policy("p", &format!("{rest}{entries}"))
}

/// An exemption from a check, in a policy.
fn entry(name: &str, check: &str, more: &str) -> String {
    format!("  - {{name: {name}, reason: We have our reasons, checks: [{check}], {more}}}\n")
}

/// Validates at the beginning of 2027; gives what is said, without the number of problems at its end.
fn said(text: &str) -> Vec<String> {
    let (code, _, err) = run(&["policy", "validate", "-", "--now", "2027-01-01T00:00:00Z"], text);
    let lines = err.lines().filter(|line| !line.starts_with("error: "));
    let said: Vec<String> = lines.map(|line| line.replace("<stdin>:", "")).collect();
    assert_eq!(code, if said.is_empty() { 0 } else { 2 }, "{err}");
    said
}

#[test]
fn validate_finds_no_fault_with_exemptions_that_may_apply() {
    let replicas = |name: &str, more: &str| entry(name, "too-few-replicas", more);
    for fine in [
        replicas("a", ""),
        replicas("a", "expirationTime: '2027-01-01T00:00:01Z'"),
        replicas("a", "namespaceSelector: {matchLabels: {team: a}}"),
        replicas("a", "namespaceSelector: {matchExpressions: [{key: env, operator: NotIn, values: [test]}]}"),
        replicas("a", "objectSelector: {matchLabels: {tier: back}}"),
        replicas("a", "objectSelector: {matchLabels: {tier: back}}")
            + &replicas("b", "objectSelector: {matchLabels: {tier: front}}"),
        // The narrower one lasts longer.
        replicas("a", "expirationTime: '2027-02-01T00:00:00Z'")
            + &replicas(
                "b",
                "expirationTime: '2027-03-01T00:00:00Z', namespaceSelector: {matchLabels: {team: a}}",
            ),
        // The one is for workloads only.
        entry("a", "'*'", "objectSelector: {matchLabels: {tier: back}}")
            + &entry("b", "namespace-without-resource-quota", ""),
    ] {
        assert_eq!(said(&exempting(&fine)), [] as [&str; 0], "{fine}");
    }
}

#[test]
fn validate_finds_exemptions_that_can_never_apply() {
    let (check, quota) = ("too-few-replicas", "namespace-without-resource-quota");
    let same = "exempts all that this does, and for as long; one of them is enough";
    for (entries, wanted) in [
        (
            entry("a", "too-few-replicas, host-port", ""),
            "12:71: spec.exemptions[0].checks[1]: the policy does not ask for 'host-port', so there is nothing to exempt".to_owned(),
        ),
        (
            entry("a", check, "expirationTime: '2027-01-01T00:00:00Z'"),
            "12:72: spec.exemptions[0].expirationTime: the exemption ended at 2027-01-01T00:00:00Z; take it out, or set a later end".to_owned(),
        ),
        (
            entry("a", check, "namespaceSelector: {matchLabels: {env: test}}"),
            "12:72: spec.exemptions[0].namespaceSelector: selects no namespace that the policy covers (spec.match)".to_owned(),
        ),
        (
            entry("a", check, "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}"),
            "12:72: spec.exemptions[0].namespaceSelector: selects no namespace that the policy covers (spec.match)".to_owned(),
        ),
        (
            entry("a", check, "objectSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}"),
            "12:72: spec.exemptions[0].objectSelector: selects no workload that the policy covers (spec.match)".to_owned(),
        ),
        (
            entry("a", quota, "objectSelector: {matchLabels: {tier: back}}"),
            "12:88: spec.exemptions[0].objectSelector: selects workloads, and its checks judge namespaces only, so it exempts nothing".to_owned(),
        ),
        (
            entry("a", check, "objectSelector: {matchLabels: {tier: back}}") + &entry("b", check, ""),
            format!("12:5: spec.exemptions[0]: ProductionPolicy/p/b {same}"),
        ),
        (
            entry("a", check, "") + &entry("b", check, ""),
            format!("13:5: spec.exemptions[1]: ProductionPolicy/p/a {same}"),
        ),
        (
            entry("a", "'*'", "") + &entry("b", check, "expirationTime: '2027-03-01T00:00:00Z'"),
            format!("13:5: spec.exemptions[1]: ProductionPolicy/p/a {same}"),
        ),
    ] {
        assert_eq!(said(&exempting(&entries)), [wanted]);
    }
    // What is narrowed further is not said as well.
    let nowhere = exempting(&entry("a", check, "namespaceSelector: {matchLabels: {env: test}}"))
        .replace("{matchLabels: {env: prod}}", "{matchLabels: {kubernetes.io/metadata.name: kube-system}}");
    let wanted = "7:5: spec.match.namespaceSelector: asks for labels that no namespace but those of excludeNamespaces can have, so it selects nothing";
    assert_eq!(said(&nowhere), [wanted]);
}

#[test]
fn validate_holds_exemptions_against_the_policies_beside_them() {
    let exemption = |more: &str| {
        format!(
            "apiVersion: seaworthy.dev/v1alpha1
kind: ComplianceExemption
metadata: {{name: e, namespace: shop}}
spec: {{reason: We have our reasons, {more}}}
"
        )
    };
    let beside = |texts: &[&str]| said(&texts.join("---\n"));
    let bounds = "  exemptionPolicy: {allowedChecks: [too-few-replicas], maxDurationDays: 30}\n";
    let bounded = replicas(2) + bounds;
    let good = exemption("checks: [too-few-replicas], expirationTime: '2027-01-20T00:00:00Z'");
    let fine: [&str; 0] = [];
    assert_eq!(beside(&[&good, &bounded]), fine);
    // Nobody knows which policies there are: a name of no check may be a custom check's.
    assert_eq!(beside(&[&exemption("checks: [our-own]")]), fine);
    // A policy that does not cover the namespace says nothing of it.
    let elsewhere =
        bounded.replace("{namespaceSelector: {}}", "{namespaceSelector: {}, excludeNamespaces: [shop]}");
    assert_eq!(beside(&[&exemption("checks: [host-port]"), &elsewhere]), fine);
    // One policy that permits it is enough.
    let permitting = replicas(3).replace("name: replicas}", "name: more}");
    assert_eq!(beside(&[&exemption("checks: [too-few-replicas]"), &bounded, &permitting]), fine);
    for (more, wanted) in [
        (
            "checks: [to-few-replicas]",
            "4:46: spec.checks[0]: there is no check 'to-few-replicas'; did you mean 'too-few-replicas'?",
        ),
        (
            "checks: [our-own]",
            "4:46: spec.checks[0]: there is no check 'our-own'; `seaworthy checks list` shows them all",
        ),
        (
            "checks: [host-port]",
            "4:37: spec.checks: no policy beside it asks for what it is for, so it exempts nothing",
        ),
        (
            "checks: [too-few-replicas]",
            "4:1: spec: it can exempt nothing: policy 'replicas' wants an end within 30 days; set an end that is no further ahead",
        ),
        (
            "checks: [too-few-replicas], expirationTime: '2027-02-01T00:00:00Z'",
            "4:65: spec.expirationTime: it can exempt nothing: it runs longer than the 30 days that policy 'replicas' allows; set an end that is no further ahead",
        ),
        (
            "checks: [too-few-replicas], expirationTime: '2026-02-01T00:00:00Z'",
            "4:65: spec.expirationTime: the exemption ended at 2026-02-01T00:00:00Z; take it out, or set a later end",
        ),
        (
            "checks: [too-few-replicas], targetRef: {apiGroup: '', kind: Namespace, name: other}",
            "4:108: spec.targetRef.name: 'other' is not the namespace of the exemption, which is 'shop'",
        ),
    ] {
        assert_eq!(beside(&[&exemption(more), &bounded]), [wanted]);
    }
    let narrow = bounded.replace("[too-few-replicas]", "[]");
    let wanted = "4:37: spec.checks: it can exempt nothing: policy 'replicas' lets nobody exempt 'too-few-replicas' (exemptionPolicy.allowedChecks)";
    assert_eq!(beside(&[&exemption("checks: ['*']"), &narrow]), [wanted]);
}
