//! unbounded-empty-dir: a scratch volume that fills the node.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{VolumeSource, Workload};

pub(super) static CHECK: Check = Check {
    id: "unbounded-empty-dir",
    title: "Scratch volumes have a size limit",
    category: Category::Storage,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["ST-19", "PE"],
    remediation: "Set emptyDir.sizeLimit.",
    rule: &PerWorkload(judge),
    page: include_str!("unbounded_empty_dir.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let volumes = workload.template.spec.volumes.iter().enumerate();
    let scratch = volumes.filter_map(|(at, volume)| match &volume.source {
        VolumeSource::EmptyDir(empty) => Some((at, volume, empty)),
        _ => None,
    });
    let mut scratch = scratch.peekable();
    if scratch.peek().is_none() {
        return Verdict::not_applicable("it has no emptyDir");
    }
    let findings = scratch.filter_map(|(at, volume, empty)| {
        // Huge pages are bounded by the containers' own limits for them.
        let bounded = empty.size_limit.as_ref().is_some_and(|limit| !limit.is_zero())
            || empty.medium.starts_with("HugePages");
        if bounded {
            return None;
        }
        // The kubelet minds a limit above zero only.
        let limit = match &empty.size_limit {
            Some(zero) => format!("a sizeLimit of {zero}, which is none"),
            None => "no sizeLimit".to_owned(),
        };
        let effect = if empty.medium == "Memory" {
            "what is written there is memory of the node, until a container is killed for it"
        } else {
            "one program that writes too much fills the node's disk, and other pods are evicted for it"
        };
        let message = format!("emptyDir '{}' has {limit}: {effect}; set emptyDir.sizeLimit", volume.name);
        let field = workload.pod_field(format_args!("volumes[{at}].emptyDir.sizeLimit"));
        Some(Finding::new(message).field(field))
    });
    findings.collect::<Vec<_>>().into()
}
