//! pdb-traps-unhealthy-pods: a budget that keeps broken pods from being evicted.

use crate::api::{Category, Level, Severity};
use crate::checks::support::budgets::none;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{DisruptionBudget, Kind};

pub(super) static CHECK: Check = Check {
    id: "pdb-traps-unhealthy-pods",
    title: "Every PodDisruptionBudget lets pods go that do not work anyway",
    category: Category::Availability,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["SE-15", "PE"],
    remediation: "Set unhealthyPodEvictionPolicy: AlwaysAllow.",
    rule: &PerNamespace(judge),
    page: include_str!("pdb_traps_unhealthy_pods.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let budgets = cx.budgets();
    if budgets.is_empty() {
        return Verdict::not_applicable(none(cx));
    }
    let trapping = budgets.into_iter().filter(|budget| !budget.always_evicts_unhealthy);
    trapping.map(finding).collect::<Vec<_>>().into()
}

fn finding(budget: &DisruptionBudget) -> Finding {
    let name = &budget.meta.name;
    let message = format!(
        "PodDisruptionBudget '{name}' does not set unhealthyPodEvictionPolicy to AlwaysAllow: while too few pods are ready \
         it also guards those that crash, and drains of their nodes hang until somebody comes; set AlwaysAllow"
    );
    Finding::new(message).object(Kind::PodDisruptionBudget, name).field("spec.unhealthyPodEvictionPolicy")
}
