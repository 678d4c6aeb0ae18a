//! Classes that a platform offers and workloads name: StorageClass, PriorityClass.

use serde::Deserialize;

use super::super::Text;

/// A StorageClass.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageClass {
    /// `provisioner`.
    pub provisioner: Text,
    /// `allowVolumeExpansion`.
    #[serde(default)]
    pub allow_volume_expansion: bool,
    /// `reclaimPolicy`; unset means `Delete`.
    #[serde(default = "delete")]
    pub reclaim_policy: Text,
}

fn delete() -> Text {
    Text::new("Delete")
}

/// A PriorityClass.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriorityClass {
    /// `globalDefault`: pods that name no class get this one.
    #[serde(default)]
    pub global_default: bool,
}
