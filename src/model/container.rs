//! A container as the checks see it.
//!
//! Not its job: the pod around it (`pod`), what it is asked and told (`probe`), its variables (`environment`), or
//! what it may do (`security`).

use serde::Deserialize;

use super::{ContainerSecurity, EnvFrom, EnvVar, Lifecycle, Probe, Quantity, Text};

/// What part a container plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Runs before the application and ends.
    Init,
    /// An init container with `restartPolicy: Always`: starts first, runs all along.
    Sidecar,
    /// One of `containers`.
    Application,
    /// One of `ephemeralContainers`: somebody is debugging.
    Ephemeral,
}

impl Role {
    /// Whether it runs as long as the pod does: application and sidecar containers.
    pub fn runs_all_along(self) -> bool {
        matches!(self, Self::Application | Self::Sidecar)
    }

    /// The word for it in a message: "init container".
    pub fn noun(self) -> &'static str {
        match self {
            Self::Init => "init container",
            Self::Sidecar => "sidecar container",
            Self::Application => "container",
            Self::Ephemeral => "ephemeral container",
        }
    }
}

/// A container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its part.
    pub role: Role,
    /// Its place in the list of the API that it comes from.
    pub index: usize,
    /// All else.
    pub spec: ContainerSpec,
}

impl std::ops::Deref for Container {
    type Target = ContainerSpec;
    fn deref(&self) -> &ContainerSpec {
        &self.spec
    }
}

impl Container {
    /// Where it stands below the pod's spec: `containers[0]`.
    pub fn path(&self) -> String {
        let list = match self.role {
            Role::Init | Role::Sidecar => "initContainers",
            Role::Application => "containers",
            Role::Ephemeral => "ephemeralContainers",
        };
        format!("{list}[{}]", self.index)
    }
}

/// The fields of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerSpec {
    /// `name`.
    pub name: Text,
    /// `image`; empty when unset.
    pub image: Text,
    /// `imagePullPolicy`; `None` when unset, which offline means what the image's tag says.
    pub image_pull_policy: Option<Text>,
    /// `command`; empty means the image's own entry point.
    pub command: Vec<Text>,
    /// `args`.
    pub args: Vec<Text>,
    /// `ports`.
    pub ports: Vec<ContainerPort>,
    /// `env`.
    pub env: Vec<EnvVar>,
    /// `envFrom`.
    pub env_from: Vec<EnvFrom>,
    /// `volumeMounts`.
    pub volume_mounts: Vec<VolumeMount>,
    /// `resources`.
    pub resources: Resources,
    /// `readinessProbe`.
    pub readiness_probe: Option<Probe>,
    /// `livenessProbe`.
    pub liveness_probe: Option<Probe>,
    /// `startupProbe`; boxed, since few have one.
    pub startup_probe: Option<Box<Probe>>,
    /// `lifecycle`.
    pub lifecycle: Lifecycle,
    /// `securityContext`.
    pub security_context: ContainerSecurity,
    pub(super) restart_policy: Option<Text>,
}

/// `ContainerPort`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPort {
    /// `name`; empty when unset.
    #[serde(default)]
    pub name: Text,
    /// `containerPort`.
    #[serde(rename = "containerPort")]
    pub number: i64,
    /// `protocol`.
    #[serde(default)]
    pub protocol: Protocol,
    /// `hostPort`; 0 when unset.
    #[serde(default)]
    pub host_port: i64,
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// TCP, the default.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// The word that the API has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

/// `VolumeMount`: what is mounted where.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeMount {
    /// `name` of the volume.
    pub name: Text,
    /// `mountPath`.
    pub mount_path: Text,
    /// `readOnly`.
    #[serde(default)]
    pub read_only: bool,
}

/// `ResourceRequirements`, of a container or of the pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// `requests`.
    pub requests: Amounts,
    /// `limits`.
    pub limits: Amounts,
}

/// Amounts of the resources that checks look at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Amounts {
    /// In cores.
    pub cpu: Option<Quantity>,
    /// In bytes.
    pub memory: Option<Quantity>,
    /// In bytes; rare, so it is kept apart.
    #[serde(rename = "ephemeral-storage")]
    pub ephemeral_storage: Option<Box<Quantity>>,
}

/// A resource of `Amounts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// CPU time.
    Cpu,
    /// Memory.
    Memory,
    /// Space on the node's own disk.
    EphemeralStorage,
}

impl Resource {
    /// The API's name: `cpu`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::EphemeralStorage => "ephemeral-storage",
        }
    }

    /// The word for it in a message: `CPU`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => "memory",
            Self::EphemeralStorage => "ephemeral-storage",
        }
    }
}

impl Amounts {
    /// The amount of one resource.
    pub fn of(&self, resource: Resource) -> Option<&Quantity> {
        match resource {
            Resource::Cpu => self.cpu.as_ref(),
            Resource::Memory => self.memory.as_ref(),
            Resource::EphemeralStorage => self.ephemeral_storage.as_deref(),
        }
    }
}
