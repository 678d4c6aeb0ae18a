//! missing-pod-disruption-budget: nothing keeps a drain from taking all pods at once.

use crate::api::{Category, Level, Severity};
use crate::checks::support::selection::nearest;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "missing-pod-disruption-budget",
    title: "Every replicated workload has a PodDisruptionBudget",
    category: Category::Availability,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["SE-15", "RE-24", "HA-03", "HA-22", "PE"],
    remediation: "Create a PodDisruptionBudget with maxUnavailable: 1 that selects the workload's pods.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_pod_disruption_budget.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let Some(floor) = cx.floor(workload) else {
        return Verdict::not_applicable(format!("nobody sets the number of pods of a {}", workload.kind));
    };
    match floor.replicas {
        0 => return Verdict::not_applicable(format!("it may scale to zero: {}", floor.describe())),
        1 => {
            let why = format!("a budget could only block node drains: {}", floor.describe());
            return Verdict::not_applicable(why);
        }
        _ => {}
    }
    if !cx.budgets_of(workload).is_empty() {
        return Verdict::Pass;
    }
    let considered = near_miss(cx, workload).map(|near| format!(" ({near})")).unwrap_or_default();
    Verdict::fail(Finding::new(format!(
        "no PodDisruptionBudget selects its pods{considered}, so node drains and upgrades may evict all of them at once \
         ({}); create one with maxUnavailable: 1",
        floor.describe()
    )))
}

/// A budget that somebody may have meant for the workload, and why it does not count.
fn near_miss(cx: &Context<'_>, workload: &Workload) -> Option<String> {
    let budgets: Vec<_> = cx.budgets_nearby().collect();
    let namesake = budgets.iter().find(|budget| budget.meta.name == workload.meta.name);
    if let Some(budget) = namesake.filter(|budget| budget.selector.is_none()) {
        return Some(format!("PodDisruptionBudget '{}' has no selector", budget.meta.name));
    }
    let selecting = budgets.iter().filter_map(|budget| Some((*budget, budget.selector.as_ref()?)));
    let near = nearest(selecting, |(budget, selector)| {
        (*selector, workload.pod_labels(), budget.meta.name == workload.meta.name)
    });
    if let Some(((budget, _), how)) = near {
        return Some(format!("PodDisruptionBudget '{}' {how}", budget.meta.name));
    }
    let stray = cx.stray_budget(workload)?;
    let (name, namespace) = (&stray.meta.name, &stray.meta.namespace);
    Some(format!("PodDisruptionBudget '{name}' is in namespace '{namespace}'"))
}
