//! Which policy asks what of a workload, and how workloads are named.

use serde_json::json;

use super::{SHOP, file, json, policies, replicas, run};

#[test]
fn effective_tells_who_covers_a_workload_who_does_not_and_what_is_asked() {
    let path = file("effective/policies.yaml", &policies());
    let args = ["policy", "effective", "Deploy.apps/checkout", "-f", "-", "--policy", &path];
    let (code, out, err) = run(&args, SHOP);
    assert_eq!((code, err.as_str()), (0, ""));
    let out = out.replace(&path, "p.yaml");
    let wanted = "Deployment shop/checkout  <stdin>:7:12

Covered by
  more       profile None/v1.0, threshold Critical  p.yaml:11
  replicas   profile None/v1.0, threshold High  p.yaml:3

Not covered by
  backs      it does not select the labels of the Deployment (spec.match.objectSelector)  p.yaml:36
  excluding  it excludes namespace 'shop' (spec.match.excludeNamespaces)  p.yaml:20
  payments   it does not select the labels of namespace 'shop' (spec.match.namespaceSelector)  p.yaml:28
  tried      it is only previewed, and decides nothing (spec.enforcement)  p.yaml:44

2 checks in force
  critical  too-few-replicas   more; replicas, severity Critical, parameters {\"minimum\":3}
  high      mutable-image-tag  more, below its threshold Critical
";
    assert_eq!(out, wanted);
    let (code, view) = json(&args, SHOP);
    assert_eq!(
        (code, &view["checks"][0]["check"], &view["checks"][0]["severity"]),
        (0, &json!("too-few-replicas"), &json!("Critical"))
    );
    let asked = json!({"policy": "replicas", "severity": "Critical", "parameters": {"minimum": 3},
        "complianceThreshold": "High", "decidesCompliance": true});
    assert_eq!(view["checks"][0]["askedBy"][1], asked);
    assert_eq!(view["policies"][0]["notCoveredBecause"].as_str().unwrap().split(' ').next(), Some("it"));
}

#[test]
fn effective_is_about_namespaces_and_what_nobody_covers_too() {
    let (code, view) = json(&["policy", "effective", "ns/shop", "-f", "-"], SHOP);
    assert_eq!((code, &view["policies"][0]["name"]), (0, &json!("standard")));
    let checks: Vec<&str> =
        view["checks"].as_array().unwrap().iter().map(|c| c["check"].as_str().unwrap()).collect();
    assert!(
        checks.contains(&"namespace-without-resource-quota") && !checks.contains(&"too-few-replicas"),
        "{checks:?}"
    );
    let path = file(
        "effective/excluding.yaml",
        &replicas(2).replace("{namespaceSelector: {}}", "{namespaceSelector: {}, excludeNamespaces: [ops]}"),
    );
    let (code, out, _) = run(&["policy", "effective", "ds/agent", "-f", "-", "--policy", &path], SHOP);
    assert!(code == 3 && out.contains("Not covered by\n  replicas  it excludes namespace 'ops'"), "{out}");
    assert!(out.ends_with("No check is in force.\n"), "{out}");
}

#[test]
fn a_workload_that_is_not_there_is_answered_with_what_may_have_been_meant() {
    let twice = SHOP.to_owned()
        + "---\n"
        + &SHOP.replace("namespace: shop", "namespace: test").replace("ops", "more");
    let owned = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata:\n  name: child\n  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: checkout, uid: u, controller: true}]\nspec: {selector: {matchLabels: {app: a}}}\n---\n";
    let owned = format!("{owned}{SHOP}");
    for (subject, namespace, input, wanted) in [
        ("deployment/chekout", None, SHOP, "there is no Deployment 'chekout'; did you mean 'checkout'?"),
        (
            "deploymnet/checkout",
            None,
            SHOP,
            "there is no kind of workload 'deploymnet'; did you mean 'deployment'?",
        ),
        ("deployment", None, SHOP, "write it as TYPE/NAME, as in deployment/checkout"),
        ("sts/checkout", None, SHOP, "there is no StatefulSet 'checkout'"),
        (
            "deploy/checkout",
            None,
            &twice,
            "Deployment 'checkout' is in the namespaces 'shop', 'test'; say which with -n",
        ),
        (
            "deploy/checkout",
            Some("ops"),
            SHOP,
            "there is no Deployment 'checkout' in namespace 'ops', but in 'shop'; say which with -n",
        ),
        (
            "deploy/chekout",
            Some("shop"),
            SHOP,
            "there is no Deployment 'chekout' in namespace 'shop'; did you mean 'checkout'?",
        ),
        (
            "rs/child",
            None,
            &owned,
            "ReplicaSet 'child' of namespace 'default' belongs to Deployment 'checkout', and that is what is judged",
        ),
    ] {
        let namespace = namespace.map(|namespace| ["-n", namespace]);
        let args: Vec<&str> = ["policy", "effective", subject, "-f", "-"]
            .into_iter()
            .chain(namespace.into_iter().flatten())
            .collect();
        let (code, out, err) = run(&args, input);
        assert!(code == 2 && out.is_empty() && err.contains(wanted), "{wanted}\n{err}");
    }
}

#[test]
fn effective_says_what_a_policy_lets_be_made() {
    for (mode, said) in [
        ("Enabled", ", missing PodDisruptionBudgets are made"),
        ("DryRun", ", missing PodDisruptionBudgets would be made (DryRun)"),
        ("Disabled", ""),
    ] {
        let asking =
            format!("  remediation: {{podDisruptionBudgets: {{mode: {mode}, maxUnavailable: 2}}}}\n  match:");
        let path = file(&format!("effective/{mode}.yaml"), &replicas(2).replace("  match:", &asking));
        let args = ["policy", "effective", "deploy/checkout", "-f", "-", "--policy", &path];
        let (_, out, err) = run(&args, SHOP);
        let wanted = format!("  replicas  profile None/v1.0, threshold High{said}  {path}:3\n");
        assert!(out.contains(&wanted), "{out}{err}");
        let (_, view) = json(&args, SHOP);
        let most = &view["policies"][0]["remediation"]["podDisruptionBudgets"]["maxUnavailable"];
        assert_eq!(*most, if mode == "Disabled" { json!(null) } else { json!(2) });
    }
}
