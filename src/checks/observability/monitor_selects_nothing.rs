//! monitor-selects-nothing: a monitor that scrapes nobody.

use crate::api::{Category, Level, Severity};
use crate::checks::support::monitors::{asked, scrapes_pods, scrapes_service};
use crate::checks::support::selection::nearest;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Found, Kind, Monitor};

pub(super) static CHECK: Check = Check {
    id: "monitor-selects-nothing",
    title: "Every ServiceMonitor and PodMonitor scrapes something",
    category: Category::Observability,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["SE-30", "RE-27", "PE"],
    remediation: "Correct the monitor's selector, namespaces or port, or delete the monitor.",
    rule: &PerNamespace(judge),
    page: include_str!("monitor_selects_nothing.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let of_services = cx.beside::<Monitor>(Kind::ServiceMonitor);
    let of_pods = cx.beside::<Monitor>(Kind::PodMonitor);
    if of_services.is_empty() && of_pods.is_empty() {
        return Verdict::not_applicable(format!(
            "namespace '{}' has no ServiceMonitor or PodMonitor",
            cx.namespace()
        ));
    }
    let idle = of_services.iter().filter_map(|monitor| idle_service_monitor(cx, monitor));
    idle.chain(of_pods.iter().filter_map(|monitor| idle_pod_monitor(cx, monitor))).collect::<Vec<_>>().into()
}

fn idle_service_monitor(cx: &Context<'_>, monitor: &Found<'_, Monitor>) -> Option<Finding> {
    let services = cx.monitored_services(monitor);
    if services.iter().any(|service| scrapes_service(monitor, service, None)) {
        return None;
    }
    if let Some(service) = services.first() {
        let problem = format!("Service '{}' has no {}", service.meta.name, asked(monitor));
        return Some(finding(Kind::ServiceMonitor, monitor, &problem, "spec.endpoints"));
    }
    let near = nearest(cx.services_nearby(), |service| {
        (&monitor.facts.selector, &service.meta.labels, service.meta.name == monitor.meta.name)
    });
    let near = near.map(|(service, how)| format!("Service '{}' {how}", service.meta.name));
    let problem = problem("Service", near, monitor);
    Some(finding(Kind::ServiceMonitor, monitor, &problem, "spec.selector"))
}

fn idle_pod_monitor(cx: &Context<'_>, monitor: &Found<'_, Monitor>) -> Option<Finding> {
    let found = cx.monitored_pods(monitor);
    if found.workloads.iter().any(|workload| scrapes_pods(monitor, workload)) {
        return None;
    }
    if let Some(workload) = found.workloads.first() {
        let problem =
            format!("the pods of {} '{}' declare no {}", workload.kind, workload.meta.name, asked(monitor));
        return Some(finding(Kind::PodMonitor, monitor, &problem, "spec.podMetricsEndpoints"));
    }
    // Pods of somebody who is not known: their ports are not, either.
    if found.pods {
        return None;
    }
    let near = nearest(cx.workloads(), |workload| {
        (&monitor.facts.selector, workload.pod_labels(), workload.meta.name == monitor.meta.name)
    });
    let near = near.map(|(workload, how)| format!("{} '{}' {how}", workload.kind, workload.meta.name));
    Some(finding(Kind::PodMonitor, monitor, &problem("workload", near, monitor), "spec.selector"))
}

fn problem(what: &str, near: Option<String>, monitor: &Monitor) -> String {
    let place = match monitor.namespaces.match_names.as_slice() {
        _ if monitor.namespaces.any => " in any namespace",
        [] => " of its namespace",
        _ => " of the namespaces that it names",
    };
    let near = near.map(|near| format!(" ({near})")).unwrap_or_default();
    format!("it selects no {what}{place}{near}")
}

fn finding(kind: Kind, monitor: &Found<'_, Monitor>, problem: &str, field: &str) -> Finding {
    let name = &monitor.meta.name;
    let message = format!(
        "{kind} '{name}' scrapes nothing: {problem}; nobody notices, as what is not scraped has no alert; correct it, or \
         delete it"
    );
    Finding::new(message).object(kind, name).field(field)
}
