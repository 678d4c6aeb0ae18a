//! What backs volumes up: schedules of Velero and K8up, VolSync's ReplicationSource, CloudNativePG's ScheduledBackup.
//!
//! Not its job: which volumes they cover (`checks`), or whether a backup was ever made.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::{Selector, Text};
use super::Reach;

/// Velero's Schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct VeleroSchedule {
    /// `paused`.
    pub paused: bool,
    /// `template`.
    pub template: BackupTemplate,
}

impl VeleroSchedule {
    /// It stands in Velero's namespace and is about all others.
    #[expect(clippy::unused_self, reason = "as the table of facts calls it")]
    pub(super) fn reach(&self) -> Reach {
        Reach::Cluster
    }
}

/// `BackupSpec` of Velero: what is backed up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BackupTemplate {
    /// `includedNamespaces`; empty or `*` means all.
    pub included_namespaces: Vec<Text>,
    /// `excludedNamespaces`.
    pub excluded_namespaces: Vec<Text>,
    /// `includedResources`; empty or `*` means all.
    pub included_resources: Vec<Text>,
    /// `excludedResources`.
    pub excluded_resources: Vec<Text>,
    /// `labelSelector`.
    pub label_selector: Option<Selector>,
    /// `orLabelSelectors`.
    pub or_label_selectors: Vec<Selector>,
    /// `snapshotVolumes`; unset means true where volumes can be snapshotted.
    pub snapshot_volumes: Option<bool>,
    /// `defaultVolumesToFsBackup`: files are copied in place of snapshots.
    #[serde(alias = "defaultVolumesToRestic")]
    pub default_volumes_to_fs_backup: Option<bool>,
}

/// K8up's Schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "K8upWire")]
pub struct K8upSchedule {
    /// Whether it has a `backup` part; others only check or prune.
    pub backs_up: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct K8upWire {
    backup: Option<IgnoredAny>,
}

impl From<K8upWire> for K8upSchedule {
    fn from(wire: K8upWire) -> Self {
        Self { backs_up: wire.backup.is_some() }
    }
}

/// VolSync's ReplicationSource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ReplicationSource {
    /// `sourcePVC`.
    #[serde(rename = "sourcePVC")]
    pub source_pvc: Text,
    /// `paused`.
    pub paused: bool,
}

/// CloudNativePG's ScheduledBackup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ScheduledBackup {
    /// `cluster`.
    pub cluster: ClusterRef,
    /// `suspend`.
    pub suspend: Option<bool>,
}

/// `cluster` of a ScheduledBackup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ClusterRef {
    /// `name`.
    pub name: Text,
}
