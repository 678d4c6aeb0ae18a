//! The kinds of objects that the model knows, with what identifies each in the API.
//!
//! Not its job: which of them the controller watches and with which rights (`cluster::kinds`), or how their JSON is
//! read (`decode`).

use std::fmt;

/// Who provides an object of a kind: decides what its absence from an offline input means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A team writes it beside its workload: not in the input means that there is none.
    Team,
    /// The platform provides it: not in the input means that nobody here knows.
    Platform,
}

/// What identifies a kind in the Kubernetes API.
#[derive(Clone, Copy, Debug)]
pub struct KindInfo {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version that is read.
    pub version: &'static str,
    /// The kind's name.
    pub name: &'static str,
    /// The resource's name in URLs and RBAC rules.
    pub plural: &'static str,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Who provides its objects.
    pub provider: Provider,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $group:literal / $version:literal, $plural:literal, $scope:ident, $provider:ident;)*) => {
        /// A kind of object that the model knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            /// Every kind, in order.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)*];

            /// What identifies the kind in the API.
            pub const fn info(self) -> KindInfo {
                match self {
                    $(Kind::$kind => KindInfo {
                        group: $group,
                        version: $version,
                        name: stringify!($kind),
                        plural: $plural,
                        namespaced: kinds!(@scope $scope),
                        provider: Provider::$provider,
                    },)*
                }
            }
        }
    };
    (@scope Namespaced) => { true };
    (@scope Cluster) => { false };
}

kinds! {
    /// apps Deployment.
    Deployment = "apps"/"v1", "deployments", Namespaced, Team;
    /// apps StatefulSet.
    StatefulSet = "apps"/"v1", "statefulsets", Namespaced, Team;
    /// apps DaemonSet.
    DaemonSet = "apps"/"v1", "daemonsets", Namespaced, Team;
    /// apps ReplicaSet.
    ReplicaSet = "apps"/"v1", "replicasets", Namespaced, Team;
    /// core ReplicationController.
    ReplicationController = ""/"v1", "replicationcontrollers", Namespaced, Team;
    /// batch CronJob.
    CronJob = "batch"/"v1", "cronjobs", Namespaced, Team;
    /// batch Job.
    Job = "batch"/"v1", "jobs", Namespaced, Team;
    /// core Pod.
    Pod = ""/"v1", "pods", Namespaced, Team;
    /// Argo Rollout.
    Rollout = "argoproj.io"/"v1alpha1", "rollouts", Namespaced, Team;
    /// core Namespace.
    Namespace = ""/"v1", "namespaces", Cluster, Platform;
    /// core Service.
    Service = ""/"v1", "services", Namespaced, Team;
    /// autoscaling HorizontalPodAutoscaler.
    HorizontalPodAutoscaler = "autoscaling"/"v2", "horizontalpodautoscalers", Namespaced, Team;
    /// KEDA ScaledObject.
    ScaledObject = "keda.sh"/"v1alpha1", "scaledobjects", Namespaced, Team;
    /// VerticalPodAutoscaler.
    VerticalPodAutoscaler = "autoscaling.k8s.io"/"v1", "verticalpodautoscalers", Namespaced, Team;
    /// policy PodDisruptionBudget.
    PodDisruptionBudget = "policy"/"v1", "poddisruptionbudgets", Namespaced, Team;
    /// networking.k8s.io NetworkPolicy.
    NetworkPolicy = "networking.k8s.io"/"v1", "networkpolicies", Namespaced, Team;
    /// core LimitRange.
    LimitRange = ""/"v1", "limitranges", Namespaced, Platform;
    /// core ResourceQuota.
    ResourceQuota = ""/"v1", "resourcequotas", Namespaced, Platform;
    /// core PersistentVolumeClaim.
    PersistentVolumeClaim = ""/"v1", "persistentvolumeclaims", Namespaced, Platform;
}

impl Kind {
    /// The kind of an object, by its API group (without version) and kind.
    pub fn find(group: &str, name: &str) -> Option<Self> {
        // `extensions/v1beta1` and other old groups are not read: their shapes differ.
        Self::ALL.iter().copied().find(|kind| kind.info().name == name && kind.info().group == group)
    }

    /// The kind's name.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The resource's name with its group, as `kubectl` and RBAC write it: `deployments.apps`.
    pub fn resource(self) -> String {
        let info = self.info();
        if info.group.is_empty() { info.plural.to_owned() } else { format!("{}.{}", info.plural, info.group) }
    }

    /// `apps/v1`, or `v1` in the core group.
    pub fn api_version(self) -> String {
        let info = self.info();
        if info.group.is_empty() {
            info.version.to_owned()
        } else {
            format!("{}/{}", info.group, info.version)
        }
    }

    /// Whether objects of the kind are, or can be, the subject of a report.
    pub fn is_workload(self) -> bool {
        self <= Self::Rollout
    }

    /// Whether workloads of this kind run until they are told to stop.
    pub fn is_long_running(self) -> bool {
        self.is_workload() && !matches!(self, Self::Job | Self::CronJob)
    }

    /// Whether the kind has the `/scale` subresource.
    pub fn has_scale(self) -> bool {
        matches!(
            self,
            Self::Deployment
                | Self::StatefulSet
                | Self::ReplicaSet
                | Self::ReplicationController
                | Self::Rollout
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_found_by_group_and_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::find(kind.info().group, kind.name()), Some(*kind));
        }
        assert_eq!(Kind::find("serving.knative.dev", "Service"), None);
        assert_eq!(Kind::Deployment.resource(), "deployments.apps");
        assert_eq!(Kind::Pod.api_version(), "v1");
    }
}
