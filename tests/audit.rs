//! `seaworthy audit` as a person and a pipeline use it: the program itself, with files and standard input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use support::run;

const BAD: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: bad, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: bad}}
  template:
    metadata: {labels: {app: bad}}
    spec:
      containers:
      - name: bad
        image: shop/bad:latest
";

const ONLY_REPLICAS: &str = "apiVersion: seaworthy.dev/v1alpha1
kind: ProductionPolicy
metadata: {name: replicas}
spec:
  profile: {level: None}
  match: {namespaceSelector: {}}
  checks: [{name: too-few-replicas, parameters: {minimum: 3}}]
";

fn good() -> String {
    BAD.replace("bad", "good").replace("replicas: 1", "replicas: 3").replace(":latest", ":1.0.0")
}

fn audit(stdin: &str, more: &[&str]) -> (i32, String, String) {
    let args: Vec<&str> = ["audit", "-"].iter().chain(more).copied().collect();
    run(&args, stdin)
}

fn reports(json: &str) -> Vec<Value> {
    let list: Value = serde_json::from_str(json).unwrap();
    assert_eq!(list["kind"], "ComplianceReportList");
    list["items"].as_array().unwrap().clone()
}

fn names(json: &str) -> Vec<String> {
    reports(json).iter().map(|r| r["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("audit").join(name);
    let _ = fs::remove_dir_all(&folder);
    for (file, text) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn exit_codes_say_how_it_ended() {
    let with_policy = |workload: &str| format!("{ONLY_REPLICAS}---\n{workload}");
    assert_eq!(audit(&with_policy(&good()), &[]).0, 0);
    assert_eq!(audit(&with_policy(BAD), &[]).0, 1);
    assert_eq!(audit("", &["--policy", "/no/such/file"]).0, 2);
    assert_eq!(run(&["audit", "/no/such/path"], "").0, 2);
    assert_eq!(run(&["audit"], "").0, 2);
    assert_eq!(audit("# nothing but a comment\n---\n", &[]).0, 3);
    assert_eq!(audit("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", &[]).0, 3);
}

#[test]
fn the_bar_can_be_moved() {
    let input = format!("{ONLY_REPLICAS}  complianceThreshold: Critical\n---\n{BAD}");
    assert_eq!(audit(&input, &["--fail-on", "critical"]).0, 1);
    assert_eq!(audit(&input, &["--fail-on", "Never"]).0, 0);
    let low = input.replace("{minimum: 3}}", "{minimum: 3}, severity: Low}");
    assert_eq!(audit(&low, &[]).0, 0);
    assert_eq!(audit(&low, &["--fail-on", "low"]).0, 1);
    assert_eq!(audit(&low, &["--fail-on", "medium"]).0, 0);
    assert_eq!(audit(&low, &["--fail-on", "terrible"]).0, 2);
}

#[test]
fn reads_many_documents_json_lists_and_empty_helm_documents() {
    let json: Value = serde_json::json!({
        "apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "in-a-list", "annotations": null},
             "spec": {"replicas": 3}},
        ],
    });
    let input = format!("---\n# Source: a.yaml\n---\n{}\n---\n{}---\n---\n{json}\n---\n", good(), BAD);
    let (code, out, err) = audit(&input, &["-o", "json", "--fail-on", "never"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(names(&out), ["deployment-in-a-list", "deployment-bad", "deployment-good"]);
    let (_, out, _) = audit(&json.to_string(), &["-o", "json", "--namespace", "shop"]);
    assert_eq!(reports(&out)[0]["metadata"]["namespace"], "shop");
}

#[test]
fn a_broken_file_takes_no_other_with_it() {
    let broken = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: [broken\nspec: {}\n";
    let wrong_type = BAD.replace("replicas: 1", "replicas: many").replace("name: bad, ", "name: wrong, ");
    let many = format!("{}---\n{broken}---\n{}", good(), BAD);
    let folder = folder(
        "broken",
        &[
            ("a/many.yaml", &many),
            ("b.yml", &wrong_type),
            ("values.yaml", "replicas: 3\n"),
            ("notes.txt", "{{"),
        ],
    );
    let (code, out, err) = run(&["audit", folder.to_str().unwrap(), "-o", "json"], "");
    assert_eq!(code, 1);
    assert_eq!(names(&out), ["deployment-bad", "deployment-good", "deployment-wrong"]);
    let lines: Vec<&str> = err.lines().collect();
    assert_eq!(lines.len(), 2, "{err}");
    assert!(lines[0].contains("a/many.yaml:18:") && lines[0].contains("not valid YAML"), "{err}");
    assert!(lines[1].contains("b.yml:5:3: Deployment 'wrong' cannot be read: spec.replicas:"), "{err}");
    let wrong = reports(&out).pop().unwrap();
    assert_eq!(wrong["compliant"], "False");
    assert_eq!(wrong["results"][0]["result"], "Fail");
    assert_eq!(wrong["results"][0]["check"], "invalid-object");
}

#[test]
fn manifests_are_for_a_version_of_kubernetes() {
    let policy = ONLY_REPLICAS
        .replace("{name: too-few-replicas, parameters: {minimum: 3}}", "{name: removed-api-version}");
    let input = format!("{policy}---\n{}", BAD.replace("apps/v1", "extensions/v1beta1"));
    let (code, out, _) = audit(&input, &[]);
    assert_eq!(code, 1);
    assert!(out.contains("1.16: 1.36 refuses") && out.contains("<stdin>:9:1"), "{out}");
    let (code, out, _) = audit(&input, &["--kubernetes-version", "1.15"]);
    assert_eq!((code, out.contains("deprecated since Kubernetes")), (0, true), "{out}");
    assert_eq!(audit(&input, &["--kubernetes-version", "new"]).0, 2);
}

#[test]
fn what_is_no_object_is_said_with_its_place() {
    let (code, _, err) =
        audit("kind: Deployment\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nspec: {}\n", &[]);
    assert_eq!(code, 1);
    assert!(err.contains("<stdin>:1:1: `apiVersion` is missing"), "{err}");
    assert!(err.contains("<stdin>:4:1: `metadata.name` is missing"), "{err}");
}

#[test]
fn policies_of_the_input_and_of_the_flag_apply() {
    let (_, out, _) = audit(BAD, &["-o", "json"]);
    assert_eq!(reports(&out)[0]["policies"][0]["name"], "standard");
    let folder = folder("policy", &[("policy.yaml", ONLY_REPLICAS), ("bad.yaml", BAD)]);
    let file = folder.join("policy.yaml");
    for args in [
        vec!["audit", folder.to_str().unwrap(), "-o", "json"],
        vec!["audit", "-", "-o", "json", "--policy", file.to_str().unwrap()],
    ] {
        let (code, out, _) = run(&args, BAD);
        let report = &reports(&out)[0];
        assert_eq!((code, &report["policies"][0]["name"]), (1, &Value::from("replicas")));
        assert_eq!(report["summary"]["fail"], 1);
        let message = report["results"][0]["message"].as_str().unwrap();
        assert!(message.contains("at least 3"), "{message}");
    }
}

#[test]
fn a_policy_that_makes_no_sense_is_an_error_with_its_place() {
    let wrong = ONLY_REPLICAS.replace("too-few-replicas", "too-few-replica");
    let (code, out, err) = audit(&format!("{wrong}---\n{BAD}"), &[]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("<stdin>:3: spec.checks[0].name: there is no check 'too-few-replica'"), "{err}");
    assert!(err.contains("did you mean 'too-few-replicas'?"), "{err}");
    let typo = ONLY_REPLICAS.replace("minimum: 3", "minimun: 3");
    let (code, _, err) = audit(&format!("{typo}---\n{BAD}"), &[]);
    assert!(code == 2 && err.contains("minimun"), "{err}");
}

#[test]
fn every_result_is_listed_on_request() {
    let (_, short, _) = audit(BAD, &["-o", "json"]);
    let (_, full, _) = audit(BAD, &["-o", "json", "--show-passed"]);
    let listed = |json: &str| reports(json)[0]["results"].as_array().unwrap().len();
    let summary = reports(&full)[0]["summary"].clone();
    let count = |word: &str| usize::try_from(summary[word].as_u64().unwrap()).unwrap();
    assert_eq!(listed(&full), count("pass") + count("fail") + count("unknown") + count("notApplicable"));
    assert_eq!(listed(&short), count("fail") + count("unknown"));
}

#[test]
fn yaml_says_the_same_as_json() {
    let now = ["--now", "2026-11-21T00:00:00Z"];
    let (_, json, _) = audit(BAD, &[&["-o", "json"], &now[..]].concat());
    let (_, yaml, _) = audit(BAD, &[&["-o", "yaml"], &now[..]].concat());
    let from_yaml: Value = serde_saphyr::from_str(&yaml).unwrap();
    let from_json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(from_yaml, from_json);
    assert!(yaml.contains("compliant: \"False\""), "{yaml}");
}

#[test]
fn the_table_is_plain_where_there_is_no_terminal_and_says_what_to_do() {
    let folder = folder("table", &[("bad.yaml", BAD)]);
    let (_, out, _) = run(&["audit", folder.to_str().unwrap()], "");
    assert!(!out.contains('\u{1b}'), "{out}");
    assert!(out.contains("Deployment shop/bad"), "{out}");
    assert!(out.contains("bad.yaml:12:9"), "the place of the image: {out}");
    assert!(out.contains("fix: "), "{out}");
    assert!(out.lines().last().unwrap().contains("1 not ready"), "{out}");
}

#[test]
fn names_cannot_command_the_terminal() {
    let hostile = BAD.replace("name: bad\n", "name: \"bad\\e[31m\"\n");
    let (_, out, _) = audit(&hostile, &[]);
    assert!(!out.contains('\u{1b}'), "{out}");
}

#[test]
fn the_list_of_checks_is_for_machines_too() {
    let (code, out, _) = run(&["checks", "list", "-o", "json"], "");
    let checks: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!((code, checks.len()), (0, seaworthy::checks::CATALOGUE.iter().count()));
    for check in checks {
        for member in ["id", "title", "category", "severity", "profile", "sources"] {
            assert!(!check[member].is_null(), "{member} of {check}");
        }
    }
}

#[test]
fn a_page_is_shown_and_a_typo_answered() {
    let (code, out, _) = run(&["explain", "too-few-replicas"], "");
    assert!(code == 0 && out.contains("## How to fix it"), "{out}");
    let (code, _, err) = run(&["explain", "to-few-replicas"], "");
    assert!(code == 2 && err.contains("did you mean 'too-few-replicas'?"), "{err}");
}

#[test]
fn a_rollout_whose_pods_are_described_elsewhere_is_unknown_and_never_passes() {
    let rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a, namespace: shop}\nspec: {replicas: 3, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: a}}\n";
    let (_, out, _) = audit(rollout, &["-o", "json"]);
    let report = &reports(&out)[0];
    assert_eq!(
        (&report["compliant"], &report["summary"]["pass"]),
        (&Value::from("Unknown"), &Value::from(0))
    );
}

#[test]
fn a_policy_that_cannot_be_read_is_an_error_and_never_replaced_by_the_default() {
    let wrong = ONLY_REPLICAS.replace("checks: [", "checkss: [");
    let (code, out, err) = audit(&format!("{BAD}---\n{wrong}"), &[]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("ProductionPolicy cannot be read") && err.contains("checkss"), "{err}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_a_broken_one_costs_only_itself() {
    let folder = folder("links", &[("real/bad.txt", BAD)]);
    std::os::unix::fs::symlink(folder.join("real/bad.txt"), folder.join("mounted.yaml")).unwrap();
    std::os::unix::fs::symlink(folder.join("nowhere"), folder.join("broken.yaml")).unwrap();
    let (code, out, err) = run(&["audit", folder.to_str().unwrap(), "-o", "json"], "");
    assert_eq!((code, names(&out)), (1, vec!["deployment-bad".to_owned()]));
    assert!(err.contains("broken.yaml"), "{err}");
}
