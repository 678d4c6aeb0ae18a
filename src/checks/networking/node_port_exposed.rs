//! node-port-exposed: a Service with a door in every node.

use crate::api::{Category, Level, Severity};
use crate::checks::support::exposure::{each, ports};
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::Exposure;

pub(super) static CHECK: Check = Check {
    id: "node-port-exposed",
    title: "No Service opens ports on the nodes",
    category: Category::Networking,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Make the Service a ClusterIP behind an Ingress or a Gateway, or a LoadBalancer.",
    rule: &PerNamespace(judge),
    page: include_str!("node_port_exposed.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    each(cx, |service| {
        let exposed = service.exposure == Exposure::NodePort;
        exposed.then(|| {
            Finding::new(format!(
                "Service '{}' is of type NodePort, so {} can be reached at every address of every node, past Ingress, TLS \
                 and load balancer; make it a ClusterIP behind an Ingress or Gateway",
                service.meta.name,
                ports(service)
            ))
            .field("spec.type")
        })
    })
}
