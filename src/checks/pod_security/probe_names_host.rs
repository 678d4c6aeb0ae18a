//! probe-names-host: a probe or hook that sends the node's agent to another host.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, Handler, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "probe-names-host",
    title: "Probes and hooks ask their own pod",
    category: Category::PodSecurity,
    severity: Severity::Medium,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Remove host from the probe or hook; a virtual host is named by an httpHeaders entry.",
    rule: &PerWorkload(judge),
    page: include_str!("probe_names_host.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let findings = workload.template.spec.containers.iter().flat_map(|container| {
        handlers(container).into_iter().flat_map(move |(what, field, handler)| {
            hosts(handler).into_iter().map(move |(action, host)| {
                let message = format!(
                    "{} '{}' has a {what} that asks host '{host}' and not its own pod: the kubelet can be sent to whatever it reaches, and the answer says nothing about the container; remove host",
                    container.role.noun(),
                    container.name
                );
                Finding::new(message).container(workload, container, &format!("{field}.{action}.host"))
            })
        })
    });
    findings.collect::<Vec<_>>().into()
}

/// What the kubelet asks and tells a container: what it is, where it stands, and how.
fn handlers(container: &Container) -> Vec<(&'static str, &'static str, &Handler)> {
    let probes = [
        ("readiness probe", "readinessProbe", container.readiness_probe.as_ref()),
        ("liveness probe", "livenessProbe", container.liveness_probe.as_ref()),
        ("startup probe", "startupProbe", container.startup_probe.as_deref()),
    ];
    let hooks = [
        ("postStart hook", "lifecycle.postStart", container.lifecycle.post_start.as_deref()),
        ("preStop hook", "lifecycle.preStop", container.lifecycle.pre_stop.as_ref()),
    ];
    let probes = probes.into_iter().filter_map(|(what, at, probe)| Some((what, at, &probe?.handler)));
    probes.chain(hooks.into_iter().filter_map(|(what, at, hook)| Some((what, at, hook?)))).collect()
}

fn hosts(handler: &Handler) -> Vec<(&'static str, &Text)> {
    let http = handler.http_get.as_ref().map(|http| ("httpGet", &http.host));
    let tcp = handler.tcp_socket.as_ref().map(|tcp| ("tcpSocket", &tcp.host));
    http.into_iter().chain(tcp).filter(|(_, host)| !host.is_empty()).collect()
}
