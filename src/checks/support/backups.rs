//! Which backups cover a claim.
//!
//! Not its job: verdicts, or whether a backup was ever made.

use super::claims::{Claim, Form};
use crate::engine::Context;
use crate::model::{
    BackupTemplate, Found, K8upSchedule, Kind, Labels, ReplicationSource, ScheduledBackup, Text,
    VeleroSchedule, Workload,
};

/// The kinds that back volumes up.
pub(crate) const KINDS: [Kind; 4] =
    [Kind::VeleroSchedule, Kind::K8upSchedule, Kind::ReplicationSource, Kind::ScheduledBackup];

/// The label by which CloudNativePG marks the claims of a cluster.
const POSTGRES_CLUSTER: &str = "cnpg.io/cluster";
/// Velero's label on what it leaves out.
const VELERO_EXCLUDED: &str = "velero.io/exclude-from-backup";
/// Velero's annotation on pods with the volumes whose files it copies.
const VELERO_VOLUMES: &str = "backup.velero.io/backup-volumes";
/// K8up's annotation on claims: `false` leaves one out.
const K8UP_BACKUP: &str = "k8up.io/backup";

/// Whether something backs a claim up.
pub(crate) fn is_covered(cx: &Context<'_>, workload: &Workload, claim: &Claim<'_>) -> bool {
    velero(cx).iter().any(|schedule| miss(cx, workload, claim, schedule).is_none())
        || by_k8up(cx, claim)
        || by_volsync(cx, workload, claim)
        || by_postgres(cx, claim)
}

/// A Velero Schedule that does not cover a claim, and why: "Schedule 'daily' leaves namespace 'shop' out".
pub(crate) fn near_schedule(cx: &Context<'_>, workload: &Workload, claim: &Claim<'_>) -> Option<String> {
    let schedules = velero(cx);
    // The nearest is the one that fails last.
    let misses = schedules.iter().filter_map(|s| Some((miss(cx, workload, claim, s)?, &s.meta.name)));
    let (miss, name) = misses.max_by_key(|(miss, _)| *miss)?;
    let why = match miss {
        Miss::Namespace => format!("leaves namespace '{}' out", cx.namespace()),
        Miss::Paused => "is paused".to_owned(),
        Miss::Resources => "leaves claims or their volumes out".to_owned(),
        Miss::Labels => "selects other labels".to_owned(),
        Miss::Excluded => format!("leaves it out by label '{VELERO_EXCLUDED}'"),
        Miss::Volumes => "leaves the contents of volumes out (snapshotVolumes: false)".to_owned(),
    };
    Some(format!("Schedule '{name}' {why}"))
}

fn velero<'a>(cx: &Context<'a>) -> Vec<Found<'a, VeleroSchedule>> {
    cx.reaching(Kind::VeleroSchedule)
}

/// Why a Velero Schedule does not cover a claim, the farthest from covering it first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Miss {
    Namespace,
    Paused,
    Resources,
    Labels,
    Excluded,
    Volumes,
}

fn miss(
    cx: &Context<'_>,
    workload: &Workload,
    claim: &Claim<'_>,
    schedule: &Found<'_, VeleroSchedule>,
) -> Option<Miss> {
    let template = &schedule.template;
    let labels = claim.labels();
    // A pod that is backed up brings its claims along.
    let selected = |labels: &Labels| template.selects(labels);
    let checks = [
        (!template.includes_namespace(cx.namespace()), Miss::Namespace),
        (schedule.paused, Miss::Paused),
        (!template.includes_claims(), Miss::Resources),
        (!labels.is_some_and(selected) && !selected(workload.pod_labels()), Miss::Labels),
        (is_true(labels.and_then(|labels| labels.get(VELERO_EXCLUDED))), Miss::Excluded),
        (!copies_contents(template, workload, claim), Miss::Volumes),
    ];
    checks.into_iter().find_map(|(missed, why)| missed.then_some(why))
}

fn is_true(value: Option<&Text>) -> bool {
    value.is_some_and(|value| *value == "true")
}

fn copies_contents(template: &BackupTemplate, workload: &Workload, claim: &Claim<'_>) -> bool {
    let marked = || {
        let listed = workload.template.metadata.annotations.get(VELERO_VOLUMES);
        let volume = claim.volume(workload);
        listed
            .zip(volume)
            .is_some_and(|(listed, volume)| listed.split(',').any(|v| v.trim() == volume.as_str()))
    };
    template.snapshot_volumes != Some(false)
        || template.default_volumes_to_fs_backup == Some(true)
        || marked()
}

fn by_k8up(cx: &Context<'_>, claim: &Claim<'_>) -> bool {
    let left_out = match claim.form {
        Form::Named(Some(found)) => found.meta.annotations.get(K8UP_BACKUP).is_some_and(|v| *v == "false"),
        _ => false,
    };
    let schedules: Vec<Found<'_, K8upSchedule>> = cx.beside(Kind::K8upSchedule);
    !left_out && schedules.iter().any(|schedule| schedule.backs_up)
}

/// VolSync copies one claim; of a template each pod's own.
fn by_volsync(cx: &Context<'_>, workload: &Workload, claim: &Claim<'_>) -> bool {
    let mut sources: Vec<Found<'_, ReplicationSource>> = cx.beside(Kind::ReplicationSource);
    sources.retain(|source| !source.paused);
    let copied = |name: &str| sources.iter().any(|source| source.source_pvc == *name);
    match claim.form {
        Form::Template(..) => {
            // Bounded, as nobody writes thousands of them by hand.
            let pods = workload.replicas.unwrap_or(1).clamp(1, 1000);
            let name = &workload.meta.name;
            !sources.is_empty() && (0..pods).all(|pod| copied(&format!("{}-{name}-{pod}", claim.name)))
        }
        _ => copied(claim.name),
    }
}

fn by_postgres(cx: &Context<'_>, claim: &Claim<'_>) -> bool {
    let Some(cluster) = claim.labels().and_then(|labels| labels.get(POSTGRES_CLUSTER)) else { return false };
    let backups: Vec<Found<'_, ScheduledBackup>> = cx.beside(Kind::ScheduledBackup);
    backups.iter().any(|backup| backup.cluster.name == *cluster && backup.suspend != Some(true))
}
