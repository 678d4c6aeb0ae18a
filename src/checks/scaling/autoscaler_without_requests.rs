//! autoscaler-without-requests: an autoscaler that divides by a request that nobody made.

use crate::api::{Category, Level, Severity};
use crate::checks::support::autoscaling::{NONE, horizontal};
use crate::checks::support::serving::named;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Autoscaler, Container, Resource, ResourceMetric, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "autoscaler-without-requests",
    title: "Every container that an autoscaler measures against its request has one",
    category: Category::Scaling,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-27", "RE-06"],
    remediation: "Set the request of the resource on every container that the autoscaler counts.",
    rule: &PerWorkload(judge),
    page: include_str!("autoscaler_without_requests.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let scalers = horizontal(cx, workload);
    if scalers.is_empty() {
        return Verdict::not_applicable(NONE);
    }
    let by_utilization = |scaler: &&Autoscaler| scaler.metrics.iter().any(|metric| metric.utilization);
    if !scalers.iter().any(by_utilization) {
        return Verdict::not_applicable("no autoscaler measures it against its requests");
    }
    let of_metric = |scaler: &Autoscaler, metric: &ResourceMetric| match &metric.container {
        Some(name) => of_container(cx, workload, scaler, metric.resource, name),
        None => of_pod(cx, workload, scaler, metric.resource),
    };
    let mut findings = Vec::new();
    for scaler in scalers {
        let metrics = scaler.metrics.iter().filter(|metric| metric.utilization);
        findings.extend(metrics.filter_map(|metric| of_metric(scaler, metric)));
    }
    findings.into()
}

/// One container is measured, whatever the pod as a whole requests.
fn of_container(
    cx: &Context<'_>,
    workload: &Workload,
    scaler: &Autoscaler,
    resource: Resource,
    name: &Text,
) -> Option<Finding> {
    match workload.running_containers().find(|container| container.name == *name) {
        Some(container) if is_requested(cx, container, resource) => None,
        Some(container) => Some(lacking(cx, workload, scaler, resource, &[container])),
        None => {
            let message = format!(
                "{} scales by the {} utilization of container '{name}', which its pods do not have, so it cannot be computed; name \
                 one of theirs",
                scaler.describe(),
                resource.noun()
            );
            Some(Finding::new(message).object(scaler.kind, &scaler.meta.name).field("spec.metrics"))
        }
    }
}

fn of_pod(cx: &Context<'_>, workload: &Workload, scaler: &Autoscaler, resource: Resource) -> Option<Finding> {
    let spec = &workload.template.spec;
    let running: Vec<&Container> = workload.running_containers().collect();
    // As the autoscaler counts: where the pod requests anything by itself, whatever of the resource is requested.
    let whole =
        [Resource::Cpu, Resource::Memory].into_iter().any(|resource| spec.request(resource).is_some());
    if whole {
        let by_pod = spec.request(resource).is_some_and(|request| request.nanos > 0);
        let met = by_pod || running.iter().any(|container| is_requested(cx, container, resource));
        return (!met).then(|| lacking(cx, workload, scaler, resource, &running));
    }
    // A request of zero is one, as long as they do not all add up to nothing.
    let lacks = |container: &&Container| cx.request(container, resource).is_none();
    let without: Vec<&Container> = running.iter().copied().filter(lacks).collect();
    if !without.is_empty() {
        return Some(lacking(cx, workload, scaler, resource, &without));
    }
    let any = running.iter().any(|container| is_requested(cx, container, resource));
    (!any).then(|| lacking(cx, workload, scaler, resource, &running))
}

fn is_requested(cx: &Context<'_>, container: &Container, resource: Resource) -> bool {
    cx.request(container, resource).is_some_and(|given| !given.amount.is_zero())
}

fn lacking(
    cx: &Context<'_>,
    workload: &Workload,
    scaler: &Autoscaler,
    resource: Resource,
    containers: &[&Container],
) -> Finding {
    let (noun, field) = (resource.noun(), format!("resources.requests.{}", resource.name()));
    let verb = if containers.len() == 1 { "has" } else { "have" };
    // A zero is there, but nothing can be a percentage of it.
    let zero = containers.iter().any(|container| cx.request(container, resource).is_some());
    let lack = if zero { format!("a {noun} request of 0") } else { format!("no {noun} request") };
    let message = format!(
        "{} scales by {noun} utilization, a percentage of the request, but {} {verb} {lack}, so it cannot be computed; set {field}",
        scaler.describe(),
        named(containers)
    );
    match containers {
        [first, ..] => Finding::new(message).container(workload, first, &field),
        [] => Finding::new(message),
    }
}
