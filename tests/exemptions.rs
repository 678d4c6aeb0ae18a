//! What exemptions mean offline: the table of `tests/semantics/exemptions.yaml`, and the command line around it.
//!
//! The controller is held to the same table in `src/controller/exemption_tests.rs`. Not its job: what a cluster's API
//! server says of an exemption (`e2e/tests/live/api.rs`).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use seaworthy::api::{ComplianceReport, ExemptionState, ResultWord};
use seaworthy::checks::CATALOGUE;
use seaworthy::manifest::{self, Options, Source};
use seaworthy::policy::{PolicySet, of_object, resolve, stand, unknown_names};
use seaworthy::report::{Audited, audit_all};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Table {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    objects: Vec<Value>,
    at: Vec<At>,
}

#[derive(Deserialize)]
struct At {
    now: Timestamp,
    states: BTreeMap<String, ExemptionState>,
    results: Vec<ResultWord>,
}

fn audit(objects: &[Value], now: Timestamp) -> (PolicySet, Audited) {
    let text = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
    let source = Source { name: "case".to_owned(), text };
    let loaded = manifest::load(vec![source], &Options { complete: true, ..Options::default() });
    assert_eq!(loaded.problems, []);
    let mut policies = PolicySet::default();
    for (_, policy) in &loaded.policies {
        policies.insert(resolve(policy, &CATALOGUE).unwrap());
    }
    for (_, exemption) in &loaded.exemptions {
        policies.exemptions.insert(Arc::new(of_object(exemption)));
    }
    let audited = audit_all(&loaded.inventory, &policies, now);
    (policies, audited)
}

fn of_deployment(audited: &Audited) -> &ComplianceReport {
    audited.reports.iter().map(|(_, report)| report).find(|r| r.scope.kind == "Deployment").unwrap()
}

#[test]
fn exemptions_mean_offline_what_the_table_says() {
    // Its anchors are many, and our own.
    let options = serde_saphyr::options! { budget: None };
    let text = include_str!("semantics/exemptions.yaml");
    let table: Table = serde_saphyr::from_str_with_options(text, options).unwrap();
    assert!(table.cases.len() > 20);
    for Case { name, objects, at } in table.cases {
        for At { now, states, results } in at {
            let (policies, audited) = audit(&objects, now);
            let stands = audited.exemptions.iter().map(|(exemption, used)| {
                let unknown = unknown_names(exemption, &policies, &CATALOGUE);
                (exemption.id.to_string(), stand(exemption, used, &unknown, now).state)
            });
            assert_eq!(stands.collect::<BTreeMap<_, _>>(), states, "{name}, at {now}");
            let words: Vec<ResultWord> =
                of_deployment(&audited).results.iter().map(|result| result.result).collect();
            assert_eq!(words, results, "{name}, at {now}");
        }
    }
}

#[test]
fn an_exemption_may_say_a_name_that_a_check_had_before() {
    let catalogue = CATALOGUE.with_renamed(&[("replicas-minimum", "too-few-replicas")]);
    let load = |yaml: &str| {
        let source = Source { name: "input".to_owned(), text: yaml.to_owned() };
        manifest::load(vec![source], &Options::default())
    };
    let exemption = EXEMPTION.replace("too-few-replicas", "replicas-minimum");
    let loaded = load(&format!("{WORKLOAD}---\n{exemption}---\n{POLICY}"));
    let annotated = load(&WORKLOAD.replace("dev/mutable-image-tags:", "dev/replicas-minimum:"));
    for permits in ["{}", "{allowedChecks: [replicas-minimum]}", "{allowedChecks: [too-few-replicas]}"] {
        let policy = load(&format!("{POLICY}  exemptionPolicy: {permits}\n")).policies.pop().unwrap().1;
        let mut policies = PolicySet::default();
        policies.insert(resolve(&policy, &catalogue).unwrap());
        let now = "2026-12-01T00:00:00Z".parse().unwrap();
        let is_exempt = |audited: &Audited| {
            of_deployment(audited)
                .results
                .iter()
                .any(|r| r.check == "too-few-replicas" && r.exemption.is_some())
        };
        assert!(is_exempt(&audit_all(&annotated.inventory, &policies, now)), "{permits}");
        policies.exemptions.insert(Arc::new(of_object(&loaded.exemptions[0].1)));
        let audited = audit_all(&loaded.inventory, &policies, now);
        assert!(is_exempt(&audited), "{permits}");
        let (exemption, used) =
            audited.exemptions.iter().find(|(e, _)| e.id.to_string().contains("licensed")).unwrap();
        let unknown = unknown_names(exemption, &policies, &catalogue);
        assert_eq!(stand(exemption, used, &unknown, now).state, ExemptionState::Active);
    }
}

const WORKLOAD: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
  annotations:
    exempt.seaworthy.dev/mutable-image-tag: we live with it
    exempt.seaworthy.dev/mutable-image-tags: a typo
spec:
  replicas: 1
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: api, image: 'shop/api:latest'}]}
";

const POLICY: &str = "apiVersion: seaworthy.dev/v1alpha1
kind: ProductionPolicy
metadata: {name: p}
spec:
  profile: {level: None}
  match: {namespaceSelector: {}}
  checks: [{name: too-few-replicas}, {name: mutable-image-tag}]
";

const EXEMPTION: &str = "apiVersion: seaworthy.dev/v1alpha1
kind: ComplianceExemption
metadata: {name: licensed, namespace: shop}
spec:
  checks: [too-few-replicas]
  reason: Only one is licensed
  expirationTime: 2026-12-31T00:00:00Z
";

fn run(args: &[&str]) -> (i32, String, String) {
    support::run(args, "")
}

fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("exemptions").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (file, text) in files {
        fs::write(folder.join(file), text).unwrap();
    }
    folder
}

#[test]
fn the_table_shows_what_is_exempt_and_how_each_exemption_stands() {
    let all = [("a.yaml", WORKLOAD), ("b.yaml", POLICY), ("c.yaml", EXEMPTION)];
    let folder = folder("table", &all);
    let path = folder.to_str().unwrap();
    let audit = |now: &str, more: &[&str]| run(&[&["audit", path, "--now", now], more].concat());
    let (code, out, err) = audit("2026-12-30T23:59:59Z", &[]);
    assert_eq!(code, 0, "{out}");
    for wanted in [
        "ready, score 100; 2 exempt",
        "exempt    too-few-replicas",
        "until 2026-12-31T00:00:00Z by ComplianceExemption/licensed: Only one is licensed",
        "by Annotation/Deployment/api: we live with it",
        "active    ComplianceExemption shop/licensed: too-few-replicas",
        "c.yaml:3",
        "active    annotation of Deployment shop/api: mutable-image-tag  ",
        "a.yaml:6:3",
        "refused   annotation of Deployment shop/api: mutable-image-tags",
        "nothing fails, 2 exempt",
    ] {
        assert!(out.contains(wanted), "{wanted} is not in\n{out}");
    }
    let over_broad =
        "ComplianceExemption shop/licensed is over-broad: it exempts all workloads of namespace 'shop'";
    assert!(err.contains(over_broad), "{err}");
    assert!(!err.contains("refused"), "the table says it: {err}");

    let (code, out, err) = audit("2026-12-31T00:00:00Z", &["-o", "json"]);
    assert_eq!(code, 1, "from its end on it fails again");
    assert!(err.contains("is refused: there is no check 'mutable-image-tags'; did you mean"), "{err}");
    let list: Value = serde_json::from_str(&out).unwrap();
    let report = &list["items"][0];
    assert_eq!((&report["summary"]["exempt"], &report["summary"]["fail"]), (&json!(1), &json!(1)));
    let result = report["results"].as_array().unwrap().iter().find(|r| r["result"] == "Exempt").unwrap();
    assert_eq!(result["check"], "mutable-image-tag");
    assert_eq!(result["exemption"], "Annotation/Deployment/api");
    assert_eq!(result["exemptReason"], "we live with it");
    let (_, out, _) = audit("2026-12-31T00:00:00Z", &[]);
    assert!(out.contains("expired   ComplianceExemption shop/licensed"), "{out}");
}

#[test]
fn exemptions_come_from_a_file_as_policies_do() {
    let folder = folder("file", &[("a.yaml", WORKLOAD), ("b.yaml", POLICY), ("c.yaml", EXEMPTION)]);
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (workload, policy, exemption) = (file("a.yaml"), file("b.yaml"), file("c.yaml"));
    let audit = |more: &[&str]| {
        run(&[&["audit", &workload, "--now", "2026-12-01T00:00:00Z", "--policy", &policy], more].concat()).0
    };
    assert_eq!((audit(&[]), audit(&["--policy", &exemption])), (1, 0));
    // In the namespace that `kubectl apply -n` would use.
    let nowhere = fs::read_to_string(&exemption).unwrap().replace(", namespace: shop", "");
    fs::write(&exemption, nowhere).unwrap();
    assert_eq!((audit(&["--policy", &exemption]), audit(&["--policy", &exemption, "-n", "shop"])), (1, 0));
    fs::write(&exemption, EXEMPTION.replace("reason:", "because:")).unwrap();
    let (code, _, err) = run(&["audit", &workload, "--policy", &exemption]);
    assert!(code == 2 && err.contains("c.yaml:6:3: ComplianceExemption cannot be read"), "{err}");
}

#[test]
fn a_policy_whose_exemptions_make_no_sense_is_an_error_with_the_field() {
    let wrong = "  exemptions:
  - {name: a, checks: [to-few-replicas], reason: we have our reasons}
  - {name: a, checks: ['*'], reason: because}
  exemptionPolicy: {allowedChecks: [host-prt]}
";
    let folder = folder("policy", &[("a.yaml", WORKLOAD), ("b.yaml", &format!("{POLICY}{wrong}"))]);
    let (code, _, err) = run(&["audit", folder.to_str().unwrap()]);
    assert_eq!(code, 2);
    for wanted in [
        "spec.exemptions[0].checks[0]: there is no check 'to-few-replicas'; did you mean 'too-few-replicas'?",
        "spec.exemptions[1].name: 'a' is taken by another exemption",
        "spec.exemptions[1].reason: must say in at least 10 characters",
        "spec.exemptionPolicy.allowedChecks[0]: there is no check 'host-prt'; did you mean 'host-port'?",
    ] {
        assert!(err.contains(wanted), "{wanted} is not in\n{err}");
    }
}

#[test]
fn exempt_writes_what_audit_then_takes() {
    let folder = folder("exempt", &[("a.yaml", WORKLOAD), ("b.yaml", POLICY)]);
    let path = folder.to_str().unwrap();
    let (code, yaml, err) = run(&[
        "exempt",
        "deploy/api",
        "too-few-replicas",
        "-n",
        "shop",
        "--reason",
        "Only one is licensed",
        "--for",
        "30d",
        "--now",
        "2026-12-01T00:00:00Z",
        "--owner",
        "team-a",
        "--ticket",
        "https://tickets.example.com/1",
    ]);
    assert_eq!((code, err.as_str()), (0, ""));
    let wanted = "apiVersion: seaworthy.dev/v1alpha1
kind: ComplianceExemption
metadata:
  name: deployment-api-too-few-replicas
  namespace: shop
spec:
  targetRef:
    apiGroup: apps
    kind: Deployment
    name: api
  checks:
  - too-few-replicas
  reason: Only one is licensed
  expirationTime: \"2026-12-31T00:00:00Z\"
  owner: team-a
  references:
  - https://tickets.example.com/1
";
    assert_eq!(yaml, wanted);
    fs::write(folder.join("c.yaml"), yaml).unwrap();
    assert_eq!(run(&["audit", path, "--now", "2026-12-30T00:00:00Z"]).0, 0);
    assert_eq!(run(&["audit", path, "--now", "2026-12-31T00:00:00Z"]).0, 1);
}

#[test]
fn exempt_refuses_what_a_cluster_would() {
    let policy = format!("{POLICY}  exemptionPolicy: {{maxDurationDays: 30, allowedChecks: [host-port]}}\n");
    let folder = folder("refuses", &[("p.yaml", &policy)]);
    let policy = folder.join("p.yaml");
    let exempt = |args: &[&str]| {
        let reason = ["--reason", "we have our reasons", "--now", "2026-12-01T00:00:00Z"];
        run(&[&["exempt"], args, &reason].concat())
    };
    for (args, wanted) in [
        (&["deploy/api", "to-few-replicas"][..], "did you mean 'too-few-replicas'?"),
        (&["api", "too-few-replicas"], "write it as TYPE/NAME"),
        (&["service/api", "too-few-replicas"], "there is no kind of workload 'service'"),
        (&["deploy/api", "*", "too-few-replicas"], "'*' stands for all and must be the only entry"),
        (&["deploy/api", "too-few-replicas", "--until", "2026-11-30"], "would be over already"),
        (&["deploy/api", "too-few-replicas", "--until", "soon"], "--until: 'soon' is no date"),
        (&["deploy/api", "too-few-replicas", "--for", "long"], "'long' is no duration"),
        (&["deploy/api", "too-few-replicas", "--for", "0d"], "would be over already"),
        (&["deploy/api", "too-few-replicas", "--ticket", "SHOP-1"], "'SHOP-1' is no link"),
    ] {
        let (code, out, err) = exempt(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.contains(wanted), "{wanted} is not in\n{err}");
    }
    let (code, out, err) = run(&["exempt", "deploy/api", "host-port", "--reason", "because"]);
    assert!(code == 2 && out.is_empty() && err.contains("in at least 10 characters"), "{err}");

    let policy = policy.to_str().unwrap();
    let (code, _, err) = exempt(&["ns/shop", "too-few-replicas", "--policy", policy]);
    assert_eq!(code, 0);
    for wanted in
        ["it has no end", "over-broad: it exempts all workloads of namespace 'shop'", "lets nobody exempt"]
    {
        assert!(err.contains(wanted), "{wanted} is not in\n{err}");
    }
}
