//! The status of a policy with many subjects: small whatever there is to count, and written only when a number changed.
//! Driven by hand, as in `pipeline_tests`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::change::Change;
use super::exemption_tests::{input, pipeline};
use super::pipeline::Pipeline;
use super::pipeline_tests::{at, settle};
use crate::api::{ExemptionCounts, PolicyStatus};
use crate::checks::CATALOGUE;
use crate::engine::Scope;
use crate::report::MAX_STATUS;

/// Subjects of each policy, the namespaces among them.
const SUBJECTS: usize = 10_000;
const NAMESPACES: usize = 10;
/// Of each state that an exemption can be in.
const EXEMPTIONS: usize = 64;

fn deployment(number: usize, replicas: usize, label: &str) -> Value {
    json!({"kind": "Deployment", "metadata": {"name": format!("app-{number}"), "uid": number.to_string(),
            "namespace": format!("shop-{}", number % NAMESPACES), "labels": {"example.com/note": label}},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [
            {"name": "main", "image": "registry.example.com/app:latest"}]}}}})
}

fn exemption(namespace: usize, name: &str, more: &Value) -> Value {
    let mut spec = json!({"checks": ["too-few-replicas"], "reason": "one of it is licensed"});
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"kind": "ComplianceExemption", "spec": spec, "metadata": {"name": name, "uid": name, "generation": 1,
        "namespace": format!("shop-{namespace}")}})
}

/// Exemptions of every state that a policy with an approval can show.
fn exemptions() -> impl Iterator<Item = Value> {
    let target = |name: &str| json!({"apiGroup": "apps", "kind": "Deployment", "name": name});
    (0..EXEMPTIONS).flat_map(move |n| {
        let of = |state: &str, more: Value| exemption(n % NAMESPACES, &format!("{state}-{n}"), &more);
        [
            of("pending", json!({"targetRef": target(&format!("app-{n}"))})),
            of("expired", json!({"expirationTime": at(-1).to_string()})),
            of("refused", json!({"checks": ["host-port"]})),
        ]
    })
}

/// A policy that has as long names as there may be, and as many.
fn policy(name: &str, checks: &[&str], enforcement: &str) -> Value {
    let entries: Vec<Value> = (0..EXEMPTIONS)
        .map(|n| {
            let name = format!("{}{n:02}", "x".repeat(61));
            let mut entry =
                json!({"name": name, "checks": ["mutable-image-tag"], "reason": "it is rebuilt daily"});
            // The first exempt something; the others are for nobody.
            if n >= 8 {
                entry["objectSelector"] = json!({"matchLabels": {"example.com/note": "nobody"}});
            }
            entry
        })
        .collect();
    let checks: Vec<Value> = checks.iter().map(|name| json!({"name": name})).collect();
    json!({"kind": "ProductionPolicy", "metadata": {"name": name, "generation": 1},
        "spec": {"profile": {"level": "None"}, "match": {"namespaceSelector": {}}, "enforcement": enforcement,
            "complianceThreshold": "Info", "checks": checks, "exemptions": entries,
            "exemptionPolicy": {"approval": "Required", "allowedChecks": ["too-few-replicas"]}}})
}

fn statuses(changes: &[Change]) -> Vec<(&str, &PolicyStatus)> {
    let each = changes.iter().filter_map(|change| match change {
        Change::Status { policy, status } => Some((policy.as_str(), &**status)),
        _ => None,
    });
    each.collect()
}

fn written(pipeline: &mut Pipeline, second: i64) -> Vec<(String, PolicyStatus)> {
    let changes = settle(pipeline, at(second));
    statuses(&changes).into_iter().map(|(name, status)| (name.to_owned(), status.clone())).collect()
}

#[test]
fn the_status_of_a_policy_with_10_000_subjects_is_small_and_moves_with_its_numbers() {
    let few = ["too-few-replicas", "mutable-image-tag", "host-port"];
    let of_workloads = CATALOGUE.iter().filter(|check| check.rule.judges(Scope::Workload));
    let many: BTreeSet<&str> = of_workloads.map(|check| check.id).take(60).chain(few).collect();
    let many: Vec<&str> = many.into_iter().collect();
    let mut objects: Vec<Value> = (0..NAMESPACES)
        .map(|n| json!({"kind": "Namespace", "metadata": {"name": format!("shop-{n}"), "uid": format!("n{n}")}}))
        .collect();
    objects.extend([policy("few", &few, "Enforced"), policy("many", &many, "Preview")]);
    objects.extend((0..SUBJECTS - NAMESPACES).map(|n| deployment(n, 1 + n % 2, "first")));
    objects.extend(exemptions());
    let mut pipeline = pipeline(&objects);
    let first = written(&mut pipeline, 0);
    let last = |name: &str| {
        let mut of_name = first.iter().rev().filter(|(policy, _)| policy == name);
        of_name.next().map(|(_, status)| status.clone()).unwrap()
    };
    for name in ["few", "many"] {
        let status = last(name);
        let bytes = serde_json::to_string(&status).unwrap().len();
        assert!(bytes <= MAX_STATUS && MAX_STATUS < 4 << 10, "{name}: {bytes} bytes");
        assert_eq!(usize::try_from(status.workloads + status.namespaces).unwrap(), SUBJECTS);
        let each = EXEMPTIONS as i32;
        let wanted =
            ExemptionCounts { active: 8, unused: each - 8, pending: each, expired: each, refused: each };
        assert_eq!(status.exemptions, wanted, "{name}");
    }
    let told = last("many").preview.unwrap();
    assert!(told.checks.len() > 8, "{told:?}");

    // Nothing that is counted changes, however much else does.
    for n in 0..100 {
        pipeline.take(input(&deployment(n, 1 + n % 2, "second")));
    }
    pipeline.full_pass();
    assert_eq!(written(&mut pipeline, 100), [], "no number has changed");
    // One number changes, and then others so soon after that they wait for one another.
    pipeline.take(input(&deployment(0, 2, "second")));
    let names = |written: &[(String, PolicyStatus)]| -> Vec<String> {
        written.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&written(&mut pipeline, 200)), ["few", "many"]);
    for n in 1..10 {
        pipeline.take(input(&deployment(2 * n, 2, "second")));
        assert_eq!(written(&mut pipeline, 200), [], "it was written a moment ago");
    }
    let after = written(&mut pipeline, 203);
    assert_eq!(names(&after), ["few", "many"]);
    assert_eq!(after[0].1.failures.critical + after[0].1.failures.high + 10, {
        let few = last("few").failures;
        few.critical + few.high
    });
}
