//! What backs volumes up: schedules of Velero and K8up, VolSync's ReplicationSource, CloudNativePG's ScheduledBackup.
//!
//! Not its job: which volumes they cover (`checks`), or whether a backup was ever made.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::{Labels, Selector, Text};
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

impl BackupTemplate {
    /// Whether it is about a namespace.
    pub fn includes_namespace(&self, namespace: &str) -> bool {
        let names = |list: &[Text]| list.iter().any(|pattern| fits(pattern, namespace));
        let included = &self.included_namespaces;
        (included.is_empty() || names(included)) && !names(&self.excluded_namespaces)
    }

    /// Whether it is about claims and their volumes.
    pub fn includes_claims(&self) -> bool {
        const CLAIMS: [&str; 3] = ["persistentvolumeclaims", "persistentvolumeclaim", "pvc"];
        const VOLUMES: [&str; 3] = ["persistentvolumes", "persistentvolume", "pv"];
        let has = |list: &[Text], names: &[&str]| list.iter().any(|item| names.contains(&item.as_str()));
        let included = &self.included_resources;
        let excluded = &self.excluded_resources;
        let all = included.is_empty() || has(included, &["*"]);
        (all || has(included, &CLAIMS)) && !has(excluded, &CLAIMS) && !has(excluded, &VOLUMES)
    }

    /// Whether it is about objects with these labels.
    pub fn selects(&self, labels: &Labels) -> bool {
        let mut any = self.or_label_selectors.iter();
        let one = self.label_selector.as_ref().is_none_or(|selector| selector.matches(labels));
        one && (self.or_label_selectors.is_empty() || any.any(|selector| selector.matches(labels)))
    }
}

/// Whether a name fits a pattern with at most one `*`, as people write them.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_may_have_a_star() {
        for (pattern, fitting) in
            [("*", true), ("shop", true), ("shop-*", false), ("sh*", true), ("*op", true)]
        {
            assert_eq!(fits(pattern, "shop"), fitting, "{pattern}");
        }
        assert!(!fits("shop*shop", "shop"));
    }
}
