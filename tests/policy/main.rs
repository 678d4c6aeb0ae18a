//! `seaworthy policy` and `seaworthy why` as a person and a pipeline use them: the program itself, with files.
//!
//! Not here: that a cluster says the same (`e2e/tests/live/commands.rs`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod diff;
mod effective;
#[path = "../support/mod.rs"]
mod support;
mod validate;
mod why;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use support::run;

const SHOP: &str = "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout, namespace: shop, labels: {tier: front}}
spec:
  replicas: 2
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}}
    spec:
      containers:
      - name: web
        image: shop/checkout:latest
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: single, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: single}}
  template:
    metadata: {labels: {app: single}}
    spec: {containers: [{name: web, image: 'shop/single:1.0.0'}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: ops}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: 'ops/agent:1.0.0'}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: ops}
";

fn policy(name: &str, more: &str) -> String {
    format!(
        "apiVersion: seaworthy.dev/v1alpha1
kind: ProductionPolicy
metadata: {{name: {name}}}
spec:
  profile: {{level: None}}
{more}"
    )
}

fn replicas(minimum: u32) -> String {
    policy(
        "replicas",
        &format!(
            "  match: {{namespaceSelector: {{}}}}
  checks: [{{name: too-few-replicas, severity: Critical, parameters: {{minimum: {minimum}}}}}]
"
        ),
    )
}

fn json(args: &[&str], stdin: &str) -> (i32, Value) {
    let args: Vec<&str> = args.iter().copied().chain(["-o", "json"]).collect();
    let (code, out, err) = run(&args, stdin);
    (code, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}")))
}

/// A file of this test program, and its path.
fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("policy").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Five policies: one of them covers the Deployment, and a second asks for the same check more strictly.
fn policies() -> String {
    let selecting = |name: &str, match_: &str, more: &str| {
        policy(name, &format!("  match: {match_}\n{more}  checks: [{{name: too-few-replicas}}]\n"))
    };
    [
        replicas(3),
        policy(
            "more",
            "  complianceThreshold: Critical
  match: {namespaceSelector: {matchLabels: {env: prod}}}
  checks: [{name: too-few-replicas}, {name: mutable-image-tag}]
",
        ),
        selecting("excluding", "{namespaceSelector: {}, excludeNamespaces: [shop]}", ""),
        selecting("payments", "{namespaceSelector: {matchLabels: {env: test}}}", ""),
        selecting("backs", "{namespaceSelector: {}, objectSelector: {matchLabels: {tier: back}}}", ""),
        selecting("tried", "{namespaceSelector: {}}", "  enforcement: Preview\n"),
    ]
    .join("---\n")
}
