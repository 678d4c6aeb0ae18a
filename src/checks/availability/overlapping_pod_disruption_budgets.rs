//! overlapping-pod-disruption-budgets: two budgets for one pod, which then cannot be evicted at all.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{Category, Level, Severity};
use crate::checks::support::budgets::{has_pods, none};
use crate::checks::support::selection::{exclude_each_other, names};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{DisruptionBudget, Kind, Selector, Text};

pub(super) static CHECK: Check = Check {
    id: "overlapping-pod-disruption-budgets",
    title: "No pod has more than one PodDisruptionBudget",
    category: Category::Availability,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["SE-15", "PE"],
    remediation: "Narrow the selectors so that each pod has one budget, or delete all but one.",
    rule: &PerNamespace(judge),
    page: include_str!("overlapping_pod_disruption_budgets.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let budgets = cx.budgets();
    if budgets.is_empty() {
        return Verdict::not_applicable(none(cx));
    }
    // Overlapping budgets by name, with the workloads whose pods they share.
    let mut shared: BTreeMap<BTreeSet<&Text>, Vec<_>> = BTreeMap::new();
    if budgets.len() > 1 {
        for workload in cx.selected(&Selector::default()).into_iter().filter(|w| has_pods(cx, w)) {
            let labels = workload.pod_labels();
            let selects =
                |b: &&DisruptionBudget| b.selector.as_ref().is_some_and(|s| s.matches_template(labels));
            let selecting: Vec<&DisruptionBudget> = budgets.iter().copied().filter(selects).collect();
            shared.entry(overlapping(&selecting)).or_default().push(workload);
        }
    }
    let mut findings: Vec<Finding> = Vec::new();
    let mut known: BTreeSet<BTreeSet<&Text>> = BTreeSet::new();
    for (names_of, workloads) in shared.into_iter().filter(|(names, _)| names.len() > 1) {
        findings.extend(finding(&names_of, &format!("the pods of {}", names(&workloads))));
        known.insert(names_of);
    }
    if budgets.len() > 1 {
        findings.extend(of_running_pods(cx, &budgets, known));
    }
    findings.into()
}

/// The budgets that may select one and the same pod of a template that all of them select.
fn overlapping<'a>(budgets: &[&'a DisruptionBudget]) -> BTreeSet<&'a Text> {
    let meet = |a: &DisruptionBudget, b: &DisruptionBudget| match (&a.selector, &b.selector) {
        (Some(a), Some(b)) => !exclude_each_other(a, b),
        _ => false,
    };
    let with_another =
        |a: &&&'a DisruptionBudget| budgets.iter().any(|b| a.meta.name != b.meta.name && meet(a, b));
    budgets.iter().filter(with_another).map(|budget| &budget.meta.name).collect()
}

/// Pods whose controllers nobody here knows have no template to look at; a cluster shows the pods themselves.
fn of_running_pods<'a>(
    cx: &Context<'a>,
    budgets: &[&'a DisruptionBudget],
    mut known: BTreeSet<BTreeSet<&'a Text>>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pod in cx.running_pods(&Selector::default()) {
        let Some(owner) = pod.meta.controller.as_ref().filter(|owner| owner.known_kind().is_none()) else {
            continue;
        };
        let selects =
            |b: &&&'a DisruptionBudget| b.selector.as_ref().is_some_and(|s| s.matches(&pod.meta.labels));
        let names: BTreeSet<&Text> = budgets.iter().filter(selects).map(|budget| &budget.meta.name).collect();
        if names.len() > 1 && !known.contains(&names) {
            findings.extend(finding(&names, &format!("the pods of {} '{}'", owner.kind, owner.name)));
            known.insert(names);
        }
    }
    findings
}

fn finding(budgets: &BTreeSet<&Text>, pods: &str) -> Option<Finding> {
    let first = budgets.first()?;
    let both = if budgets.len() == 2 { "both" } else { "all" };
    let message = format!(
        "PodDisruptionBudgets {} {both} select {pods}: Kubernetes answers every eviction of a pod with two budgets with an \
         error, and node drains hang on it; narrow the selectors or keep one",
        quoted_list(budgets)
    );
    Some(Finding::new(message).object(Kind::PodDisruptionBudget, first).field("spec.selector"))
}
