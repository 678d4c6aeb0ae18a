//! One check on one workload, and why it says what it says.

use serde_json::json;

use super::{SHOP, file, json, policies, replicas, run};

#[test]
fn why_says_what_a_check_says_who_asks_for_it_and_how_to_fix_it() {
    let path = file("why/policies.yaml", &policies());
    let args = ["why", "deployment/checkout", "too-few-replicas", "-f", "-", "--policy", &path];
    let (code, out, err) = run(&args, SHOP);
    assert_eq!((code, err.as_str()), (1, ""));
    let (_, reports) = json(&["audit", "-", "--policy", &path], SHOP);
    let report = reports["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["metadata"]["name"] == "deployment-checkout")
        .unwrap();
    let result =
        report["results"].as_array().unwrap().iter().find(|r| r["check"] == "too-few-replicas").unwrap();
    let message = result["message"].as_str().unwrap();
    let wanted = format!(
        "Deployment shop/checkout  <stdin>:7:12
  fails  too-few-replicas: {}
  critical  {message}  <stdin>:9:3

Asked for by
  more: a failure is at or above its threshold Critical
  replicas, severity Critical, parameters {{\"minimum\":3}}: a failure is at or above its threshold High

How to fix it
  Set `spec.replicas`, or the autoscaler's minimum, to two or more, and spread the pods over nodes.
",
        seaworthy::checks::CATALOGUE.get("too-few-replicas").unwrap().title
    );
    assert_eq!(out, wanted);
    let (code, view) = json(&args, SHOP);
    assert_eq!(
        (code, &view["result"], &view["findings"][0]["message"]),
        (1, &json!("Fail"), &json!(message))
    );
}

#[test]
fn why_says_why_also_where_nothing_fails() {
    let path = file("why/two.yaml", &replicas(2));
    let why = |subject: &str, check: &str| run(&["why", subject, check, "-f", "-", "--policy", &path], SHOP);
    let (code, out, _) = why("deployment/checkout", "too-few-replicas");
    assert!(
        code == 0 && out.contains("\n  passes  too-few-replicas: ") && out.contains("the requirement is met"),
        "{out}"
    );
    let (code, out, _) = why("daemonset/agent", "too-few-replicas");
    assert!(code == 0 && out.contains("\n  does not apply  too-few-replicas: "), "{out}");
    assert!(out.contains("nobody sets the number of pods of a DaemonSet"), "{out}");
    // Nobody asks for this one, and so it is not held against the workload.
    let (code, out, _) = why("deployment/checkout", "mutable-image-tag");
    assert!(code == 0 && out.contains("\n  would fail  mutable-image-tag: "), "{out}");
    assert!(
        out.contains("\nNo policy that covers it asks for this check.\n") && out.contains("<stdin>:16:9"),
        "{out}"
    );
    let (code, out, _) = why("deployment/checkout", "namespace-without-resource-quota");
    assert!(
        code == 0 && out.contains("namespace-without-resource-quota does not judge a Deployment"),
        "{out}"
    );
    let (code, _, err) = why("deployment/checkout", "to-few-replicas");
    assert!(
        code == 2 && err.contains("there is no check 'to-few-replicas'; did you mean 'too-few-replicas'?"),
        "{err}"
    );
    let broken = SHOP.replace("replicas: 2", "replicas: many");
    let (code, out, _) =
        run(&["why", "deployment/checkout", "too-few-replicas", "-f", "-", "--policy", &path], &broken);
    assert!(
        code == 1
            && out.contains("\n  cannot be judged  too-few-replicas: ")
            && out.contains("the object cannot be read: spec.replicas"),
        "{out}"
    );
}

#[test]
fn a_kind_that_a_policy_declares_is_named_like_any_other() {
    let declaring = replicas(3)
        .replace("  match:", "  workloadKinds: [{apiVersion: example.com/v1, kind: Fleet}]\n  match:");
    let fleet =
        SHOP.replace("apiVersion: apps/v1\nkind: Deployment", "apiVersion: example.com/v1\nkind: Fleet");
    let input = format!("{declaring}---\n{fleet}");
    for subject in ["fleet/checkout", "Fleets.example.com/checkout", "fleets.v1.example.com/checkout"] {
        let (code, view) = json(&["why", subject, "too-few-replicas", "-f", "-"], &input);
        assert_eq!((code, &view["kind"], &view["result"]), (1, &json!("Fleet"), &json!("Fail")), "{subject}");
    }
    let (code, _, err) = run(&["why", "fleet/checkout", "too-few-replicas", "-f", "-"], &fleet);
    assert!(code == 2 && err.contains("there is no kind of workload 'fleet'"), "{err}");
}
