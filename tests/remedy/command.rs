//! `seaworthy remediate plan` as a person uses it: the program itself.

use super::support::run;
use super::*;

fn plan_of(documents: &[Value]) -> (i32, String, String) {
    let input: Vec<String> = documents.iter().map(ToString::to_string).collect();
    run(&["remediate", "plan", "-"], &input.join("\n---\n"))
}

/// As somebody writes it.
fn written(mut object: Value) -> Value {
    object["metadata"].as_object_mut().unwrap().remove("uid");
    object.as_object_mut().unwrap().remove("status");
    object
}

#[test]
fn it_prints_what_can_be_committed_with_the_reason_above() {
    let mut api = written(deployment(3));
    api["metadata"]["labels"]["argocd.argoproj.io/instance"] = "shop-prod".into();
    let (code, out, err) = plan_of(&[api]);
    let wanted = "\
---
# PodDisruptionBudget for Deployment 'api' of namespace 'shop' (<stdin>:1:33)
# no PodDisruptionBudget selects the pods of Deployment 'api' (3 replicas), so that node drains may evict all of them at once
# Argo CD application 'shop-prod' delivers the workload: commit this where that comes from
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: api
  namespace: shop
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: api
  unhealthyPodEvictionPolicy: AlwaysAllow
";
    let places = |text: &str| -> String {
        text.lines().map(|line| line.split(" (<stdin>").next().unwrap()).collect::<Vec<_>>().join("\n")
    };
    assert_eq!((code, places(&out)), (0, places(wanted)), "{out}");
    assert!(
        err.starts_with("note: only PodDisruptionBudgets are planned") && err.lines().count() == 1,
        "{err}"
    );
    assert!(out.contains("(<stdin>:1:"), "{out}");
}

#[test]
fn it_says_what_is_refused_and_why_beside_it() {
    let declining = with(
        written(deployment(3)),
        "/metadata/annotations",
        json!({"seaworthy.dev/remediation": "Disabled"}),
    );
    let mut exempt = written(workload("Deployment", "web", 3));
    exempt["metadata"]["annotations"] =
        json!({"exempt.seaworthy.dev/missing-pod-disruption-budget": "nobody notices"});
    let (code, out, err) = plan_of(&[declining, exempt]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(
        err.contains("refused: PodDisruptionBudget for Deployment 'api'")
            && err.contains("seaworthy.dev/remediation: Disabled"),
        "{err}"
    );
    assert!(err.contains("Deployment 'web'") && err.contains("nobody notices"), "{err}");
}

#[test]
fn a_policy_decides_and_of_several_the_oldest() {
    let ask = |name: &str, created: &str, most: i64, mode: &str| {
        let spec = json!({"match": {"namespaceSelector": {}},
            "remediation": {"podDisruptionBudgets": {"mode": mode, "maxUnavailable": most}}});
        json!({"apiVersion": "seaworthy.dev/v1alpha1", "kind": "ProductionPolicy", "spec": spec,
            "metadata": {"name": name, "creationTimestamp": created}})
    };
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let api = written(deployment(5));
    let (_, out, err) = plan_of(&[api.clone(), ask("a", new, 1, "Enabled"), ask("b", old, 3, "DryRun")]);
    assert!(out.contains("maxUnavailable: 3"), "{out}");
    assert!(err.contains("policy 'b' decides, and not 'a'"), "{err}");
    let (code, out, err) = plan_of(&[api, ask("a", new, 1, "Disabled")]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.contains("no policy asks for anything"), "{err}");
}

#[test]
fn what_it_prints_is_what_was_missing() {
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/shop");
    let (code, out, err) = run(&["remediate", "plan", shop], "");
    assert_eq!(code, 0, "{err}");
    let findings = |more: &str| {
        let text = ["-n", "default", "-o", "json"];
        let (_, report, _) = run(&[&["audit", shop, "-"][..], &text].concat(), more);
        let reports: Value = serde_json::from_str(&report).unwrap();
        let results = reports["items"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|item| item["results"].as_array().cloned().unwrap_or_default());
        let of = |result: &Value| {
            result["check"].as_str().unwrap().contains("pod-disruption-budget") && result["result"] == "Fail"
        };
        results.filter(of).count()
    };
    let (before, after) = (findings("{}"), findings(&out));
    let (made, refused) =
        (out.matches("kind: PodDisruptionBudget").count(), err.matches("refused: ").count());
    assert!(made > 0, "{out}");
    assert_eq!(
        before - after,
        made,
        "before {before}, after {after}, made {made}, refused {refused}:\n{out}\n{err}"
    );
}

#[test]
fn names_that_are_taken_are_not_taken_twice() {
    let taken = budget("api", &json!({"matchLabels": {"app": "web"}}));
    let set =
        with(workload("StatefulSet", "api", 3), "/spec/selector", json!({"matchLabels": {"app": "db"}}));
    let set = with(set, "/spec/template/metadata/labels", json!({"app": "db"}));
    let (_, out, _) = plan_of(&[written(deployment(3)), written(set), written(taken)]);
    assert!(out.contains("name: deployment-api") && out.contains("name: statefulset-api"), "{out}");
}

#[test]
fn network_policies_are_printed_where_a_policy_says_which_and_a_refusal_is_said_once() {
    let shop = written(namespace("shop"));
    let asking = json!({"apiVersion": "seaworthy.dev/v1alpha1", "kind": "ProductionPolicy", "metadata": {"name": "p"},
        "spec": {"match": {"namespaceSelector": {}},
                 "remediation": {"networkPolicies": {"mode": "DryRun", "presets": ["AllowSameNamespace", "DenyIngress"]}}}});
    let input = format!("{shop}\n---\n{asking}");
    let (code, out, err) = run(&["remediate", "plan", "--complete", "-"], &input);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let (allow, deny) = (out.find("name: seaworthy-allow-ingress"), out.find("name: seaworthy-deny-ingress"));
    assert!(allow.is_some() && allow < deny, "{out}");
    let (code, out, err) = run(&["remediate", "plan", "-"], &input);
    assert_eq!((code, out.as_str(), err.lines().count()), (0, "", 1), "{err}");
    assert!(
        err.contains("refused: NetworkPolicy for namespace 'shop'") && err.contains("--complete"),
        "{err}"
    );
}
