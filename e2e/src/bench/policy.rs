//! The policies that are measured: one that asks for as many checks as the others have, and one that asks for all.
//!
//! Not its job: which numbers are to be reached (`offline.rs`, `cluster.rs`).

use std::fmt::Write as _;

/// As many checks as kube-score has, and on the same matters: those that compare with like.
const FEW: [&str; 32] = [
    "autoscaler-target-missing",
    "bare-pod",
    "default-namespace-used",
    "grace-period-too-short",
    "liveness-equals-readiness",
    "memory-limit-ratio",
    "missing-autoscaler",
    "missing-cpu-request",
    "missing-liveness-probe",
    "missing-memory-limit",
    "missing-memory-request",
    "missing-network-policy",
    "missing-pod-disruption-budget",
    "missing-prestop-hook",
    "missing-readiness-probe",
    "missing-recommended-labels",
    "mutable-image-tag",
    "namespace-without-default-deny",
    "namespace-without-limit-range",
    "namespace-without-resource-quota",
    "pdb-blocks-eviction",
    "privilege-escalation",
    "privileged-container",
    "recreate-strategy",
    "replicas-not-spread",
    "root-not-excluded",
    "runs-as-root",
    "secret-in-environment",
    "service-selects-nothing",
    "too-few-replicas",
    "workload-unavailable",
    "writable-root-filesystem",
];

/// Checks that no profile has, so that all there is runs.
const BESIDE_PROFILES: &str = "
  - {name: unapproved-image-registry, parameters: {allowedRegistries: [registry.example.com]}}
  - {name: image-pull-policy-not-always}
  - {name: load-balancer-exposed}
";

/// How many checks there are in `few`.
pub(super) const fn few_count() -> usize {
    FEW.len()
}

/// A policy for every namespace that asks for 32 checks.
pub(super) fn few() -> String {
    let mut policy = policy("None");
    for check in FEW {
        // Writing to a String cannot fail.
        let _ = write!(policy, "\n  - {{name: {check}}}");
    }
    policy.push('\n');
    policy
}

/// The same policy, which now asks for every check there is.
pub(super) fn all() -> String {
    policy("Strict") + BESIDE_PROFILES
}

fn policy(level: &str) -> String {
    format!(
        "apiVersion: seaworthy.dev/v1alpha1\nkind: ProductionPolicy\nmetadata: {{name: everything}}\nspec:\n  \
         match: {{namespaceSelector: {{}}}}\n  profile: {{level: {level}}}\n  checks:"
    )
}
