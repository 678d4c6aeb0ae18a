//! missing-service: a workload that waits for connections that nobody can find the way to.

use crate::api::{Category, Level, Severity};
use crate::checks::support::serving::unselected;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{ContainerPort, Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-service",
    title: "A Service leads to every workload that declares ports",
    category: Category::Networking,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-29"],
    remediation: "Create a Service that selects the pods, or take the ports out of the manifest if nobody calls them.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_service.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable(format!("nobody calls the pods of a {}", workload.kind));
    }
    if workload.kind == Kind::DaemonSet {
        return Verdict::not_applicable("the pods of a DaemonSet are called on their own node");
    }
    if workload.template.spec.host_network {
        return Verdict::not_applicable("its pods are called at the addresses of their nodes");
    }
    let mut ports = workload.running_containers().flat_map(|container| &container.ports);
    let Some(port) = ports.find(|port| is_for_clients(port)) else {
        return Verdict::not_applicable("it declares no port for clients");
    };
    if !cx.services_of(workload).is_empty() {
        return Verdict::Pass;
    }
    let named = if port.name.is_empty() { String::new() } else { format!(" ('{}')", port.name) };
    Verdict::fail(Finding::new(format!(
        "it declares port {}{named}, but {}: clients have no name for it, and addresses of pods change with every one of \
         them; create a Service that selects its pods",
        port.number,
        unselected(cx, workload)
    )))
}

/// What monitoring looks at goes to each pod, so it needs no Service.
fn is_for_clients(port: &ContainerPort) -> bool {
    const OF_MONITORING: [&str; 6] = ["metric", "prom", "health", "probe", "debug", "pprof"];
    !OF_MONITORING.iter().any(|word| port.name.contains(word))
}
