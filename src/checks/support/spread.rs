//! Whether something spreads a workload's pods over the values of a node label.
//!
//! What counts is what the pods themselves ask for, required or preferred; the scheduler's own mild preference does not.

use super::words::quoted_list;
use crate::engine::{Context, Finding, Verdict};
use crate::model::{AntiAffinityTerm, Selector, Text, TopologySpread, Workload};

/// Labels of a revision, which controllers add to all of its pods.
const REVISIONS: &[&str] = &["controller-revision-hash", "pod-template-hash", "rollouts-pod-template-hash"];

/// The verdict on spreading a workload's pods over the values of a node label. `lost`: what such a value stands for.
pub(crate) fn judge(cx: &Context<'_>, workload: &Workload, key: &str, lost: &str) -> Verdict {
    let Some(floor) = cx.floor(workload) else {
        return Verdict::not_applicable(format!("nobody sets the number of pods of a {}", workload.kind));
    };
    match floor.replicas {
        0 => return Verdict::not_applicable(format!("it may scale to zero: {}", floor.describe())),
        1 => return Verdict::not_applicable(format!("there is nothing to spread: {}", floor.describe())),
        _ => {}
    }
    let spec = &workload.template.spec;
    let mut considered = Vec::new();
    // Constraints first: they never ask for the namespace's labels.
    for (index, constraint) in spec.topology_spread.iter().enumerate() {
        match constraint_miss(workload, constraint, key) {
            None => return Verdict::Pass,
            Some(miss) => {
                let path = format!("topologySpreadConstraints[{index}]");
                let elsewhere = constraint.topology_key.as_str() != key;
                considered.push((elsewhere, format!(" (its topology spread constraint {miss})"), path));
            }
        }
    }
    for term in &spec.anti_affinity {
        match anti_affinity_miss(cx, workload, term, key) {
            None => return Verdict::Pass,
            Some(miss) => {
                let path = "affinity.podAntiAffinity".to_owned();
                let elsewhere = term.topology_key.as_str() != key;
                considered.push((elsewhere, format!(" (its pod anti-affinity {miss})"), path));
            }
        }
    }
    // One on the right key was meant to do it, one on another key has a purpose of its own.
    let (_, near, path) = considered
        .into_iter()
        .min_by_key(|(elsewhere, _, _)| *elsewhere)
        .unwrap_or_else(|| (false, String::new(), "topologySpreadConstraints".to_owned()));
    let message = format!(
        "nothing spreads its pods over '{key}'{near}, so that one lost {lost} may take all of them ({}); add a topology \
         spread constraint",
        floor.describe()
    );
    Verdict::fail(Finding::new(message).field(workload.pod_field(path)))
}

/// Why a constraint does not spread the workload's own pods; `None` when it does.
/// `matchLabelKeys` take their values from the pod itself, so they keep pods of one revision together.
fn constraint_miss(workload: &Workload, constraint: &TopologySpread, key: &str) -> Option<String> {
    if constraint.topology_key.as_str() != key {
        return Some(format!("is about '{}'", constraint.topology_key));
    }
    selector_miss(workload, constraint.label_selector.as_ref())
}

fn anti_affinity_miss(
    cx: &Context<'_>,
    workload: &Workload,
    term: &AntiAffinityTerm,
    key: &str,
) -> Option<String> {
    if term.topology_key.as_str() != key {
        return Some(format!("is about '{}'", term.topology_key));
    }
    if let Some(miss) = selector_miss(workload, term.label_selector.as_ref()) {
        return Some(miss);
    }
    // Pods of one template share its labels, and pods of one revision its hash.
    let shared = |own: &&Text| workload.pod_labels().has(own) || REVISIONS.contains(&own.as_str());
    if let Some(own) = term.mismatch_label_keys.iter().find(shared) {
        return Some(format!("leaves out pods of the same '{own}'"));
    }
    let named = term.namespaces.contains(cx.namespace());
    let here = match &term.namespace_selector {
        None => named || term.namespaces.is_empty(),
        Some(selector) => named || selector.is_empty() || selector.matches(&cx.namespace_labels()),
    };
    (!here).then(|| "is about other namespaces".to_owned())
}

/// Why a selector does not select the workload's own pods.
fn selector_miss(workload: &Workload, selector: Option<&Selector>) -> Option<String> {
    let Some(selector) = selector else {
        return Some("has no labelSelector, which selects no pods".to_owned());
    };
    if selector.matches_template(workload.pod_labels()) {
        return None;
    }
    let missing = selector.missing_keys(workload.pod_labels());
    if missing.is_empty() {
        return Some("has an invalid labelSelector".to_owned());
    }
    let label = if missing.len() == 1 { "label" } else { "labels" };
    Some(format!("misses its pods by {label} {}", quoted_list(missing)))
}
