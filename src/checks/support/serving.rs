//! Which containers of a workload answer for the Services that select it.

use super::selection::nearest;
use super::words::quoted_list;
use crate::engine::Context;
use crate::model::{Container, IntOrString, Role, Service, ServicePort, Workload};

/// The containers that a port of a Service leads to.
pub(crate) struct Target<'a, 'w> {
    /// The Service.
    pub(crate) service: &'a Service,
    /// The containers; never empty.
    pub(crate) containers: Vec<&'w Container>,
    /// Nobody declares the port, so just one of the containers listens there, and a manifest does not say which.
    pub(crate) guessed: bool,
}

/// The containers behind each port of the Services. A port name that nobody declares leads nowhere.
pub(crate) fn targets<'a, 'w>(services: &[&'a Service], workload: &'w Workload) -> Vec<Target<'a, 'w>> {
    let ports = services.iter().flat_map(|service| service.ports.iter().map(move |port| (*service, port)));
    ports.filter_map(|(service, port)| target(service, port, workload)).collect()
}

fn target<'a, 'w>(
    service: &'a Service,
    port: &ServicePort,
    workload: &'w Workload,
) -> Option<Target<'a, 'w>> {
    let wanted = port.target();
    let declares = |container: &&Container| {
        container.ports.iter().filter(|declared| declared.protocol == port.protocol).any(|declared| {
            match &wanted {
                IntOrString::Int(number) => declared.number == *number,
                IntOrString::String(name) => declared.name == *name,
            }
        })
    };
    let declaring: Vec<&Container> = workload.running_containers().filter(declares).collect();
    if !declaring.is_empty() {
        return Some(Target { service, containers: declaring, guessed: false });
    }
    if matches!(wanted, IntOrString::String(_)) {
        return None;
    }
    // To declare a port that is known by its number is only a courtesy.
    let mut applications = workload.running_containers().filter(|c| c.role == Role::Application);
    Some(match (applications.next(), applications.next()) {
        (Some(only), None) => Target { service, containers: vec![only], guessed: false },
        _ => Target { service, containers: workload.running_containers().collect(), guessed: true },
    })
}

/// The Service that comes closest to selecting the workload's pods, and why it does not.
pub(crate) fn near_miss(cx: &Context<'_>, workload: &Workload) -> Option<String> {
    let selecting = cx.services_nearby().filter(|service| !service.external_name);
    let selecting = selecting.filter_map(|service| Some((service, service.selector.as_ref()?)));
    let near = nearest(selecting, |(service, selector)| {
        (*selector, workload.pod_labels(), service.meta.name == workload.meta.name)
    });
    if let Some(((service, _), how)) = near {
        return Some(format!("Service '{}' {how}", service.meta.name));
    }
    let stray = cx.stray_service(workload)?;
    Some(format!("Service '{}' exists in namespace '{}'", stray.meta.name, stray.meta.namespace))
}

/// "no Service selects its pods", with the near miss.
pub(crate) fn unselected(cx: &Context<'_>, workload: &Workload) -> String {
    match near_miss(cx, workload) {
        Some(miss) => format!("no Service selects its pods ({miss})"),
        None => "no Service selects its pods".to_owned(),
    }
}

/// "container 'a'", "containers 'a' and 'b'".
pub(crate) fn named(containers: &[&Container]) -> String {
    let names = quoted_list(containers.iter().map(|c| &c.name));
    match containers {
        [one] => format!("{} {names}", one.role.noun()),
        _ => format!("containers {names}"),
    }
}

/// "Service 'a'", "Services 'a' and 'b'"; each once.
pub(crate) fn named_services<'a>(services: impl IntoIterator<Item = &'a Service>) -> String {
    let mut names: Vec<_> = services.into_iter().map(|service| &service.meta.name).collect();
    names.sort_unstable();
    names.dedup();
    let noun = if names.len() == 1 { "Service" } else { "Services" };
    format!("{noun} {}", quoted_list(names))
}
