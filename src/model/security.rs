//! Security contexts, of a pod and of a container: every field that Pod Security reads, as it is set.
//!
//! Not its job: what is in force once a container's own value and the pod's are put together, or whether it is good.

use serde::Deserialize;

use super::Text;

/// `PodSecurityContext`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSecurity {
    /// `runAsUser`.
    pub run_as_user: Option<i64>,
    /// `runAsGroup`.
    pub run_as_group: Option<i64>,
    /// `runAsNonRoot`.
    pub run_as_non_root: Option<bool>,
    /// `fsGroup`.
    pub fs_group: Option<i64>,
    /// `supplementalGroups`.
    pub supplemental_groups: Vec<i64>,
    /// `sysctls`.
    pub sysctls: Vec<Sysctl>,
    /// `seccompProfile`.
    pub seccomp_profile: Option<Profile>,
    /// `appArmorProfile`.
    pub app_armor_profile: Option<Profile>,
    /// `seLinuxOptions`; boxed, since few have them.
    pub se_linux_options: Option<Box<SeLinuxOptions>>,
    /// `windowsOptions`.
    pub windows_options: WindowsOptions,
}

/// `SecurityContext` of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerSecurity {
    /// `runAsUser`.
    pub run_as_user: Option<i64>,
    /// `runAsGroup`.
    pub run_as_group: Option<i64>,
    /// `runAsNonRoot`.
    pub run_as_non_root: Option<bool>,
    /// `privileged`.
    pub privileged: bool,
    /// `allowPrivilegeEscalation`.
    pub allow_privilege_escalation: Option<bool>,
    /// `readOnlyRootFilesystem`.
    pub read_only_root_filesystem: bool,
    /// `capabilities`; boxed, since many have none.
    pub capabilities: Option<Box<Capabilities>>,
    /// `procMount`; unset means `Default`.
    pub proc_mount: Option<Text>,
    /// `seccompProfile`.
    pub seccomp_profile: Option<Profile>,
    /// `appArmorProfile`.
    pub app_armor_profile: Option<Profile>,
    /// `seLinuxOptions`; boxed, since few have them.
    pub se_linux_options: Option<Box<SeLinuxOptions>>,
    /// `windowsOptions`.
    pub windows_options: WindowsOptions,
}

/// `Sysctl`: what is set, not to what.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sysctl {
    /// `name`.
    pub name: Text,
}

/// `SeccompProfile` and `AppArmorProfile`: `RuntimeDefault`, `Localhost` or `Unconfined`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// `type`.
    #[serde(rename = "type")]
    pub kind: Text,
}

/// `SELinuxOptions`; what is unset is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SeLinuxOptions {
    /// `user`.
    pub user: Text,
    /// `role`.
    pub role: Text,
    /// `type`.
    #[serde(rename = "type")]
    pub kind: Text,
}

/// `WindowsSecurityContextOptions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WindowsOptions {
    /// `hostProcess`.
    pub host_process: bool,
}

/// `Capabilities`, by the names that the API has: without `CAP_`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// `add`.
    pub add: Vec<Text>,
    /// `drop`.
    pub drop: Vec<Text>,
}
