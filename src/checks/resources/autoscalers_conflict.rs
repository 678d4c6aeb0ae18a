//! autoscalers-conflict: two autoscalers that undo what the other does.

use crate::api::{Category, Level, Severity};
use crate::checks::support::autoscaling::horizontal;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Autoscaler, Kind, Resource, ResourceMetric, Sizing, Workload};

pub(super) static CHECK: Check = Check {
    id: "autoscalers-conflict",
    title: "No two autoscalers steer the same resource of one workload",
    category: Category::Resources,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["RE-05", "HA-17"],
    remediation: "Set updateMode: Off on the VerticalPodAutoscaler, or take the resource out of its controlledResources.",
    rule: &PerWorkload(judge),
    page: include_str!("autoscalers_conflict.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let (vertical, horizontal) = (cx.vertical_autoscalers_of(workload), horizontal(cx, workload));
    if vertical.is_empty() || horizontal.is_empty() {
        let why = "it has no VerticalPodAutoscaler beside a HorizontalPodAutoscaler or ScaledObject";
        return Verdict::not_applicable(why);
    }
    let pairs = vertical.iter().flat_map(|v| horizontal.iter().map(move |h| (*v, *h)));
    pairs
        .filter_map(|(vertical, horizontal)| conflict(workload, vertical, horizontal))
        .collect::<Vec<_>>()
        .into()
}

fn conflict(workload: &Workload, vertical: &Autoscaler, horizontal: &Autoscaler) -> Option<Finding> {
    let sizing = vertical.sizing.as_ref()?;
    let by = |resource: Resource| {
        let metrics = horizontal.metrics.iter().filter(|metric| metric.resource == resource);
        metrics.into_iter().any(|metric| steers(workload, sizing, metric)).then(|| resource.noun())
    };
    let shared: Vec<&str> = [Resource::Cpu, Resource::Memory].into_iter().filter_map(by).collect();
    if shared.is_empty() {
        return None;
    }
    let resources = shared.join(" and ");
    let mode = if sizing.mode.is_empty() { "Recreate" } else { sizing.mode.as_str() };
    let message = format!(
        "{} (updateMode {mode}) sets the {resources} requests of the pods that {} counts by their {resources}: each answers \
         to what the other did; set updateMode: Off, or take {resources} out of controlledResources",
        vertical.describe(),
        horizontal.describe()
    );
    let finding = Finding::new(message).object(Kind::VerticalPodAutoscaler, &vertical.meta.name);
    Some(finding.field("spec.updatePolicy.updateMode"))
}

/// Whether a container whose usage the metric counts is one that the VPA sizes.
fn steers(workload: &Workload, sizing: &Sizing, metric: &ResourceMetric) -> bool {
    match &metric.container {
        Some(name) => sizing.steers(name, metric.resource),
        None => workload.running_containers().any(|c| sizing.steers(&c.name, metric.resource)),
    }
}
