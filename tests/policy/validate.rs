//! What is wrong with policies, each with its place and field.

use std::fs;
use std::path::Path;

use super::{SHOP, file, policy, replicas, run};

#[test]
fn validate_finds_in_every_bad_sample_what_the_api_server_refuses_and_in_no_good_one() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/tests/samples");
    let mut seen = 0;
    for folder in ["bad", "good"] {
        for entry in fs::read_dir(samples.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let ours = text.lines().any(|line| line == "kind: ProductionPolicy");
            let (code, out, err) = run(&["policy", "validate", path.to_str().unwrap()], "");
            // Of our other kinds only what cannot be read is said: it may have been a policy.
            let wanted: &[i32] = match (ours, folder) {
                (true, "bad") => &[2],
                (true, _) => &[0],
                (false, "bad") => &[2, 3],
                (false, _) => &[3],
            };
            assert!(wanted.contains(&code), "{}: {code} {out}{err}", path.display());
            seen += usize::from(ours);
        }
    }
    assert!(seen > 20, "{seen} samples");
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
            "<stdin>:7:70: spec.checks[0].parameters.minimun: ",
        ),
        (
            replicas(2).replace("namespaceSelector: {}", "namespaceSelector: {matchLabels: {-team: a}}"),
            "<stdin>:6:11: spec.match.namespaceSelector: has a key or a value that no label can have, so it selects nothing",
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
