//! missing-autoscaler: a number of replicas that stays as it is, whatever the load.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-autoscaler",
    title: "Every Deployment and Rollout scales with its load",
    category: Category::Scaling,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-16", "ST-27", "ST-28", "RE-06", "HA-16", "HA-19"],
    remediation: "Create a HorizontalPodAutoscaler or a KEDA ScaledObject that targets the workload.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_autoscaler.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !matches!(workload.kind, Kind::Deployment | Kind::Rollout) {
        return Verdict::not_applicable(format!("a {} is not asked to scale with its load", workload.kind));
    }
    if !cx.autoscalers_of(workload).is_empty() {
        return Verdict::Pass;
    }
    let replicas = match workload.replicas.unwrap_or(1) {
        1 => "1 replica".to_owned(),
        n => format!("{n} replicas"),
    };
    let considered = near_miss(cx, workload).map(|near| format!(" ({near})")).unwrap_or_default();
    Verdict::fail(Finding::new(format!(
        "no HorizontalPodAutoscaler or ScaledObject targets it{considered}, so a peak of load meets {replicas} and no \
         more; create one"
    )))
}

/// An autoscaler that somebody may have meant for the workload, and why it does not count.
fn near_miss(cx: &Context<'_>, workload: &Workload) -> Option<String> {
    let mut naming = cx.autoscalers_naming(&workload.meta.name);
    // One that scales something else of that name says nothing; one that points nowhere does.
    naming.retain(|a| a.target_id().is_none_or(|id| cx.workloads().all(|w| w.id() != id)));
    let said = |a: &crate::model::Autoscaler| format!("{} '{}'", a.kind, a.meta.name);
    let horizontal = naming.iter().find(|a| a.kind != Kind::VerticalPodAutoscaler);
    let here = horizontal.map(|a| {
        let target = &a.target;
        let group = if target.group.is_empty() { "the core group" } else { target.group.as_str() };
        format!("{} names {} '{}' of {group} instead", said(a), target.kind, target.name)
    });
    here.or_else(|| {
        let stray = cx.stray_autoscaler(workload)?;
        Some(format!("{} is in namespace '{}'", said(stray), stray.meta.namespace))
    })
    .or_else(|| {
        let vertical = cx
            .autoscalers_naming(&workload.meta.name)
            .into_iter()
            .find(|a| a.kind == Kind::VerticalPodAutoscaler && a.target.kind == workload.kind.name())?;
        Some(format!("{} changes requests, not replicas", said(vertical)))
    })
}
