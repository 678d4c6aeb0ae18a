//! THE table of watched kinds. It drives the watches, the generated RBAC rules and the barrier at the start.
//!
//! A new kind is a line here, an entry in `model::Kind`, and a reader in `decode`.

use kube::core::{ApiResource, GroupVersionKind};

use crate::api::{GROUP, POLICY_KIND, POLICY_PLURAL, REPORT_KIND, REPORT_PLURAL, VERSION};
use crate::model::Kind;

/// How much the controller rests on a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Without it nothing can be said at all: nothing is evaluated until it was listed.
    Essential,
    /// Every cluster has it; where it may not be read, what rests on it is Unknown.
    Required,
    /// Its API may not be there, which means that there are no such objects.
    Optional,
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

/// Every kind that is watched. All of them are listed and watched, and nothing else is done to them.
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
];

impl Watched {
    /// The resource as the client names it.
    pub fn resource(&self) -> ApiResource {
        let info = self.kind.info();
        let gvk = GroupVersionKind::gvk(info.group, info.version, info.name);
        ApiResource::from_gvk_with_plural(&gvk, info.plural)
    }
}

/// The resource of policies.
pub fn policies() -> ApiResource {
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(GROUP, VERSION, POLICY_KIND), POLICY_PLURAL)
}

/// The resource of reports.
pub fn reports() -> ApiResource {
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(GROUP, VERSION, REPORT_KIND), REPORT_PLURAL)
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
