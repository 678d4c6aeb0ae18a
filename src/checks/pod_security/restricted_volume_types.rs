//! restricted-volume-types: a volume that reaches past the cluster's own storage.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{VolumeSource, Workload};

pub(super) static CHECK: Check = Check {
    id: "restricted-volume-types",
    title: "Every volume is of a type that the restricted level of Pod Security allows",
    category: Category::PodSecurity,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Use a claim, and let a PersistentVolume or a CSI driver name the storage.",
    rule: &PerWorkload(judge),
    page: include_str!("restricted_volume_types.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let volumes = workload.template.spec.volumes.iter().enumerate();
    let restricted = volumes.filter(|(_, volume)| is_restricted(&volume.source)).map(|(index, volume)| {
        let kind = volume.source.field();
        let message = format!(
            "volume '{}' is of type '{kind}', which Pod Security's restricted level refuses: the pod itself says which storage of the node or the network it mounts, past quotas and classes; use a claim",
            volume.name
        );
        Finding::new(message).field(workload.pod_field(format_args!("volumes[{index}].{kind}")))
    });
    restricted.collect::<Vec<_>>().into()
}

fn is_restricted(source: &VolumeSource) -> bool {
    match source {
        VolumeSource::HostPath(_) | VolumeSource::Other(_) => true,
        VolumeSource::EmptyDir(_)
        | VolumeSource::ConfigMap(_)
        | VolumeSource::Secret(_)
        | VolumeSource::Projected(_)
        | VolumeSource::DownwardApi
        | VolumeSource::PersistentVolumeClaim(_)
        | VolumeSource::Ephemeral(_)
        | VolumeSource::Csi(_)
        | VolumeSource::Image(_) => false,
    }
}
