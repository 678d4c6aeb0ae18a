//! What would newly fail if some policies took the place of others.

use serde_json::json;

use super::{SHOP, file, json, policy, replicas, run};

#[test]
fn diff_counts_what_would_newly_fail_and_shows_it_with_its_place() {
    let (old, new) = (file("diff/old.yaml", &replicas(2)), file("diff/new.yaml", &replicas(3)));
    let (code, out, err) = run(&["policy", "diff", &old, &new, "-"], SHOP);
    assert_eq!((code, err.as_str()), (1, ""));
    let message = "it can run with 2 replicas";
    assert!(out.contains(message) || out.contains("replicas"), "{out}");
    let head = "1 workload and 0 namespaces would newly fail\n  too-few-replicas  on 1 subject\n";
    assert!(out.starts_with(head), "{out}");
    assert!(out.contains("Deployment shop/checkout  <stdin>:7:12\n  newly not ready\n"), "{out}");
    assert!(out.contains("  critical  too-few-replicas  <stdin>:9:3\n"), "{out}");
    assert!(out.contains("\n0 workloads and 0 namespaces would no longer fail\n"), "{out}");
    let (code, back) = json(&["policy", "diff", &new, &old, "-"], SHOP);
    assert_eq!(code, 0);
    assert_eq!(back["newlyFailing"], json!({"workloads": 0, "namespaces": 0, "checks": [], "subjects": []}));
    let no_longer = &back["noLongerFailing"];
    assert_eq!((&no_longer["workloads"], &no_longer["subjects"][0]["name"]), (&json!(1), &json!("checkout")));
    assert_eq!(no_longer["checks"], json!([{"name": "too-few-replicas", "subjects": 1}]));
    let (code, same) = json(&["policy", "diff", &new, &new, "-"], SHOP);
    assert_eq!((code, &same["newlyFailing"]), (0, &same["noLongerFailing"]));
}

#[test]
fn diff_tells_a_further_failure_from_a_changed_verdict() {
    let tags = "  - {name: mutable-image-tag, severity: High}\n";
    let old = file("further/old.yaml", &replicas(3));
    let both = replicas(3).replace("  checks: [{", "  checks:\n  - {").replace("}}]\n", "}}\n") + tags;
    let new = file("further/new.yaml", &both);
    let (code, diff) = json(&["policy", "diff", &old, &new, "-"], SHOP);
    assert_eq!(code, 1);
    let newly = &diff["newlyFailing"];
    assert_eq!((&newly["workloads"], &newly["subjects"][0]["verdictChanges"]), (&json!(0), &json!(false)));
    assert_eq!(newly["subjects"][0]["findings"][0]["check"], "mutable-image-tag");
    assert_eq!(newly["subjects"][0]["findings"][0]["place"], "<stdin>:16:9");
}

#[test]
fn diff_takes_previewed_policies_of_new_as_enforced_and_no_policy_of_the_input() {
    let old = file("preview/old.yaml", &replicas(1));
    let preview = replicas(3).replace("  match:", "  enforcement: Preview\n  match:");
    let new = file("preview/new.yaml", &preview);
    let input = format!(
        "{SHOP}---\n{}",
        policy("other", "  match: {namespaceSelector: {}}\n  checks: [{name: host-port}]\n")
    );
    let (code, out, err) = run(&["policy", "diff", &old, &new, "-"], &input);
    assert_eq!(code, 1);
    assert!(out.starts_with("2 workloads and 0 namespaces would newly fail\n"), "{out}");
    assert!(
        err.contains(
            "new.yaml:3: ProductionPolicy 'replicas' is only previewed, and is taken as if it were enforced"
        ),
        "{err}"
    );
    assert!(
        err.contains("<stdin>:43: ProductionPolicy 'other' is left out: only OLD and NEW count"),
        "{err}"
    );
    let (code, out, err) = run(&["policy", "diff", &new, &old, "-"], SHOP);
    assert!(out.contains("0 workloads and 0 namespaces would no longer fail"), "{out}");
    assert!(code == 0 && err.contains("only previewed, and does not count"), "{err}");
}

#[test]
fn diff_says_what_it_cannot_compare() {
    let old = file("cannot/old.yaml", &replicas(2));
    let nothing = file("cannot/nothing.yaml", "# nothing\n");
    let bad = file("cannot/bad.yaml", &replicas(2).replace("too-few-replicas", "too-few-replica"));
    assert_eq!(run(&["policy", "diff", &old, "/no/such/file", "-"], SHOP).0, 2);
    assert_eq!(run(&["policy", "diff", &old, &old], "").0, 2, "no path");
    let (code, _, err) = run(&["policy", "diff", "-", &old, "-"], SHOP);
    assert!(code == 2 && err.contains("standard input is read once"), "{err}");
    let (code, _, err) = run(&["policy", "diff", &old, &bad, "-"], SHOP);
    assert!(
        code == 2 && err.contains("bad.yaml:3: spec.checks[0].name: there is no check 'too-few-replica'"),
        "{err}"
    );
    let (code, _, err) = run(&["policy", "diff", &old, &old, "-"], "# nothing\n");
    assert!(code == 3 && err.contains("nothing to look at"), "{err}");
    let (code, out, err) = run(&["policy", "diff", &nothing, &old, "-"], SHOP);
    assert!(code == 1 && out.starts_with("1 workload and"), "{out}");
    assert!(err.contains("note: OLD has no ProductionPolicy, so it asks for nothing"), "{err}");
}
