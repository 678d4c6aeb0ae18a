//! host-namespace-shared: a pod that sees and touches what belongs to its node.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "host-namespace-shared",
    title: "No pod shares the node's network, processes or IPC",
    category: Category::PodSecurity,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Remove hostNetwork, hostPID and hostIPC.",
    rule: &PerWorkload(judge),
    page: include_str!("host_namespace_shared.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    let shared = [
        (
            spec.host_network,
            "hostNetwork",
            "the network of its node: no NetworkPolicy holds it, and it reaches what listens for the node alone, the kubelet included",
        ),
        (
            spec.host_pid,
            "hostPID",
            "the processes of its node: it can read the environment of each, secrets included, and as root end or take over any",
        ),
        (
            spec.host_ipc,
            "hostIPC",
            "the IPC namespace of its node: it can read and change what other programs keep in shared memory",
        ),
    ];
    let findings = shared.into_iter().filter(|(set, _, _)| *set).map(|(_, field, what)| {
        Finding::new(format!("{field} is true, so that the pod shares {what}; remove it"))
            .field(workload.pod_field(field))
    });
    findings.collect::<Vec<_>>().into()
}
