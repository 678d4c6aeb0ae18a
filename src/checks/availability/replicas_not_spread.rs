//! replicas-not-spread: several replicas that may all sit on one node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{AntiAffinityTerm, Selector, Text, TopologySpread, Workload};

pub(super) static CHECK: Check = Check {
    id: "replicas-not-spread",
    title: "Replicas are spread over nodes",
    category: Category::Availability,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-31", "SE-14", "RE-25", "HA-21", "PE"],
    remediation: "Add a topology spread constraint over nodes that selects the workload's own pods.",
    rule: &PerWorkload(judge),
    page: include_str!("replicas_not_spread.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// topologyKey is the node label whose values the replicas must be spread over.
    #[schemars(length(min = 1, max = 317))]
    topology_key: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { topology_key: "kubernetes.io/hostname".to_owned() }
    }
}

/// Labels of a revision, which controllers add to all of its pods.
const REVISIONS: &[&str] = &["controller-revision-hash", "pod-template-hash", "rollouts-pod-template-hash"];

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let Some(floor) = cx.floor(workload) else {
        return Verdict::not_applicable(format!("nobody sets the number of pods of a {}", workload.kind));
    };
    match floor.replicas {
        0 => return Verdict::not_applicable(format!("it may scale to zero: {}", floor.describe())),
        1 => return Verdict::not_applicable(format!("there is nothing to spread: {}", floor.describe())),
        _ => {}
    }
    let key = parameters.topology_key.as_str();
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
        "nothing spreads its pods over '{key}'{near}, so that one lost node may take all of them ({}); add a topology \
         spread constraint that selects its own pods",
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
