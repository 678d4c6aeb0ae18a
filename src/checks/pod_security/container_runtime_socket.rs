//! container-runtime-socket: a pod that may give the container runtime orders.

use crate::api::{Category, Level, Severity};
use crate::checks::support::node_path::NodePath;
use crate::data::{RuntimeSocket, runtime_sockets};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "container-runtime-socket",
    title: "No pod reaches the container runtime's socket",
    category: Category::PodSecurity,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PE"],
    remediation: "Remove the volume, and ask the Kubernetes API for what the program needs.",
    rule: &PerWorkload(judge),
    page: include_str!("container_runtime_socket.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let volumes = workload.template.spec.volumes.iter().enumerate().filter_map(|(index, volume)| {
        let path = volume.host_path()?;
        let mounted = NodePath::of(path);
        let reached = runtime_sockets().iter().find(|socket| {
            let at = NodePath::of(socket.path);
            at.is_within(&mounted) && mounted.is_within(&NodePath::of(socket.up_to))
        })?;
        let RuntimeSocket { path: socket, runtime, .. } = reached;
        let what = match NodePath::of(socket) == mounted {
            true => format!("the socket of {runtime}"),
            false => format!("a folder above sockets of container runtimes such as '{socket}'"),
        };
        let message = format!(
            "volume '{}' mounts '{path}' of the node, {what}: whoever reaches it, even read-only, starts containers as root on the node, past every rule of the cluster; remove it",
            volume.name
        );
        let field = workload.pod_field(format_args!("volumes[{index}].hostPath.path"));
        Some(Finding::new(message).field(field))
    });
    volumes.collect::<Vec<_>>().into()
}
