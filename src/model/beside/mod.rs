//! What stands beside workloads and is only looked up or gone through: routes, roles, classes, monitors, schedules.
//!
//! Such an object is its metadata and a few facts; which facts of which kind stands in one table here. Objects that
//! have to be found by the labels that they select, and fast, have indexes of their own (`index`, `space`).
//! Not its job: reading JSON (`decode`), or which subjects look at what (`relations`).

mod access;
mod attestation;
mod backups;
mod callbacks;
mod canary;
mod classes;
mod config;
mod exercises;
mod mentions;
mod monitors;
mod routes;
mod store;
mod uptime;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::index::Local;
use super::{CalicoPolicy, CiliumPolicy, ClusterPolicy, Kind, Meta, Text};

pub use access::*;
pub use attestation::{Attestation, MAX_PRACTICE, Target, attested_at, instant, is_link, is_practice};
pub use backups::*;
pub use callbacks::*;
pub use canary::*;
pub use classes::*;
pub use config::*;
pub use exercises::{ChaosEngine, ChaosExperiment, LoadTest, Run, VeleroRestore};
pub use mentions::Mentions;
pub use monitors::*;
pub use routes::*;
pub(super) use store::Objects;
pub use uptime::*;

/// An object that stands beside workloads.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// Its kind.
    pub kind: Kind,
    /// Its metadata.
    pub meta: Meta,
    /// What else is kept of it.
    pub facts: Facts,
}

/// Which part of an object its facts are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `spec`.
    Spec,
    /// The object as a whole, for kinds without `spec`.
    Whole,
}

/// How far an object reaches: whose verdicts it may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of these workloads of its own namespace and of no other.
    Workloads(Vec<Local>),
    /// Those of its own namespace.
    Namespace,
    /// Those of these namespaces themselves, and of no workload in them.
    Namespaces(Vec<Text>),
    /// Those of other namespaces as well.
    Cluster,
}

impl Reach {
    /// As far as either of two.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Cluster, _) | (_, Self::Cluster) => Self::Cluster,
            (Self::Namespaces(mut these), Self::Namespaces(those)) => {
                these.extend(those);
                Self::Namespaces(these)
            }
            // No kind has objects of both sorts.
            (Self::Namespaces(_), _) | (_, Self::Namespaces(_)) => Self::Cluster,
            (Self::Namespace, _) | (_, Self::Namespace) => Self::Namespace,
            (Self::Workloads(mut these), Self::Workloads(those)) => {
                these.extend(those);
                Self::Workloads(these)
            }
        }
    }
}

/// What is kept of an object of a kind.
pub trait Kept: DeserializeOwned + 'static {
    /// Where it is read from.
    const PART: Part;

    /// The facts as this type; `None` when they are another's.
    fn of(facts: &Facts) -> Option<&Self>;

    /// How far the object reaches. Cluster-scoped objects reach everybody whatever this says.
    fn reach(&self) -> Reach {
        Reach::Namespace
    }
}

/// Reads facts from an object; implemented where JSON is known (`decode`).
pub trait ReadFacts {
    /// Why they cannot be read.
    type Error;
    /// Reads the facts of one type.
    ///
    /// # Errors
    /// When the object is not what its kind says.
    fn read<T: Kept>(&self) -> Result<T, Self::Error>;
}

/// Nothing but the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence;

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// The table: for each type of facts the kinds that have it, where it is read from, and how far such objects reach.
macro_rules! facts {
    ($($(#[$doc:meta])* $facts:ident, $part:ident $(, reach $reach:path)?: $($kind:ident)|+;)*) => {
        /// What is kept of an object beside its metadata.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Facts { $($(#[$doc])* $facts(Box<$facts>),)* }

        impl Facts {
            /// Reads the facts of an object of a kind; `None` for kinds that have records of their own.
            pub fn read<R: ReadFacts>(kind: Kind, reader: &R) -> Option<Result<Self, R::Error>> {
                match kind {
                    $($(Kind::$kind)|+ => Some(reader.read::<$facts>().map(|facts| Self::$facts(Box::new(facts)))),)*
                    _ => None,
                }
            }

            /// Whether objects of a kind are kept this way.
            pub const fn are_kept_of(kind: Kind) -> bool {
                matches!(kind, $($(Kind::$kind)|+)|*)
            }

            fn reach(&self) -> Reach {
                match self { $(Self::$facts(facts) => facts.reach(),)* }
            }
        }

        $(impl Kept for $facts {
            const PART: Part = Part::$part;
            fn of(facts: &Facts) -> Option<&Self> {
                #[allow(unreachable_patterns, reason = "for the day when there is but one type")]
                match facts { Facts::$facts(facts) => Some(facts), _ => None }
            }
            $(fn reach(&self) -> Reach { $reach(self) })?
        })*
    };
}

facts! {
    /// Only that it is there.
    Presence, Whole: Secret | PrometheusServiceLevel | ServiceLevelObjective | OpenSlo | SealedSecret;
    /// An Ingress.
    Ingress, Spec: Ingress;
    /// An HTTPRoute.
    HttpRoute, Spec: HttpRoute;
    /// A Gateway.
    Gateway, Spec, reach Gateway::reach: Gateway;
    /// A ReferenceGrant.
    ReferenceGrant, Spec, reach ReferenceGrant::reach: ReferenceGrant;
    /// A Probe of the Prometheus operator.
    UptimeProbe, Spec, reach UptimeProbe::reach: UptimeProbe;
    /// A policy of Cilium.
    CiliumPolicy, Whole: CiliumNetworkPolicy | CiliumClusterwideNetworkPolicy;
    /// A policy of Calico.
    CalicoPolicy, Spec: CalicoNetworkPolicy | CalicoGlobalNetworkPolicy
        | StoredCalicoNetworkPolicy | StoredCalicoGlobalNetworkPolicy;
    /// A ClusterNetworkPolicy.
    ClusterPolicy, Spec: ClusterNetworkPolicy;
    /// A ServiceAccount.
    ServiceAccount, Whole: ServiceAccount;
    /// A Role or ClusterRole.
    RoleRules, Whole: Role | ClusterRole;
    /// A RoleBinding or ClusterRoleBinding.
    Binding, Whole, reach Binding::reach: RoleBinding | ClusterRoleBinding;
    /// A ConfigMap.
    ConfigMap, Whole: ConfigMap;
    /// An ExternalSecret.
    ExternalSecret, Spec: ExternalSecret;
    /// A SecretProviderClass.
    SecretProviderClass, Spec: SecretProviderClass;
    /// A Certificate.
    Certificate, Spec: Certificate;
    /// A Velero Schedule.
    VeleroSchedule, Spec, reach VeleroSchedule::reach: VeleroSchedule;
    /// A K8up Schedule.
    K8upSchedule, Spec: K8upSchedule;
    /// A ReplicationSource.
    ReplicationSource, Spec: ReplicationSource;
    /// A ScheduledBackup.
    ScheduledBackup, Spec: ScheduledBackup;
    /// A Velero Restore.
    VeleroRestore, Whole, reach VeleroRestore::reach: VeleroRestore;
    /// An experiment of Chaos Mesh.
    ChaosExperiment, Whole, reach ChaosExperiment::reach: PodChaos | NetworkChaos | StressChaos | IoChaos
        | HttpChaos | DnsChaos | TimeChaos | JvmChaos | KernelChaos;
    /// A Litmus ChaosEngine.
    ChaosEngine, Whole, reach ChaosEngine::reach: ChaosEngine;
    /// A k6 TestRun.
    LoadTest, Whole: TestRun;
    /// A PracticeAttestation.
    Attestation, Spec, reach Attestation::reach: PracticeAttestation;
    /// A ServiceMonitor or PodMonitor.
    Monitor, Spec, reach Monitor::reach: ServiceMonitor | PodMonitor;
    /// An OpenTelemetryCollector.
    Collector, Spec: OpenTelemetryCollector;
    /// A PrometheusRule.
    AlertRules, Spec, reach AlertRules::reach: PrometheusRule;
    /// A GrafanaDashboard.
    Dashboard, Spec, reach Dashboard::reach: GrafanaDashboard;
    /// A VulnerabilityReport.
    Vulnerabilities, Whole: VulnerabilityReport;
    /// A StorageClass.
    StorageClass, Whole: StorageClass;
    /// A PriorityClass.
    PriorityClass, Whole: PriorityClass;
    /// A Flagger Canary.
    Canary, Spec: Canary;
    /// What the API server itself calls.
    Callbacks, Whole, reach Callbacks::reach: ValidatingWebhookConfiguration | MutatingWebhookConfiguration
        | ApiService | CustomResourceDefinition;
}

impl Beside {
    /// How far it reaches.
    pub fn reach(&self) -> Reach {
        match self.facts.reach() {
            own @ Reach::Namespaces(_) => own,
            own if self.kind.info().namespaced => own,
            _ => Reach::Cluster,
        }
    }

    /// Whether objects of a kind never concern other namespaces than their own, so that one that cannot be read
    /// leaves open only what is there.
    pub(super) fn stays_at_home(kind: Kind) -> bool {
        kind == Kind::PracticeAttestation
    }
}
