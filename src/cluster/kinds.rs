//! THE table of watched kinds. It drives the watches, the generated RBAC rules and the barrier at the start.
//!
//! A new kind is a line here, an entry in `model::Kind`, and a reader in `decode`.

use kube::core::{ApiResource, GroupVersionKind};

use crate::api::{
    ATTESTATION_KIND, ATTESTATION_PLURAL, EXEMPTION_KIND, EXEMPTION_PLURAL, GROUP, POLICY_KIND,
    POLICY_PLURAL, REPORT_KIND, REPORT_PLURAL, VERSION,
};
use crate::model::{Kind, Sight};

/// How much the controller rests on a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Without it nothing can be said at all: nothing is evaluated until it was listed.
    Essential,
    /// Every cluster has it; where it may not be read, what rests on it is Unknown.
    Required,
    /// Its API may not be there, which means that there are no such objects.
    Optional,
    /// Only who makes NetworkPolicies has to know it: asked for from the moment that a policy wants some.
    Isolating,
    /// Never asked for: the right to list it is the right to read its data.
    Never,
}

/// A kind that is watched.
#[derive(Clone, Copy, Debug)]
pub struct Watched {
    /// The kind.
    pub kind: Kind,
    /// How much rests on it.
    pub need: Need,
}

const fn essential(kind: Kind) -> Watched {
    Watched { kind, need: Need::Essential }
}

const fn required(kind: Kind) -> Watched {
    Watched { kind, need: Need::Required }
}

const fn optional(kind: Kind) -> Watched {
    Watched { kind, need: Need::Optional }
}

const fn isolating(kind: Kind) -> Watched {
    Watched { kind, need: Need::Isolating }
}

const fn never(kind: Kind) -> Watched {
    Watched { kind, need: Need::Never }
}

/// Every kind, and how it is watched. All of them are listed and watched, and nothing else is done to them.
pub const WATCHED: &[Watched] = &[
    required(Kind::Deployment),
    required(Kind::StatefulSet),
    required(Kind::DaemonSet),
    required(Kind::ReplicaSet),
    required(Kind::ReplicationController),
    required(Kind::CronJob),
    required(Kind::Job),
    required(Kind::Pod),
    optional(Kind::Rollout),
    essential(Kind::Namespace),
    required(Kind::Service),
    required(Kind::HorizontalPodAutoscaler),
    optional(Kind::ScaledObject),
    optional(Kind::VerticalPodAutoscaler),
    required(Kind::PodDisruptionBudget),
    required(Kind::NetworkPolicy),
    required(Kind::LimitRange),
    required(Kind::ResourceQuota),
    required(Kind::PersistentVolumeClaim),
    required(Kind::ServiceAccount),
    never(Kind::ConfigMap),
    never(Kind::Secret),
    required(Kind::Role),
    required(Kind::RoleBinding),
    required(Kind::ClusterRole),
    required(Kind::ClusterRoleBinding),
    required(Kind::StorageClass),
    required(Kind::PriorityClass),
    required(Kind::Ingress),
    optional(Kind::HttpRoute),
    optional(Kind::Gateway),
    optional(Kind::ReferenceGrant),
    optional(Kind::CiliumNetworkPolicy),
    optional(Kind::CiliumClusterwideNetworkPolicy),
    optional(Kind::CalicoNetworkPolicy),
    optional(Kind::CalicoGlobalNetworkPolicy),
    optional(Kind::StoredCalicoNetworkPolicy),
    optional(Kind::StoredCalicoGlobalNetworkPolicy),
    optional(Kind::ClusterNetworkPolicy),
    optional(Kind::ServiceMonitor),
    optional(Kind::PodMonitor),
    optional(Kind::PrometheusRule),
    optional(Kind::UptimeProbe),
    optional(Kind::OpenTelemetryCollector),
    optional(Kind::GrafanaDashboard),
    optional(Kind::PrometheusServiceLevel),
    optional(Kind::ServiceLevelObjective),
    optional(Kind::OpenSlo),
    optional(Kind::VeleroSchedule),
    optional(Kind::K8upSchedule),
    optional(Kind::ReplicationSource),
    optional(Kind::ScheduledBackup),
    optional(Kind::VeleroRestore),
    optional(Kind::PodChaos),
    optional(Kind::NetworkChaos),
    optional(Kind::StressChaos),
    optional(Kind::IoChaos),
    optional(Kind::HttpChaos),
    optional(Kind::DnsChaos),
    optional(Kind::TimeChaos),
    optional(Kind::JvmChaos),
    optional(Kind::KernelChaos),
    optional(Kind::ChaosEngine),
    optional(Kind::TestRun),
    required(Kind::PracticeAttestation),
    optional(Kind::ExternalSecret),
    optional(Kind::SealedSecret),
    optional(Kind::SecretProviderClass),
    optional(Kind::Certificate),
    optional(Kind::VulnerabilityReport),
    optional(Kind::Canary),
    isolating(Kind::ValidatingWebhookConfiguration),
    isolating(Kind::MutatingWebhookConfiguration),
    isolating(Kind::ApiService),
    isolating(Kind::CustomResourceDefinition),
];

impl Watched {
    /// The resource as the client names it.
    pub fn resource(&self) -> ApiResource {
        let info = self.kind.info();
        let gvk = GroupVersionKind::gvk(info.group, info.version, info.name);
        ApiResource::from_gvk_with_plural(&gvk, info.plural)
    }
}

/// The resource of a kind, in the version that the model reads.
pub fn resource(kind: Kind) -> ApiResource {
    Watched { kind, need: need(kind) }.resource()
}

/// How much rests on a kind.
pub fn need(kind: Kind) -> Need {
    WATCHED.iter().find(|watched| watched.kind == kind).map_or(Need::Required, |watched| watched.need)
}

/// The kinds that are never asked for, or not before it matters, and what that means for who looks.
pub fn withheld() -> impl Iterator<Item = (Kind, Sight)> {
    WATCHED.iter().filter_map(|watched| {
        let resource = watched.kind.resource();
        let why = match watched.need {
            Need::Never => {
                format!("{resource} are not read in a cluster, as that would show their data as well")
            }
            Need::Isolating => format!("{resource} are not listed yet"),
            Need::Essential | Need::Required | Need::Optional => return None,
        };
        Some((watched.kind, Sight::Withheld(why.into())))
    })
}

fn ours(kind: &str, plural: &str) -> ApiResource {
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(GROUP, VERSION, kind), plural)
}

/// The resource of policies.
pub fn policies() -> ApiResource {
    ours(POLICY_KIND, POLICY_PLURAL)
}

/// The resource of reports.
pub fn reports() -> ApiResource {
    ours(REPORT_KIND, REPORT_PLURAL)
}

/// The resource of attestations.
pub fn attestations() -> ApiResource {
    ours(ATTESTATION_KIND, ATTESTATION_PLURAL)
}

/// The resource of exemptions.
pub fn exemptions() -> ApiResource {
    ours(EXEMPTION_KIND, EXEMPTION_PLURAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_model_is_watched_once() {
        for kind in Kind::ALL {
            assert_eq!(WATCHED.iter().filter(|w| w.kind == *kind).count(), 1, "{kind}");
        }
    }
}
