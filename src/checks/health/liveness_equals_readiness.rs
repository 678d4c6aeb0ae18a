//! liveness-equals-readiness: one question that takes a pod out of service and kills it at the same time.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, Handler, HttpGet, IntOrString, Probe, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "liveness-equals-readiness",
    title: "An overloaded pod is taken out of service before it is killed",
    category: Category::Health,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["ST-10", "SE-19", "RE-11", "PE"],
    remediation: "Ask a cheaper question for liveness, or let it fail more often than readiness before it acts.",
    rule: &PerWorkload(judge),
    page: include_str!("liveness_equals_readiness.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable("its pods run to an end and serve nobody");
    }
    let both = |container: &'_ Container| -> Option<(Probe, Probe)> {
        let set = |probe: &Option<Probe>| probe.clone().filter(|probe| probe.handler.is_set());
        Some((set(&container.liveness_probe)?, set(&container.readiness_probe)?))
    };
    let mut pairs = workload.running_containers().filter_map(|c| Some((c, both(c)?))).peekable();
    if pairs.peek().is_none() {
        return Verdict::not_applicable("no container has both a liveness and a readiness probe");
    }
    pairs
        .filter_map(|(container, (liveness, readiness))| {
            judge_pair(workload, container, &liveness, &readiness)
        })
        .collect::<Vec<_>>()
        .into()
}

fn judge_pair(
    workload: &Workload,
    container: &Container,
    liveness: &Probe,
    readiness: &Probe,
) -> Option<Finding> {
    let (kill, withdraw) = (liveness.gives_up_after_seconds(), readiness.gives_up_after_seconds());
    if kill > withdraw || !same(container, &liveness.handler, &readiness.handler) {
        return None;
    }
    // Periods are at least 1 once defaulted.
    let enough = withdraw.checked_div(liveness.period_seconds).unwrap_or(0).saturating_add(1);
    let message = format!(
        "{} '{}' asks the same for liveness and readiness, and liveness gives up after {kill} s, readiness after \
         {withdraw} s: a slow or overloaded pod is killed instead of getting a rest, and the load kills the next; \
         raise livenessProbe.failureThreshold to {enough} or more, or ask something cheaper",
        container.role.noun(),
        container.name
    );
    Some(Finding::new(message).container(workload, container, "livenessProbe"))
}

/// Whether two handlers ask the same, however it is written.
fn same(container: &Container, a: &Handler, b: &Handler) -> bool {
    let get = |handler: &Handler| handler.http_get.as_ref().map(|get| normal(container, get));
    let tcp = |handler: &Handler| {
        let socket = handler.tcp_socket.as_ref();
        socket.map(|socket| (number(container, &socket.port), socket.host.clone()))
    };
    get(a) == get(b) && tcp(a) == tcp(b) && a.exec == b.exec && a.grpc == b.grpc
}

/// A request with every default written out; headers in order of name, as their order means nothing.
fn normal(container: &Container, get: &HttpGet) -> HttpGet {
    let or = |value: &Text, default: &str| if value.is_empty() { Text::new(default) } else { value.clone() };
    let mut http_headers = get.http_headers.clone();
    http_headers.sort_by(|a, b| (&a.name, &a.value).cmp(&(&b.name, &b.value)));
    HttpGet {
        path: or(&get.path, "/"),
        port: number(container, &get.port),
        host: get.host.clone(),
        scheme: or(&get.scheme, "HTTP"),
        http_headers,
    }
}

/// The number of a port that is given by name, where the container declares it.
fn number(container: &Container, port: &IntOrString) -> IntOrString {
    let declared =
        container.ports.iter().find(|p| matches!(port, IntOrString::String(name) if *name == p.name));
    declared.map_or_else(|| port.clone(), |p| IntOrString::Int(p.number))
}
