//! The pod template as the checks see it: slim, read straight from the API's JSON, nothing kept that no check reads.
//!
//! Not its job: defaults that come from other objects (see `effective`), or what pods really do (see `live`).

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::{
    Annotations, Container, ContainerSpec, Labels, PodSecurity, Resources, Role, Selector, Text, Volume,
};

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
    /// The annotations that the pods will have, as far as checks read them.
    pub annotations: Annotations,
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
    /// `resources` of the pod as a whole. One that is set but empty still decides the QoS class.
    pub resources: Option<Box<Resources>>,
    /// `hostNetwork`.
    pub host_network: bool,
    /// `hostPID`.
    pub host_pid: bool,
    /// `hostIPC`.
    pub host_ipc: bool,
    /// `hostUsers`; `false` gives the pod a user namespace of its own.
    pub host_users: Option<bool>,
    /// `terminationGracePeriodSeconds`.
    pub termination_grace_period_seconds: Option<i64>,
    /// `activeDeadlineSeconds`.
    pub active_deadline_seconds: Option<i64>,
    /// Required and preferred terms of `affinity.podAntiAffinity`.
    pub anti_affinity: Vec<AntiAffinityTerm>,
    /// `topologySpreadConstraints`.
    pub topology_spread: Vec<TopologySpread>,
    /// What `nodeSelector`, node affinity and tolerations say about the nodes that it wants.
    pub placement: Placement,
    /// `priorityClassName`; empty when unset.
    pub priority_class_name: Text,
    /// `os.name` is `windows`.
    pub windows: bool,
    /// `restartPolicy`; empty when unset, which means `Always` in a bare pod.
    pub restart_policy: Text,
    /// `dnsPolicy`; empty when unset, which means `ClusterFirst`.
    pub dns_policy: Text,
    /// `serviceAccountName`, or its deprecated alias `serviceAccount`; empty when unset, which means `default`.
    pub service_account_name: Text,
    /// `automountServiceAccountToken`; where it is unset the ServiceAccount decides.
    pub automount_service_account_token: Option<bool>,
}

/// What a pod's spec says of its network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PodNetwork {
    /// It shares the node's.
    pub of_host: bool,
    /// A port of the node leads to it.
    pub host_port: bool,
    /// It asks other resolvers than the cluster's.
    pub own_resolver: bool,
}

impl PodNetwork {
    /// Whether pods with a `dnsPolicy` ask other resolvers than the cluster's.
    pub fn asks_elsewhere(dns_policy: &str) -> bool {
        matches!(dns_policy, "Default" | "None")
    }
}

impl PodSpec {
    /// What it says of the pod's network.
    pub fn network(&self) -> PodNetwork {
        let mut ports = self.containers.iter().flat_map(|container| &container.ports);
        PodNetwork {
            of_host: self.host_network,
            host_port: ports.any(|port| port.host_port != 0),
            own_resolver: PodNetwork::asks_elsewhere(&self.dns_policy),
        }
    }

    /// The name of the ServiceAccount that the pods run as.
    pub fn service_account(&self) -> Text {
        let unset = self.service_account_name.is_empty();
        if unset { Text::new("default") } else { self.service_account_name.clone() }
    }
}

/// Whether a pod asks for nodes of its own choice, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// `nodeSelector` has a label.
    pub node_selector: bool,
    /// `affinity.nodeAffinity` has a term, required or preferred.
    pub node_affinity: bool,
    /// `tolerations` has one that is not about the condition of nodes: those the API server adds by itself.
    pub toleration: bool,
}

/// A term of pod anti-affinity, required or preferred.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AntiAffinityTerm {
    /// `topologyKey`.
    pub topology_key: Text,
    /// `labelSelector`; `None` selects no pods.
    pub label_selector: Option<Selector>,
    /// `mismatchLabelKeys`: keys whose values must differ from the pod's own.
    pub mismatch_label_keys: Vec<Text>,
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
    resources: Option<Box<Resources>>,
    host_network: bool,
    #[serde(rename = "hostPID")]
    host_pid: bool,
    #[serde(rename = "hostIPC")]
    host_ipc: bool,
    host_users: Option<bool>,
    termination_grace_period_seconds: Option<i64>,
    node_selector: Labels,
    tolerations: Vec<TolerationWire>,
    priority_class_name: Text,
    active_deadline_seconds: Option<i64>,
    affinity: AffinityWire,
    topology_spread_constraints: Vec<TopologySpread>,
    os: OsWire,
    restart_policy: Text,
    dns_policy: Text,
    service_account_name: Text,
    service_account: Text,
    automount_service_account_token: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AffinityWire {
    node_affinity: NodeAffinityWire,
    pod_anti_affinity: AntiAffinityWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NodeAffinityWire {
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    required: Option<IgnoredAny>,
    #[serde(rename = "preferredDuringSchedulingIgnoredDuringExecution")]
    preferred: Vec<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TolerationWire {
    key: Text,
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
        let (nodes, anti) = (wire.affinity.node_affinity, wire.affinity.pod_anti_affinity);
        let placement = Placement {
            node_selector: !wire.node_selector.is_empty(),
            node_affinity: nodes.required.is_some() || !nodes.preferred.is_empty(),
            toleration: wire.tolerations.iter().any(|t| !t.key.starts_with("node.kubernetes.io/")),
        };
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
            host_pid: wire.host_pid,
            host_ipc: wire.host_ipc,
            host_users: wire.host_users,
            termination_grace_period_seconds: wire.termination_grace_period_seconds,
            active_deadline_seconds: wire.active_deadline_seconds,
            anti_affinity: anti.required.into_iter().chain(preferred).collect(),
            topology_spread: wire.topology_spread_constraints,
            placement,
            priority_class_name: wire.priority_class_name,
            windows: wire.os.windows,
            restart_policy: wire.restart_policy,
            dns_policy: wire.dns_policy,
            service_account_name: if wire.service_account_name.is_empty() {
                wire.service_account
            } else {
                wire.service_account_name
            },
            automount_service_account_token: wire.automount_service_account_token,
        }
    }
}
