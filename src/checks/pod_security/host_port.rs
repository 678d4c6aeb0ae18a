//! host-port: a container that takes a port of its node.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{ContainerPort, Workload};

pub(super) static CHECK: Check = Check {
    id: "host-port",
    title: "No container takes a port of its node",
    category: Category::PodSecurity,
    severity: Severity::Medium,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Remove hostPort, and put a Service in front of the pods.",
    rule: &PerWorkload(judge),
    page: include_str!("host_port.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let ports = workload.template.spec.containers.iter().flat_map(|container| {
        let taken = container.ports.iter().enumerate().filter(|(_, port)| port.host_port != 0);
        taken.map(move |(index, port)| {
            let ContainerPort { number, host_port, .. } = port;
            let message = format!(
                "{} '{}' takes port {host_port} of its node (hostPort of port {number}): one such pod fits on a node, and whoever reaches the node reaches it past Services; remove hostPort and use a Service",
                container.role.noun(),
                container.name
            );
            Finding::new(message).container(workload, container, &format!("ports[{index}].hostPort"))
        })
    });
    ports.collect::<Vec<_>>().into()
}
