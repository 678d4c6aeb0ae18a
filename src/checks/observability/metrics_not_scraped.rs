//! metrics-not-scraped: a workload that nothing measures.

use crate::api::{Category, Level, Severity};
use crate::checks::support::monitors::{asked, scrapes_pods, scrapes_service};
use crate::checks::support::selection::nearest;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Annotations, Collector, Found, Kind, Monitor, Service, Workload};

pub(super) static CHECK: Check = Check {
    id: "metrics-not-scraped",
    title: "The metrics of every long-running workload are scraped",
    category: Category::Observability,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-33", "ST-35", "ST-36", "ST-37", "SE-28", "SE-30", "RE-27", "HA-14"],
    remediation: "Create a ServiceMonitor or PodMonitor that selects the workload, or annotate its pods for scraping.",
    rule: &PerWorkload(judge),
    page: include_str!("metrics_not_scraped.md"),
};

const SCRAPE: &str = "prometheus.io/scrape";

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable(
            "its pods end by themselves, often before anything could scrape them",
        );
    }
    let template = &workload.template.metadata.annotations;
    if says_scrape(template) || has_agent(template) {
        return Verdict::Pass;
    }
    let services = cx.services_of(workload);
    if services.iter().any(|service| says_scrape(&service.meta.annotations)) {
        return Verdict::Pass;
    }
    let service_monitors = monitors(cx, Kind::ServiceMonitor);
    let scraped = |monitor: &Found<'_, Monitor>| {
        let selected = services.iter().filter(|service| monitor.selector.matches(&service.meta.labels));
        selected.into_iter().any(|service| scrapes_service(monitor, service, Some(workload)))
    };
    if service_monitors.iter().any(scraped) {
        return Verdict::Pass;
    }
    let pod_monitors = monitors(cx, Kind::PodMonitor);
    let selects = |monitor: &&Found<'_, Monitor>| monitor.selector.matches_template(workload.pod_labels());
    if pod_monitors.iter().filter(selects).any(|monitor| scrapes_pods(monitor, workload)) {
        return Verdict::Pass;
    }
    if cx.beside::<Collector>(Kind::OpenTelemetryCollector).iter().any(|collector| collector.scrapes) {
        return Verdict::Pass;
    }
    let served = [Kind::ServiceMonitor, Kind::PodMonitor, Kind::OpenTelemetryCollector];
    if !served.into_iter().any(|kind| cx.serves(kind)) {
        return Verdict::unknown(
            "there are no ServiceMonitors, PodMonitors or OpenTelemetryCollectors here, so nobody can tell how metrics are \
             collected",
        );
    }
    let considered = misplaced(workload)
        .or_else(|| wrong_port(&service_monitors, &services, &pod_monitors, workload))
        .or_else(|| near_miss(&service_monitors, &services, &pod_monitors, workload))
        .or_else(|| elsewhere(cx, workload))
        .map(|considered| format!(" ({considered})"))
        .unwrap_or_default();
    Verdict::fail(Finding::new(format!(
        "nothing scrapes the metrics of its pods{considered}, so that no dashboard shows it and no alert can fire; create a \
         ServiceMonitor or PodMonitor that selects it, or annotate the pod template with {SCRAPE}: 'true'"
    )))
}

/// The monitors that look into the namespace.
fn monitors<'a>(cx: &Context<'a>, kind: Kind) -> Vec<Found<'a, Monitor>> {
    let mut monitors = cx.reaching::<Monitor>(kind);
    monitors.retain(|monitor| monitor.namespaces.include(&monitor.meta.namespace, cx.namespace()));
    monitors
}

fn says_scrape(annotations: &Annotations) -> bool {
    annotations.get(SCRAPE).is_some_and(|value| *value == "true")
}

/// Whether an agent is told to collect from the pods: OpenTelemetry's sidecar, or Datadog's by its own annotations.
fn has_agent(annotations: &Annotations) -> bool {
    let sidecar = annotations.get("sidecar.opentelemetry.io/inject");
    let datadog = |key: &str| key.ends_with(".checks") || key.ends_with(".check_names");
    sidecar.is_some_and(|value| *value != "false" && !value.is_empty())
        || annotations.below("ad.datadoghq.com/").any(|(key, _)| datadog(key))
}

fn misplaced(workload: &Workload) -> Option<String> {
    says_scrape(&workload.meta.annotations)
        .then(|| format!("{SCRAPE} stands on the {}, and not on its pod template", workload.kind))
}

/// A monitor that selects what it should, and asks for a port that is not there.
fn wrong_port(
    service_monitors: &[Found<'_, Monitor>],
    services: &[&Service],
    pod_monitors: &[Found<'_, Monitor>],
    workload: &Workload,
) -> Option<String> {
    let of_service = service_monitors.iter().find_map(|monitor| {
        let service = services.iter().find(|service| monitor.selector.matches(&service.meta.labels))?;
        let name = &monitor.meta.name;
        Some(format!(
            "ServiceMonitor '{name}' selects Service '{}', which has no {}",
            service.meta.name,
            asked(monitor)
        ))
    });
    of_service.or_else(|| {
        let mut selecting =
            pod_monitors.iter().filter(|m| m.selector.matches_template(workload.pod_labels()));
        let monitor = selecting.next()?;
        Some(format!(
            "PodMonitor '{}' selects its pods, which declare no {}",
            monitor.meta.name,
            asked(monitor)
        ))
    })
}

/// A monitor whose selector comes close.
fn near_miss(
    service_monitors: &[Found<'_, Monitor>],
    services: &[&Service],
    pod_monitors: &[Found<'_, Monitor>],
    workload: &Workload,
) -> Option<String> {
    let by_name = |monitor: &Found<'_, Monitor>| monitor.meta.name == workload.meta.name;
    let pairs =
        service_monitors.iter().flat_map(|monitor| services.iter().map(move |service| (monitor, service)));
    let near = nearest(pairs, |(monitor, service)| {
        (&monitor.facts.selector, &service.meta.labels, by_name(monitor))
    });
    if let Some(((monitor, service), how)) = near {
        let (monitor, service) = (&monitor.meta.name, &service.meta.name);
        return Some(format!("ServiceMonitor '{monitor}' {how} of Service '{service}'"));
    }
    if let Some(monitor) = service_monitors.iter().find(|monitor| services.is_empty() && by_name(monitor)) {
        return Some(format!(
            "ServiceMonitor '{}' needs a Service, and none selects its pods",
            monitor.meta.name
        ));
    }
    let near =
        nearest(pod_monitors, |monitor| (&monitor.facts.selector, workload.pod_labels(), by_name(monitor)));
    near.map(|(monitor, how)| format!("PodMonitor '{}' {how}", monitor.meta.name))
}

fn elsewhere(cx: &Context<'_>, workload: &Workload) -> Option<String> {
    let name = &workload.meta.name;
    [Kind::ServiceMonitor, Kind::PodMonitor].into_iter().find_map(|kind| {
        let namespace = cx.beside_elsewhere(kind, name).into_iter().next()?;
        Some(format!("{kind} '{name}' is in namespace '{namespace}' and does not look into this one"))
    })
}
