//! local-volume-without-replicas: data of which there is one copy, on one node.

use crate::api::{Category, Level, Severity};
use crate::checks::support::claims::claims_of;
use crate::checks::support::findings::Findings;
use crate::checks::support::node_path::NodePath;
use crate::data::is_local_provisioner;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Text, Volume, Workload};

pub(super) static CHECK: Check = Check {
    id: "local-volume-without-replicas",
    title: "Data on a node's disk has a copy on another node",
    category: Category::Storage,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["SE-23"],
    remediation: "Run replicas that copy the data among them, or use a StorageClass that keeps copies.",
    rule: &PerWorkload(judge),
    page: include_str!("local_volume_without_replicas.md"),
};

/// What of a node is the node's own, and no place for a workload's data.
const OF_THE_NODE: &[&str] = &[
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/etc",
    "/boot",
    "/lib",
    "/usr",
    "/bin",
    "/sbin",
    "/var/log",
    "/var/lib/kubelet",
    "/var/lib/docker",
    "/var/lib/containerd",
];

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let Some(floor) = cx.floor(workload) else {
        return Verdict::not_applicable(format!("nobody sets the number of pods of a {}", workload.kind));
    };
    match floor.replicas {
        0 => return Verdict::not_applicable(format!("it may scale to zero: {}", floor.describe())),
        1 => {}
        _ => return Verdict::Pass,
    }
    let mut findings = Findings::default();
    for claim in claims_of(cx, workload).iter().filter(|claim| !claim.is_ephemeral()) {
        findings.look(cx, || {
            let class = claim.class(cx).found().filter(|class| is_local_provisioner(&class.provisioner))?;
            let what = format!(
                "{} of StorageClass '{}' ({})",
                claim.words(),
                class.meta.name,
                class.facts.provisioner
            );
            Some(claim.finding(message(&what, &floor.describe())))
        });
    }
    for (index, volume) in workload.template.spec.volumes.iter().enumerate() {
        if let Some(path) = data_path(workload, volume) {
            let what = format!("volume '{}' at hostPath '{path}'", volume.name);
            let field = workload.pod_field(format_args!("volumes[{index}].hostPath"));
            findings.look(cx, || Some(Finding::new(message(&what, &floor.describe())).field(field)));
        }
    }
    findings.verdict()
}

fn message(what: &str, floor: &str) -> String {
    format!(
        "{what} is on the disk of one node, and there is no other copy ({floor}): the workload stops when that node does, and \
         its data is lost with the disk; run replicas that copy it, or use storage that keeps copies"
    )
}

/// The path on the node where a volume keeps a workload's data: written to, and none of the node's own.
fn data_path<'w>(workload: &Workload, volume: &'w Volume) -> Option<&'w Text> {
    let path = volume.host_path()?;
    let mut mounts = workload.template.spec.containers.iter().flat_map(|container| &container.volume_mounts);
    let written = mounts.any(|mount| mount.name == volume.name && !mount.read_only);
    let at = NodePath::of(path);
    let is_root = NodePath::of("/").is_within(&at);
    let of_the_node = is_root || OF_THE_NODE.iter().any(|folder| at.is_within(&NodePath::of(folder)));
    (written && !of_the_node).then_some(path)
}
