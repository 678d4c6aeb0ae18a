//! The pod template as the checks see it: slim, read straight from the API's JSON, nothing kept that no check reads.
//!
//! Not its job: defaults that come from other objects (see `effective`), or what pods really do (see `live`).

use serde::{Deserialize, Deserializer};

use super::{Labels, Quantity, Selector, Text};

/// A whole number or a text, as ports and budgets have it (`intstr.IntOrString`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum IntOrString {
    /// A number.
    Int(i64),
    /// A name, or a percentage such as `50%`.
    String(Text),
}

impl std::fmt::Display for IntOrString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(n) => n.fmt(f),
            Self::String(s) => s.fmt(f),
        }
    }
}

/// What a workload's pods are made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodTemplate {
    /// `metadata` of the template.
    pub metadata: TemplateMeta,
    /// `spec` of the template.
    pub spec: PodSpec,
}

/// The template's metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TemplateMeta {
    /// The labels that the pods will have.
    pub labels: Labels,
}

/// `PodSpec`. The three container lists are one list here, each container with its role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "PodSpecWire")]
pub struct PodSpec {
    /// Application, init, sidecar and ephemeral containers, in this order of lists: init, application, ephemeral.
    pub containers: Vec<Container>,
    /// `volumes`.
    pub volumes: Vec<Volume>,
    /// `securityContext`.
    pub security: PodSecurity,
    /// `resources` of the pod as a whole.
    pub resources: Resources,
    /// `hostNetwork`.
    pub host_network: bool,
    /// `hostUsers`; `false` gives the pod a user namespace of its own.
    pub host_users: Option<bool>,
    /// `terminationGracePeriodSeconds`.
    pub termination_grace_period_seconds: Option<i64>,
    /// Required and preferred terms of `affinity.podAntiAffinity`.
    pub anti_affinity: Vec<AntiAffinityTerm>,
    /// `topologySpreadConstraints`.
    pub topology_spread: Vec<TopologySpread>,
    /// `os.name` is `windows`.
    pub windows: bool,
    /// `restartPolicy`; empty when unset, which means `Always` in a bare pod.
    pub restart_policy: Text,
}

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
    /// `ports`.
    pub ports: Vec<ContainerPort>,
    /// `env`.
    pub env: Vec<EnvVar>,
    /// `resources`.
    pub resources: Resources,
    /// `readinessProbe`.
    pub readiness_probe: Option<Probe>,
    /// `livenessProbe`.
    pub liveness_probe: Option<Probe>,
    /// `lifecycle`.
    pub lifecycle: Lifecycle,
    /// `securityContext`.
    pub security_context: ContainerSecurity,
    restart_policy: Option<Text>,
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
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
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

/// `EnvVar`, with its literal value only: where a reference points is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct EnvVar {
    /// `name`.
    pub name: Text,
    /// `value`; `None` when unset or when it comes from elsewhere.
    #[serde(default)]
    pub value: Option<Text>,
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
}

/// A resource of `Amounts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// CPU time.
    Cpu,
    /// Memory.
    Memory,
}

impl Resource {
    /// The API's name: `cpu`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }
}

impl Amounts {
    /// The amount of one resource.
    pub fn of(&self, resource: Resource) -> Option<&Quantity> {
        match resource {
            Resource::Cpu => self.cpu.as_ref(),
            Resource::Memory => self.memory.as_ref(),
        }
    }
}

/// `Probe`, API defaults applied.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "ProbeWire")]
pub struct Probe {
    /// What is asked.
    pub handler: Handler,
    /// Seconds between two questions.
    pub period_seconds: i64,
    /// Bad answers in a row until it counts as failed.
    pub failure_threshold: i64,
}

impl Probe {
    /// Seconds of bad answers until the probe counts as failed.
    pub fn gives_up_after_seconds(&self) -> i64 {
        self.period_seconds.saturating_mul(self.failure_threshold)
    }
}

// Flat, because `#[serde(flatten)]` would buffer every probe of the cluster.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProbeWire {
    http_get: Option<HttpGet>,
    tcp_socket: Option<TcpSocket>,
    exec: Option<Exec>,
    grpc: Option<Grpc>,
    period_seconds: i64,
    failure_threshold: i64,
}

impl From<ProbeWire> for Probe {
    fn from(wire: ProbeWire) -> Self {
        let ProbeWire { http_get, tcp_socket, exec, grpc, period_seconds, failure_threshold } = wire;
        // The API server stores its default where the field is unset or zero.
        let or = |value: i64, default: i64| if value > 0 { value } else { default };
        Self {
            handler: Handler { http_get, tcp_socket, exec, grpc, sleep: None },
            period_seconds: or(period_seconds, 10),
            failure_threshold: or(failure_threshold, 3),
        }
    }
}

/// The handlers of a probe or a lifecycle hook; the API allows exactly one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Handler {
    /// `httpGet`.
    pub http_get: Option<HttpGet>,
    /// `tcpSocket`.
    pub tcp_socket: Option<TcpSocket>,
    /// `exec`.
    pub exec: Option<Exec>,
    /// `grpc`.
    pub grpc: Option<Grpc>,
    /// `sleep`, of a lifecycle hook.
    pub sleep: Option<Sleep>,
}

impl Handler {
    /// Whether it does anything.
    pub fn is_set(&self) -> bool {
        self.http_get.is_some()
            || self.tcp_socket.is_some()
            || self.exec.is_some()
            || self.grpc.is_some()
            || self.sleep.is_some()
    }
}

/// `HTTPGetAction`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpGet {
    /// `path`; empty means `/`.
    #[serde(default)]
    pub path: Text,
    /// `port`.
    pub port: IntOrString,
    /// `host`; empty means the pod.
    #[serde(default)]
    pub host: Text,
    /// `scheme`; empty means HTTP.
    #[serde(default)]
    pub scheme: Text,
    /// `httpHeaders`: one path may be two endpoints by its `Host` header.
    #[serde(default)]
    pub http_headers: Vec<HttpHeader>,
}

/// `HTTPHeader`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HttpHeader {
    /// `name`.
    pub name: Text,
    /// `value`.
    #[serde(default)]
    pub value: Text,
}

/// `TCPSocketAction`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TcpSocket {
    /// `port`.
    pub port: IntOrString,
    /// `host`; empty means the pod.
    #[serde(default)]
    pub host: Text,
}

/// `ExecAction`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Exec {
    /// `command`.
    pub command: Vec<Text>,
}

/// `GRPCAction`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Grpc {
    /// `port`.
    pub port: i64,
    /// `service`.
    #[serde(default)]
    pub service: Text,
}

/// `SleepAction`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sleep {
    /// `seconds`.
    pub seconds: i64,
}

/// `Lifecycle`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lifecycle {
    /// `preStop`.
    pub pre_stop: Option<Handler>,
}

/// `SecurityContext` of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerSecurity {
    /// `runAsUser`.
    pub run_as_user: Option<i64>,
    /// `runAsNonRoot`.
    pub run_as_non_root: Option<bool>,
    /// `privileged`.
    pub privileged: bool,
    /// `allowPrivilegeEscalation`.
    pub allow_privilege_escalation: Option<bool>,
    /// `readOnlyRootFilesystem`.
    pub read_only_root_filesystem: bool,
}

/// `PodSecurityContext`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSecurity {
    /// `runAsUser`.
    pub run_as_user: Option<i64>,
    /// `runAsNonRoot`.
    pub run_as_non_root: Option<bool>,
}

/// A volume: what of it checks look at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// `name`.
    pub name: Text,
    /// `persistentVolumeClaim`.
    #[serde(default)]
    pub persistent_volume_claim: Option<ClaimRef>,
    /// `image`.
    #[serde(default)]
    pub image: Option<ImageVolume>,
}

/// `persistentVolumeClaim` of a volume.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimRef {
    /// `claimName`.
    pub claim_name: Text,
}

/// `image` of a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ImageVolume {
    /// `reference`.
    pub reference: Text,
}

/// A term of pod anti-affinity, required or preferred.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AntiAffinityTerm {
    /// `topologyKey`.
    pub topology_key: Text,
    /// `labelSelector`; `None` selects no pods.
    pub label_selector: Option<Selector>,
    /// `matchLabelKeys`: keys whose values are taken from the pod itself.
    pub match_label_keys: Vec<Text>,
    /// `namespaces`; empty (and no `namespaceSelector`) means the pod's own.
    pub namespaces: Vec<Text>,
    /// `namespaceSelector`.
    pub namespace_selector: Option<Selector>,
}

/// `TopologySpreadConstraint`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TopologySpread {
    /// `topologyKey`.
    pub topology_key: Text,
    /// `labelSelector`; `None` selects no pods.
    pub label_selector: Option<Selector>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodSpecWire {
    init_containers: Vec<ContainerSpec>,
    containers: Vec<ContainerSpec>,
    ephemeral_containers: Vec<ContainerSpec>,
    volumes: Vec<Volume>,
    security_context: PodSecurity,
    resources: Resources,
    host_network: bool,
    host_users: Option<bool>,
    termination_grace_period_seconds: Option<i64>,
    affinity: AffinityWire,
    topology_spread_constraints: Vec<TopologySpread>,
    os: OsWire,
    restart_policy: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AffinityWire {
    pod_anti_affinity: AntiAffinityWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AntiAffinityWire {
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    required: Vec<AntiAffinityTerm>,
    #[serde(rename = "preferredDuringSchedulingIgnoredDuringExecution")]
    preferred: Vec<PreferredWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PreferredWire {
    pod_affinity_term: AntiAffinityTerm,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OsWire {
    #[serde(deserialize_with = "is_windows", rename = "name")]
    windows: bool,
}

fn is_windows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Text::deserialize(deserializer)? == "windows")
}

impl From<PodSpecWire> for PodSpec {
    fn from(wire: PodSpecWire) -> Self {
        let list = |specs: Vec<ContainerSpec>, role: fn(&ContainerSpec) -> Role| {
            let with_role = move |(index, spec)| Container { role: role(&spec), index, spec };
            specs.into_iter().enumerate().map(with_role)
        };
        let init = |spec: &ContainerSpec| match &spec.restart_policy {
            Some(policy) if *policy == "Always" => Role::Sidecar,
            _ => Role::Init,
        };
        let anti = wire.affinity.pod_anti_affinity;
        let preferred = anti.preferred.into_iter().map(|p| p.pod_affinity_term);
        Self {
            containers: list(wire.init_containers, init)
                .chain(list(wire.containers, |_| Role::Application))
                .chain(list(wire.ephemeral_containers, |_| Role::Ephemeral))
                .collect(),
            volumes: wire.volumes,
            security: wire.security_context,
            resources: wire.resources,
            host_network: wire.host_network,
            host_users: wire.host_users,
            termination_grace_period_seconds: wire.termination_grace_period_seconds,
            anti_affinity: anti.required.into_iter().chain(preferred).collect(),
            topology_spread: wire.topology_spread_constraints,
            windows: wire.os.windows,
            restart_policy: wire.restart_policy,
        }
    }
}
