//! Whether the endpoints of monitors lead to ports that are there.

use super::words::quoted_list;
use crate::model::{ContainerPort, IntOrString, Monitor, MonitorEndpoint, Service, Workload};

/// Whether an endpoint of a ServiceMonitor leads to a port of a Service; by a workload, when its pods decide.
pub(crate) fn scrapes_service(monitor: &Monitor, service: &Service, workload: Option<&Workload>) -> bool {
    monitor.endpoints.iter().any(|endpoint| match (&endpoint.target_port, workload) {
        _ if !endpoint.port.is_empty() => service.ports.iter().any(|port| port.name == endpoint.port),
        (Some(target), Some(workload)) => declares(workload, target),
        // Which pods are behind the Service is another question.
        _ => true,
    })
}

/// Whether an endpoint of a PodMonitor leads to a port that the pods of a workload declare.
pub(crate) fn scrapes_pods(monitor: &Monitor, workload: &Workload) -> bool {
    monitor.endpoints.iter().any(|endpoint| match &endpoint.target_port {
        _ if !endpoint.port.is_empty() => declares(workload, &IntOrString::String(endpoint.port.clone())),
        Some(target) => declares(workload, target),
        None => true,
    })
}

fn declares(workload: &Workload, port: &IntOrString) -> bool {
    let is_it = |declared: &ContainerPort| match port {
        IntOrString::Int(number) => declared.number == *number,
        IntOrString::String(name) => declared.name == *name,
    };
    workload.running_containers().any(|container| container.ports.iter().any(is_it))
}

/// "port 'metrics'", "port 'a' or 'b'": what the endpoints ask for; "port" when there is no endpoint.
pub(crate) fn asked(monitor: &Monitor) -> String {
    let port = |endpoint: &MonitorEndpoint| match &endpoint.target_port {
        Some(target) if endpoint.port.is_empty() => target.to_string(),
        _ => endpoint.port.to_string(),
    };
    let mut ports: Vec<String> = monitor.endpoints.iter().map(port).filter(|port| !port.is_empty()).collect();
    ports.dedup();
    match ports.as_slice() {
        [] => "port, as it names no endpoint".to_owned(),
        _ => format!("port {}", quoted_list(ports).replace(" and ", " or ")),
    }
}
