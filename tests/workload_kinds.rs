//! Kinds of workloads that policies declare, as the offline audit judges them.
//!
//! Not here: that a cluster gives the same reports (`e2e/tests/live/declared.rs`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use serde_json::Value;
use support::run;

const POLICY: &str = "apiVersion: seaworthy.dev/v1alpha1
kind: ProductionPolicy
metadata: {name: fleets}
spec:
  profile: {level: None}
  match: {namespaceSelector: {}}
  checks: [{name: too-few-replicas}, {name: mutable-image-tag}, {name: missing-pod-disruption-budget}]
  workloadKinds:
  - {apiVersion: example.com/v1, kind: Fleet, templatePath: spec.ship.pod, replicasPath: spec.ship.count, selectorPath: spec.pods}
";

/// A Fleet, the Deployment that it made, and the budget of its pods.
const FLEET: &str = "apiVersion: example.com/v1
kind: Fleet
metadata: {name: north, namespace: sea}
spec:
  pods: {app: north}
  ship:
    count: 1
    pod:
      metadata: {labels: {app: north}}
      spec:
        containers:
        - name: engine
          image: sea/engine:latest
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: made
  namespace: sea
  ownerReferences: [{apiVersion: example.com/v1, kind: Fleet, name: north, uid: u, controller: true}]
spec:
  selector: {matchLabels: {app: made}}
  template: {metadata: {labels: {app: made}}, spec: {containers: [{name: a, image: 'sea/a:latest'}]}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: north, namespace: sea}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: north}}}
";

fn audit(input: &str, more: &[&str]) -> (i32, String, String) {
    run(&[&["audit", "-"], more].concat(), input)
}

fn reports(input: &str) -> Vec<Value> {
    let (_, json, stderr) = audit(input, &["-o", "json"]);
    let mut list: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    let items = list["items"].take();
    items
        .as_array()
        .unwrap()
        .iter()
        .filter(|report| report["scope"]["kind"] != "Namespace")
        .cloned()
        .collect()
}

#[test]
fn a_declared_kind_is_judged_by_its_template_and_so_is_nothing_that_it_owns() {
    let reports = reports(&format!("{FLEET}---\n{POLICY}"));
    let names: Vec<&Value> = reports.iter().map(|report| &report["metadata"]["name"]).collect();
    assert_eq!(names, ["fleet.example.com-north"]);
    let report = &reports[0];
    assert_eq!(report["scope"]["apiGroup"], "example.com");
    let failing: Vec<(&str, &str)> = report["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| (result["check"].as_str().unwrap(), result["field"].as_str().unwrap()))
        .collect();
    let wanted = [
        ("mutable-image-tag", "spec.ship.pod.spec.containers[0].image"),
        ("too-few-replicas", "spec.ship.count"),
    ];
    for (check, field) in wanted {
        assert!(failing.contains(&(check, field)), "{check} {field}: {failing:?}");
    }
    assert_eq!(failing.len(), 2, "the budget is found: {failing:?}");
}

#[test]
fn a_finding_says_where_it_stands() {
    let (code, table, stderr) = audit(&format!("{FLEET}---\n{POLICY}"), &[]);
    assert_eq!(code, 1, "{stderr}");
    assert!(
        table.contains("Fleet sea/north") && table.contains("<stdin>:7:5") && table.contains("<stdin>:13:11"),
        "{table}"
    );
}

#[test]
fn what_no_policy_declares_is_no_workload_and_its_owner_does_not_hide_a_deployment() {
    let reports = reports(FLEET);
    let names: Vec<&Value> = reports.iter().map(|report| &report["metadata"]["name"]).collect();
    assert_eq!(names, ["deployment-made"]);
}

#[test]
fn a_policy_judges_the_kinds_that_it_declares_itself() {
    let other = "apiVersion: seaworthy.dev/v1alpha1\nkind: ProductionPolicy\nmetadata: {name: all}\n\
                 spec: {match: {namespaceSelector: {}}}\n";
    let reports = reports(&format!("{FLEET}---\n{POLICY}---\n{other}"));
    assert_eq!(reports[0]["policies"].as_array().unwrap().len(), 1, "{}", reports[0]);
    assert_eq!(reports[0]["policies"][0]["name"], "fleets");
}

#[test]
fn what_is_declared_wrongly_is_said() {
    let refused = |entry: &str| {
        let policy = POLICY.split("  workloadKinds:").next().unwrap();
        let (code, _, stderr) = audit(&format!("{FLEET}---\n{policy}  workloadKinds:\n  - {entry}\n"), &[]);
        assert_eq!(code, 2, "{entry}: {stderr}");
        stderr
    };
    let known = refused("{apiVersion: apps/v1, kind: Deployment}");
    assert!(
        known.contains("spec.workloadKinds[0].kind: Deployment.apps is known without being declared"),
        "{known}"
    );
    let core = refused("{apiVersion: v1, kind: Fleet}");
    assert!(core.contains("spec.workloadKinds[0].apiVersion: 'v1' has no API group"), "{core}");
    let policy = POLICY.replace("spec.ship.pod", "spec.elsewhere");
    let (code, _, stderr) = audit(&format!("{FLEET}---\n{policy}"), &[]);
    assert_eq!(code, 1);
    assert!(stderr.contains("there is no pod template where `workloadKinds` of a policy says"), "{stderr}");
}

#[test]
fn of_two_declarations_one_holds_and_it_is_said() {
    let other = POLICY.replace("name: fleets", "name: a-first").replace("spec.ship.count", "spec.count");
    let (_, _, stderr) = audit(&format!("{FLEET}---\n{POLICY}---\n{other}"), &[]);
    let wanted =
        "ProductionPolicy 'fleets': spec.workloadKinds: Fleet.example.com is declared otherwise by 'a-first'";
    assert!(stderr.contains(wanted), "{stderr}");
}
