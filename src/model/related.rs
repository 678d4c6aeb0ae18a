//! The objects that stand around workloads: services, budgets, network policies, quotas.
//!
//! Not its job: autoscalers (`autoscaler`), or which workloads they concern (`relations`).

use serde::Deserialize;

use super::{IntOrString, Kind, Labels, Made, Meta, Protocol, Selector, Text};

/// A Namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Its metadata; policies select by its labels.
    pub meta: Meta,
}

/// A Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its metadata.
    pub meta: Meta,
    /// `spec.selector` as a selector; `None` when unset or empty, as then it selects no pods.
    pub selector: Option<Selector>,
    /// `spec.type` is `ExternalName`.
    pub external_name: bool,
    /// `spec.ports`.
    pub ports: Vec<ServicePort>,
    /// How it can be reached from outside the cluster, by `spec.type`.
    pub exposure: Exposure,
    /// `spec.clusterIP` is `None`.
    pub headless: bool,
    /// `spec.sessionAffinity` is `ClientIP`.
    pub client_affinity: bool,
    /// `spec.externalIPs`.
    pub external_ips: Box<[Text]>,
    /// `spec.clusterIPs`, of Services that answer where DNS does: nobody asks for others'.
    pub cluster_ips: Box<[Text]>,
}

/// The port of DNS.
pub const DNS_PORT: i64 = 53;

/// How a Service can be reached from outside the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exposure {
    /// Not by its type.
    #[default]
    None,
    /// At a port of every node.
    NodePort,
    /// At an address of its own.
    LoadBalancer,
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePort {
    /// `name`; empty when unset.
    #[serde(default)]
    pub name: Text,
    /// `port`.
    pub port: i64,
    /// `targetPort`; unset means `port`.
    #[serde(default)]
    pub target_port: Option<IntOrString>,
    /// `protocol`.
    #[serde(default)]
    pub protocol: Protocol,
}

impl ServicePort {
    /// The port of the pods that it leads to.
    pub fn target(&self) -> IntOrString {
        match &self.target_port {
            None | Some(IntOrString::Int(0)) => IntOrString::Int(self.port),
            Some(IntOrString::String(name)) if name.is_empty() => IntOrString::Int(self.port),
            Some(target) => target.clone(),
        }
    }
}

/// A PodDisruptionBudget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisruptionBudget {
    /// Its metadata.
    pub meta: Meta,
    /// `spec.selector`; `None` selects nothing, `{}` every pod of the namespace (policy/v1).
    pub selector: Option<Selector>,
    /// `spec.minAvailable`.
    pub min_available: Option<IntOrString>,
    /// `spec.maxUnavailable`.
    pub max_unavailable: Option<IntOrString>,
    /// `spec.unhealthyPodEvictionPolicy` is `AlwaysAllow`; the default is `IfHealthyBudget`.
    pub always_evicts_unhealthy: bool,
    /// What is known of one that says that Seaworthy made it.
    pub made: Option<Box<Made>>,
}

/// A LimitRange: its items of `type: Container`, API defaults applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitRange {
    /// Its metadata.
    pub meta: Meta,
    /// Default requests and limits of containers.
    pub containers: Vec<ContainerDefaults>,
}

/// What a LimitRange gives a container that says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerDefaults {
    /// `default`, else `max`.
    pub limits: super::Amounts,
    /// `defaultRequest`, else `default`, else `min`.
    pub requests: super::Amounts,
}

/// A ResourceQuota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceQuota {
    /// Its metadata.
    pub meta: Meta,
}

/// A PersistentVolumeClaim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeClaim {
    /// Its metadata.
    pub meta: Meta,
    /// Its access modes.
    pub access: AccessModes,
    /// `spec.storageClassName`, or the annotation that was there before it; `Some` of empty text asks for a volume
    /// without a class.
    pub storage_class_name: Option<Text>,
    /// Whether `spec.volumeName` names a volume: somebody chose it, or the cluster has bound the claim.
    pub has_volume: bool,
}

/// `accessModes` of a claim: whether one node at a time may mount it for writing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessModes {
    /// ReadWriteOnce or ReadWriteOncePod, and nothing that several nodes could share.
    pub single_node: bool,
}

impl<'de> Deserialize<'de> for AccessModes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let modes = Vec::<Text>::deserialize(deserializer)?;
        let one = |mode: &Text| *mode == "ReadWriteOnce" || *mode == "ReadWriteOncePod";
        Ok(Self { single_node: !modes.is_empty() && modes.iter().all(one) })
    }
}

/// An entry of `volumeClaimTemplates`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimTemplate {
    /// Its name, which a volume mount names.
    pub name: Text,
    /// Its labels, which the claims will have.
    pub labels: Labels,
    /// Its access modes.
    pub access: AccessModes,
    /// As of a claim.
    pub storage_class_name: Option<Text>,
}

/// A ReplicaSet or Job that something owns: only the link from its pods to that owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// ReplicaSet, Job or ReplicationController.
    pub kind: Kind,
    /// Its metadata.
    pub meta: Meta,
}
