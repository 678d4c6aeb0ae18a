//! The kinds of objects that the model knows, with what identifies each in the API.
//!
//! Not its job: which of them the controller watches and with which rights (`cluster::kinds`), or how their JSON is
//! read (`decode`).

use std::fmt;

use super::declared::DeclaredKind;

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
    ($($(#[$doc:meta])* $kind:ident $(as $name:literal)? = $group:literal / $version:literal, $plural:literal, $scope:ident, $provider:ident;)*) => {
        /// A kind of object that the model knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
            /// A kind of workload that a policy declares.
            Declared(DeclaredKind),
        }

        impl Kind {
            /// Every kind but the declared ones, in order.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)*];

            /// What identifies the kind in the API.
            pub fn info(self) -> KindInfo {
                match self {
                    $(Kind::$kind => KindInfo {
                        group: $group,
                        version: $version,
                        name: kinds!(@name $kind $($name)?),
                        plural: $plural,
                        namespaced: kinds!(@scope $scope),
                        provider: Provider::$provider,
                    },)*
                    Kind::Declared(kind) => kind.info(),
                }
            }
        }
    };
    (@scope Namespaced) => { true };
    (@scope Cluster) => { false };
    (@name $kind:ident) => { stringify!($kind) };
    // Where two groups have a kind of one name, or the name is not how Rust writes names.
    (@name $kind:ident $name:literal) => { $name };
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
    /// core ServiceAccount.
    ServiceAccount = ""/"v1", "serviceaccounts", Namespaced, Platform;
    /// core ConfigMap: its data is read offline only.
    ConfigMap = ""/"v1", "configmaps", Namespaced, Team;
    /// core Secret: offline only, and never its data.
    Secret = ""/"v1", "secrets", Namespaced, Platform;
    /// rbac Role.
    Role = "rbac.authorization.k8s.io"/"v1", "roles", Namespaced, Team;
    /// rbac RoleBinding.
    RoleBinding = "rbac.authorization.k8s.io"/"v1", "rolebindings", Namespaced, Team;
    /// rbac ClusterRole.
    ClusterRole = "rbac.authorization.k8s.io"/"v1", "clusterroles", Cluster, Platform;
    /// rbac ClusterRoleBinding.
    ClusterRoleBinding = "rbac.authorization.k8s.io"/"v1", "clusterrolebindings", Cluster, Team;
    /// storage StorageClass.
    StorageClass = "storage.k8s.io"/"v1", "storageclasses", Cluster, Platform;
    /// scheduling PriorityClass.
    PriorityClass = "scheduling.k8s.io"/"v1", "priorityclasses", Cluster, Platform;
    /// networking.k8s.io Ingress.
    Ingress = "networking.k8s.io"/"v1", "ingresses", Namespaced, Team;
    /// Gateway API HTTPRoute.
    HttpRoute as "HTTPRoute" = "gateway.networking.k8s.io"/"v1", "httproutes", Namespaced, Team;
    /// Gateway API Gateway.
    Gateway = "gateway.networking.k8s.io"/"v1", "gateways", Namespaced, Platform;
    /// Gateway API ReferenceGrant.
    ReferenceGrant = "gateway.networking.k8s.io"/"v1beta1", "referencegrants", Namespaced, Team;
    /// CiliumNetworkPolicy.
    CiliumNetworkPolicy = "cilium.io"/"v2", "ciliumnetworkpolicies", Namespaced, Team;
    /// CiliumClusterwideNetworkPolicy.
    CiliumClusterwideNetworkPolicy = "cilium.io"/"v2", "ciliumclusterwidenetworkpolicies", Cluster, Team;
    /// Calico NetworkPolicy, as people write it.
    CalicoNetworkPolicy as "NetworkPolicy" = "projectcalico.org"/"v3", "networkpolicies", Namespaced, Team;
    /// Calico GlobalNetworkPolicy, as people write it.
    CalicoGlobalNetworkPolicy as "GlobalNetworkPolicy" = "projectcalico.org"/"v3", "globalnetworkpolicies", Cluster, Team;
    /// Calico NetworkPolicy, as Calico stores it.
    StoredCalicoNetworkPolicy as "NetworkPolicy" = "crd.projectcalico.org"/"v1", "networkpolicies", Namespaced, Team;
    /// Calico GlobalNetworkPolicy, as Calico stores it.
    StoredCalicoGlobalNetworkPolicy as "GlobalNetworkPolicy" = "crd.projectcalico.org"/"v1", "globalnetworkpolicies", Cluster, Team;
    /// ClusterNetworkPolicy of the network policy API.
    ClusterNetworkPolicy = "policy.networking.k8s.io"/"v1alpha2", "clusternetworkpolicies", Cluster, Team;
    /// Prometheus operator ServiceMonitor.
    ServiceMonitor = "monitoring.coreos.com"/"v1", "servicemonitors", Namespaced, Team;
    /// Prometheus operator PodMonitor.
    PodMonitor = "monitoring.coreos.com"/"v1", "podmonitors", Namespaced, Team;
    /// Prometheus operator PrometheusRule.
    PrometheusRule = "monitoring.coreos.com"/"v1", "prometheusrules", Namespaced, Team;
    /// Prometheus operator Probe: what watches a host from outside.
    UptimeProbe as "Probe" = "monitoring.coreos.com"/"v1", "probes", Namespaced, Team;
    /// OpenTelemetryCollector.
    OpenTelemetryCollector = "opentelemetry.io"/"v1beta1", "opentelemetrycollectors", Namespaced, Team;
    /// GrafanaDashboard.
    GrafanaDashboard = "grafana.integreatly.org"/"v1beta1", "grafanadashboards", Namespaced, Team;
    /// Sloth PrometheusServiceLevel.
    PrometheusServiceLevel = "sloth.slok.dev"/"v1", "prometheusservicelevels", Namespaced, Team;
    /// Pyrra ServiceLevelObjective.
    ServiceLevelObjective = "pyrra.dev"/"v1alpha1", "servicelevelobjectives", Namespaced, Team;
    /// OpenSLO SLO.
    OpenSlo as "SLO" = "openslo.com"/"v1", "slos", Namespaced, Team;
    /// Velero Schedule.
    VeleroSchedule as "Schedule" = "velero.io"/"v1", "schedules", Namespaced, Team;
    /// K8up Schedule.
    K8upSchedule as "Schedule" = "k8up.io"/"v1", "schedules", Namespaced, Team;
    /// VolSync ReplicationSource.
    ReplicationSource = "volsync.backube"/"v1alpha1", "replicationsources", Namespaced, Team;
    /// CloudNativePG ScheduledBackup.
    ScheduledBackup = "postgresql.cnpg.io"/"v1", "scheduledbackups", Namespaced, Team;
    /// Velero Restore.
    VeleroRestore as "Restore" = "velero.io"/"v1", "restores", Namespaced, Team;
    /// Chaos Mesh PodChaos.
    PodChaos = "chaos-mesh.org"/"v1alpha1", "podchaos", Namespaced, Team;
    /// Chaos Mesh NetworkChaos.
    NetworkChaos = "chaos-mesh.org"/"v1alpha1", "networkchaos", Namespaced, Team;
    /// Chaos Mesh StressChaos.
    StressChaos = "chaos-mesh.org"/"v1alpha1", "stresschaos", Namespaced, Team;
    /// Chaos Mesh IOChaos.
    IoChaos as "IOChaos" = "chaos-mesh.org"/"v1alpha1", "iochaos", Namespaced, Team;
    /// Chaos Mesh HTTPChaos.
    HttpChaos as "HTTPChaos" = "chaos-mesh.org"/"v1alpha1", "httpchaos", Namespaced, Team;
    /// Chaos Mesh DNSChaos.
    DnsChaos as "DNSChaos" = "chaos-mesh.org"/"v1alpha1", "dnschaos", Namespaced, Team;
    /// Chaos Mesh TimeChaos.
    TimeChaos = "chaos-mesh.org"/"v1alpha1", "timechaos", Namespaced, Team;
    /// Chaos Mesh JVMChaos.
    JvmChaos as "JVMChaos" = "chaos-mesh.org"/"v1alpha1", "jvmchaos", Namespaced, Team;
    /// Chaos Mesh KernelChaos.
    KernelChaos = "chaos-mesh.org"/"v1alpha1", "kernelchaos", Namespaced, Team;
    /// Litmus ChaosEngine.
    ChaosEngine = "litmuschaos.io"/"v1alpha1", "chaosengines", Namespaced, Team;
    /// k6 TestRun.
    TestRun = "k6.io"/"v1alpha1", "testruns", Namespaced, Team;
    /// Our own PracticeAttestation.
    PracticeAttestation = "seaworthy.dev"/"v1alpha1", "practiceattestations", Namespaced, Team;
    /// External Secrets ExternalSecret.
    ExternalSecret = "external-secrets.io"/"v1", "externalsecrets", Namespaced, Team;
    /// Bitnami SealedSecret.
    SealedSecret = "bitnami.com"/"v1alpha1", "sealedsecrets", Namespaced, Team;
    /// SecretProviderClass of the Secrets Store CSI driver.
    SecretProviderClass = "secrets-store.csi.x-k8s.io"/"v1", "secretproviderclasses", Namespaced, Team;
    /// cert-manager Certificate.
    Certificate = "cert-manager.io"/"v1", "certificates", Namespaced, Team;
    /// Trivy operator VulnerabilityReport.
    VulnerabilityReport = "aquasecurity.github.io"/"v1alpha1", "vulnerabilityreports", Namespaced, Platform;
    /// Flagger Canary.
    Canary = "flagger.app"/"v1beta1", "canaries", Namespaced, Team;
    /// ValidatingWebhookConfiguration.
    ValidatingWebhookConfiguration = "admissionregistration.k8s.io"/"v1", "validatingwebhookconfigurations", Cluster, Platform;
    /// MutatingWebhookConfiguration.
    MutatingWebhookConfiguration = "admissionregistration.k8s.io"/"v1", "mutatingwebhookconfigurations", Cluster, Platform;
    /// APIService: an API that the API server fetches elsewhere.
    ApiService as "APIService" = "apiregistration.k8s.io"/"v1", "apiservices", Cluster, Platform;
    /// CustomResourceDefinition.
    CustomResourceDefinition = "apiextensions.k8s.io"/"v1", "customresourcedefinitions", Cluster, Platform;
}

impl Kind {
    /// Every kind, those that policies declare among them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().chain(DeclaredKind::in_force().map(Self::Declared))
    }

    /// The kind of an object, by its API group (without version) and kind.
    pub fn find(group: &str, name: &str) -> Option<Self> {
        let built_in = Self::ALL.iter().copied();
        let found = built_in.filter(|kind| kind.info().name == name).find(|kind| kind.info().group == group);
        found.or_else(|| DeclaredKind::find(group, name).map(Self::Declared))
    }

    /// The kind of a document, which may be written in a group that Kubernetes has left since.
    pub fn of_document(group: &str, name: &str) -> Option<Self> {
        let group = match (group, name) {
            ("extensions", "Ingress" | "NetworkPolicy") => "networking.k8s.io",
            ("extensions", "Deployment" | "DaemonSet" | "ReplicaSet") => "apps",
            _ => group,
        };
        Self::find(group, name)
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

    /// The names of what is judged without a policy's declaring it: workloads, and namespaces.
    pub fn judged() -> impl Iterator<Item = &'static str> + Clone {
        let workloads = Self::ALL.iter().filter(|kind| kind.is_workload());
        workloads.map(|kind| kind.name()).chain([Self::Namespace.name()])
    }

    /// Whether objects of the kind are, or can be, the subject of a report.
    pub fn is_workload(self) -> bool {
        self <= Self::Rollout || matches!(self, Self::Declared(_))
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
                | Self::Declared(_)
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
