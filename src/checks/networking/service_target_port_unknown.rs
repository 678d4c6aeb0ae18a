//! service-target-port-unknown: a Service that leads to a port by a name that nobody has.

use std::sync::Arc;

use crate::api::{Category, Level, Severity};
use crate::checks::support::selection::names;
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{ContainerPort, IntOrString, Kind, Selector, Service, ServicePort, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "service-target-port-unknown",
    title: "Named target ports of Services are declared by their pods",
    category: Category::Networking,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-29", "PE"],
    remediation: "Make targetPort the name of a port that the containers declare, or its number.",
    rule: &PerNamespace(judge),
    page: include_str!("service_target_port_unknown.md"),
};

/// What is found about one port of a Service.
enum Found {
    Nothing,
    Unknown(String),
    Wrong(Finding),
}

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let services = cx.services().into_iter().filter(|service| !service.external_name);
    let mut selecting = services.filter_map(|service| Some((service, service.selector.as_ref()?))).peekable();
    if selecting.peek().is_none() {
        let why = format!("namespace '{}' has no Service with a selector", cx.namespace());
        return Verdict::not_applicable(why);
    }
    let (mut findings, mut unknown) = (Vec::new(), None);
    for (service, selector) in selecting {
        for (index, port) in service.ports.iter().enumerate() {
            match look(cx, service, selector, (index, port)) {
                Found::Nothing => {}
                Found::Unknown(why) => unknown = unknown.or(Some(why)),
                Found::Wrong(finding) => findings.push(finding),
            }
        }
    }
    match unknown {
        Some(why) if findings.is_empty() => Verdict::unknown(why),
        _ => findings.into(),
    }
}

fn look(
    cx: &Context<'_>,
    service: &Service,
    selector: &Selector,
    (index, port): (usize, &ServicePort),
) -> Found {
    // A number leads to the port whether or not anybody declares it.
    let IntOrString::String(wanted) = port.target() else { return Found::Nothing };
    let workloads = cx.selected(selector);
    let name = &service.meta.name;
    if workloads.is_empty() {
        // A Service of nobody is another matter; pods that something unknown made do not show their ports.
        return match cx.selects_any_pod(selector) {
            true => Found::Unknown(format!(
                "Service '{name}' leads to the port named '{wanted}' of pods whose makers are of no known kind"
            )),
            false => Found::Nothing,
        };
    }
    let declared = || workloads.iter().flat_map(|workload| declared(workload));
    if declared().any(|declared| declared.name == wanted && declared.protocol == port.protocol) {
        return Found::Nothing;
    }
    let protocol = port.protocol.as_str();
    let finding = Finding::new(format!(
        "port {} of Service '{name}' leads to the port named '{wanted}' ({protocol}), which no container of {} declares{}, \
         so nobody answers there; set targetPort to the name or number of the port that they listen on",
        port.port,
        names(&workloads),
        near_miss(&workloads, &wanted)
    ));
    Found::Wrong(finding.object(Kind::Service, name).field(format!("spec.ports[{index}].targetPort")))
}

fn declared(workload: &Workload) -> impl Iterator<Item = &ContainerPort> {
    workload.running_containers().flat_map(|container| &container.ports)
}

/// What the containers declare in place of the port, in words.
fn near_miss(workloads: &[&Arc<Workload>], wanted: &Text) -> String {
    let declared = || workloads.iter().flat_map(|workload| declared(workload));
    if let Some(other) = declared().find(|declared| declared.name == *wanted) {
        return format!(" ('{wanted}' is declared for {})", other.protocol.as_str());
    }
    let all = workloads.iter().flat_map(|workload| &workload.template.spec.containers);
    let mut idle = all.filter(|container| !container.role.runs_all_along());
    if let Some(idle) = idle.find(|container| container.ports.iter().any(|port| port.name == *wanted)) {
        return format!(" ({} '{}' declares it, but does not run all along)", idle.role.noun(), idle.name);
    }
    let mut names: Vec<&Text> = declared().map(|port| &port.name).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(5);
    if names.is_empty() { String::new() } else { format!(" (declared: {})", quoted_list(names)) }
}
