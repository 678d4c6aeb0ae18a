//! pdb-selects-nothing: a budget that guards nobody.

use crate::api::{Category, Level, Severity};
use crate::checks::support::budgets::none;
use crate::checks::support::selection::near_miss;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{DisruptionBudget, Kind};

pub(super) static CHECK: Check = Check {
    id: "pdb-selects-nothing",
    title: "Every PodDisruptionBudget selects pods",
    category: Category::Availability,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Correct the budget's selector so that it matches the labels of the pods, or delete the budget.",
    rule: &PerNamespace(judge),
    page: include_str!("pdb_selects_nothing.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let budgets = cx.budgets();
    if budgets.is_empty() {
        return Verdict::not_applicable(none(cx));
    }
    budgets.into_iter().filter_map(|budget| dangling(cx, budget)).collect::<Vec<_>>().into()
}

fn dangling(cx: &Context<'_>, budget: &DisruptionBudget) -> Option<Finding> {
    let name = &budget.meta.name;
    let finding = |how: &str| {
        let message = format!(
            "PodDisruptionBudget '{name}' {how}, so that nothing keeps a drain from taking all of the pods that it was meant \
             for; make spec.selector match the labels of the pods, or delete the budget"
        );
        Finding::new(message).object(Kind::PodDisruptionBudget, name).field("spec.selector")
    };
    let Some(selector) = &budget.selector else {
        return Some(finding("has no selector and selects no pods"));
    };
    // Pods first: they settle it without a look at every kind of workload.
    if selector.is_empty() || cx.selects_any_pod(selector) || !cx.selected(selector).is_empty() {
        return None;
    }
    let considered = near_miss(cx, selector, name).map(|near| format!(" ({near})")).unwrap_or_default();
    Some(finding(&format!("selects no workload{considered}")))
}
