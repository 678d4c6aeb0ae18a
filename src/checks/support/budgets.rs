//! What checks of PodDisruptionBudgets share.

use crate::engine::Context;
use crate::model::{Kind, Workload};

/// Whether a workload is meant to have pods: it is neither suspended, nor ended, nor set to 0 replicas by a person.
pub(crate) fn has_pods(cx: &Context<'_>, workload: &Workload) -> bool {
    !workload.suspended && !cx.has_ended(workload) && !is_switched_off(cx, workload)
}

/// Whether a person set it to 0 replicas: an HPA then stands still, while KEDA writes that 0 itself.
fn is_switched_off(cx: &Context<'_>, workload: &Workload) -> bool {
    let by_keda = || cx.autoscalers_of(workload).iter().any(|a| a.kind == Kind::ScaledObject);
    workload.replicas == Some(0) && !by_keda()
}

/// Why a check of budgets has nothing to say of a namespace.
pub(crate) fn none(cx: &Context<'_>) -> String {
    format!("namespace '{}' has no PodDisruptionBudget", cx.namespace())
}
