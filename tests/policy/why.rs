//! One check on one workload, and why it says what it says.

use serde_json::json;

use super::{SHOP, file, json, policies, policy, replicas, run};

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
fn why_says_by_what_it_is_exempt_and_until_when() {
    let path = file("why/exempt.yaml", &replicas(3));
    let exemption = "---
apiVersion: seaworthy.dev/v1alpha1
kind: ComplianceExemption
metadata: {name: licensed, namespace: shop}
spec: {checks: [too-few-replicas], reason: Two are licensed, expirationTime: 2999-01-01T00:00:00Z}
";
    let input = format!("{SHOP}{exemption}");
    let args = ["why", "deployment/checkout", "too-few-replicas", "-f", "-", "--policy", &path];
    let (code, out, _) = run(&args, &input);
    let wanted = "exempt until 2999-01-01T00:00:00Z by ComplianceExemption/licensed: Two are licensed";
    assert!(code == 0 && out.contains("\n  is exempt  too-few-replicas: ") && out.contains(wanted), "{out}");
    let (_, view) = json(&args, &input);
    assert_eq!(view["findings"][0]["exemption"], json!("ComplianceExemption/licensed"));
    assert_eq!(view["findings"][0]["exemptUntil"], json!("2999-01-01T00:00:00Z"));
}

const HOUSE_RULES: &str = "  complianceThreshold: High
  match: {namespaceSelector: {}, excludeNamespaces: [ops]}
  attestations: [{practice: load-test, severity: High, maxAgeDays: 90}]
  customChecks:
  - name: team-unnamed
    title: Every workload names its team
    severity: High
    when: object.kind != 'Job'
    expression: object.metadata.?labels['example.com/team'].orValue('') != ''
    message: no label 'example.com/team', so nobody is called when it breaks
    remediation: add the label to metadata.labels
";

#[test]
fn why_says_of_a_check_of_a_policys_own_what_the_policy_says() {
    let path = file("why/own.yaml", &policy("house-rules", HOUSE_RULES));
    let why = |subject: &str, check: &str| run(&["why", subject, check, "-f", "-", "--policy", &path], SHOP);
    let (code, out, err) = why("deployment/checkout", "team-unnamed");
    let wanted = "Deployment shop/checkout  <stdin>:7:12
  fails  team-unnamed: Every workload names its team
  high      no label 'example.com/team', so nobody is called when it breaks; add the label to metadata.labels  <stdin>:7:12

Asked for by
  house-rules, severity High: a failure is at or above its threshold High

How to fix it
  add the label to metadata.labels

  The policy asks for this to be true:
      object.metadata.?labels['example.com/team'].orValue('') != ''
  where this is true:
      object.kind != 'Job'
";
    assert_eq!((code, out.as_str(), err.as_str()), (1, wanted, ""));
    // The policy does not cover this one, and it is known all the same what it would say.
    let (code, out, _) = why("daemonset/agent", "team-unnamed");
    assert!(
        code == 0 && out.contains("\n  would fail  team-unnamed: Every workload names its team\n"),
        "{out}"
    );
    assert!(
        out.contains("No policy that covers it asks for this check.") && out.contains("!= 'Job'"),
        "{out}"
    );
    let (code, out, _) = why("deployment/checkout", "attestation-load-test");
    let title = "fails  attestation-load-test: Practice 'load-test' is carried out and attested at least every 90 days";
    assert!(code == 1 && out.contains(title), "{out}");
    assert!(out.contains("nobody attests 'load-test'") && out.contains("How to fix it\n  "), "{out}");
    let (code, out, _) = why("daemonset/agent", "attestation-load-test");
    assert!(code == 0 && out.contains("would fail"), "{out}");
    let (code, _, err) = why("deployment/checkout", "team-unamed");
    assert!(
        code == 2 && err.contains("there is no check 'team-unamed'; did you mean 'team-unnamed'?"),
        "{err}"
    );
    let args = ["policy", "effective", "deployment/checkout", "-f", "-", "--policy", &path];
    let (_, out, _) = run(&args, SHOP);
    assert!(out.contains("\n  high      team-unnamed           house-rules, severity High\n"), "{out}");
    let (_, view) = json(&args, SHOP);
    let asked = &view["checks"].as_array().unwrap().iter().find(|c| c["check"] == "team-unnamed").unwrap();
    assert_eq!(asked["title"], "Every workload names its team");
    assert_eq!(asked["askedBy"][0]["definition"]["when"], "object.kind != 'Job'");
}

#[test]
fn policies_that_define_a_check_of_one_name_differently_are_told_apart() {
    let other = HOUSE_RULES.replace("    remediation: add the label to metadata.labels\n", "");
    let both = format!("{}---\n{}", policy("house-rules", HOUSE_RULES), policy("older", &other));
    let path = file("why/both.yaml", &both);
    let (code, out, _) =
        run(&["why", "deployment/checkout", "team-unnamed", "-f", "-", "--policy", &path], SHOP);
    assert!(code == 1 && out.contains("\n  For house-rules: add the label"), "{out}");
    assert!(out.contains("\n  For older: The policy asks for this to be true:\n"), "{out}");
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
