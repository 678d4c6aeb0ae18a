//! probe-port-unknown: a probe that asks at a port that nobody declared.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, Handler, IntOrString, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "probe-port-unknown",
    title: "Probes and hooks name ports that their container declares",
    category: Category::Health,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-08", "ST-09", "PE"],
    remediation: "Declare the port by that name in the container, or write its number into the probe.",
    rule: &PerWorkload(judge),
    page: include_str!("probe_port_unknown.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let mut asked = false;
    let mut findings = Vec::new();
    for container in workload.running_containers() {
        for (field, what, handler) in handlers(container) {
            let ports = named_ports(handler, field.starts_with("lifecycle"));
            asked |= handler.is_set();
            findings.extend(ports.filter_map(|(below, port)| {
                let message = problem(container, what, port)?;
                Some(Finding::new(message).container(workload, container, &format!("{field}.{below}.port")))
            }));
        }
    }
    if !asked {
        return Verdict::not_applicable("no container has a probe or a hook");
    }
    findings.into()
}

/// The probes and hooks of a container: the field, the words for it, and what it does.
fn handlers(container: &Container) -> impl Iterator<Item = (&'static str, &'static str, &Handler)> {
    let hooks = &container.lifecycle;
    [
        ("livenessProbe", "liveness probe", container.liveness_probe.as_ref().map(|probe| &probe.handler)),
        ("readinessProbe", "readiness probe", container.readiness_probe.as_ref().map(|probe| &probe.handler)),
        ("startupProbe", "startup probe", container.startup_probe.as_ref().map(|probe| &probe.handler)),
        ("lifecycle.postStart", "postStart hook", hooks.post_start.as_deref()),
        ("lifecycle.preStop", "preStop hook", hooks.pre_stop.as_ref()),
    ]
    .into_iter()
    .filter_map(|(field, what, handler)| Some((field, what, handler?)))
}

/// The ports that a handler names; a number needs no declaration.
fn named_ports(handler: &Handler, is_hook: bool) -> impl Iterator<Item = (&'static str, &Text)> {
    let http = handler.http_get.as_ref().map(|get| ("httpGet", &get.port));
    // Of a hook this is accepted, and never works, whatever the port.
    let tcp = handler.tcp_socket.as_ref().filter(|_| !is_hook).map(|socket| ("tcpSocket", &socket.port));
    http.into_iter().chain(tcp).filter_map(|(field, port)| match port {
        IntOrString::String(name) => Some((field, name)),
        IntOrString::Int(_) => None,
    })
}

fn problem(container: &Container, what: &str, port: &Text) -> Option<String> {
    // The kubelet reads a text that is no declared name as a number.
    let is_number = port.parse::<u16>().is_ok_and(|number| number > 0);
    if is_number || container.ports.iter().any(|declared| declared.name == *port) {
        return None;
    }
    let mut names: Vec<&Text> =
        container.ports.iter().map(|p| &p.name).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    let declared = if names.is_empty() {
        "declares no port by name".to_owned()
    } else {
        format!("declares {}", quoted_list(names))
    };
    // The kubelet throws away the result of a probe that it cannot ask.
    let effect = match what {
        "liveness probe" => "it is never asked, and a program that hangs is never restarted",
        "readiness probe" => "it is never asked, and the pod never becomes ready",
        "startup probe" => "it is never asked, so that the pod never becomes ready and liveness never begins",
        "postStart hook" => "it fails every time, and the container is killed as soon as it starts",
        _ => "it never runs, and the program ends without it",
    };
    Some(format!(
        "the {what} of {} '{}' asks at port '{port}', and the container {declared}: {effect}; declare the port or \
         write its number",
        container.role.noun(),
        container.name
    ))
}
