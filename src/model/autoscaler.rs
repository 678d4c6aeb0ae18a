//! Autoscalers: HorizontalPodAutoscaler, KEDA ScaledObject and VerticalPodAutoscaler.
//!
//! Not its job: which workloads they concern (`relations`), or what they come to (`effective`).

use super::{Amounts, Kind, Meta, Resource, Text, WorkloadId};

/// A HorizontalPodAutoscaler, ScaledObject or VerticalPodAutoscaler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscaler {
    /// Which of the three.
    pub kind: Kind,
    /// Its metadata; a ScaledObject controls the HPA that it makes.
    pub meta: Meta,
    /// What it scales.
    pub target: ScaleTarget,
    /// The fewest replicas, API default applied (1 for an HPA, 0 for a ScaledObject); 0 for a VPA.
    pub min_replicas: i64,
    /// The most replicas, default applied (100 for a ScaledObject); 0 for a VPA.
    pub max_replicas: i64,
    /// `idleReplicaCount` of a ScaledObject: what it scales to when nothing is to be done.
    pub idle_replicas: Option<i64>,
    /// The name of the HPA that a ScaledObject makes, or takes over; `None` for the others.
    pub makes: Option<Text>,
    /// `behavior.scaleDown`.
    pub scale_down: ScaleDown,
    /// The metrics that are about resources of pods, API default applied.
    pub metrics: Vec<ResourceMetric>,
    /// How a VPA sizes; `None` for the others.
    pub sizing: Option<Box<Sizing>>,
}

/// `scaleTargetRef` or `targetRef`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleTarget {
    /// API group.
    pub group: Text,
    /// Kind.
    pub kind: Text,
    /// Name.
    pub name: Text,
}

/// `behavior.scaleDown` of an HPA, or of the one that a ScaledObject makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScaleDown {
    /// `stabilizationWindowSeconds`; unset means what the controller manager was told, 300 by default.
    pub window_seconds: Option<i64>,
    /// `selectPolicy: Disabled`: it never scales down.
    pub disabled: bool,
}

/// A metric of type `Resource` or `ContainerResource`, or a KEDA trigger that becomes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceMetric {
    /// The resource; those that checks do not look at are not kept.
    pub resource: Resource,
    /// The container, of a `ContainerResource`.
    pub container: Option<Text>,
    /// Whether the target is a percentage of the request.
    pub utilization: bool,
}

/// What a VerticalPodAutoscaler does and recommends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizing {
    /// `updatePolicy.updateMode`; unset is `Recreate`.
    pub mode: Text,
    /// `resourcePolicy.containerPolicies`.
    pub policies: Vec<SizingPolicy>,
    /// `status.recommendation.containerRecommendations`: the container and its target.
    pub targets: Vec<(Text, Amounts)>,
}

/// An entry of `containerPolicies`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SizingPolicy {
    /// `containerName`; `*` is every container without an entry of its own.
    pub container: Text,
    /// `mode: Off`.
    pub off: bool,
    /// Whether CPU is among `controlledResources`, by default too.
    pub cpu: bool,
    /// Whether memory is.
    pub memory: bool,
}

/// The kinds that the VPA tells by their name alone, whatever the `apiVersion` says.
const SIZED: &[Kind] = &[
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::ReplicaSet,
    Kind::ReplicationController,
    Kind::CronJob,
    Kind::Job,
];

impl Autoscaler {
    /// The kind of its target, if it is one that the model knows.
    pub fn target_kind(&self) -> Option<Kind> {
        let target = &self.target;
        let sized = || SIZED.iter().copied().find(|kind| target.kind == kind.name());
        let by_name = if self.kind == Kind::VerticalPodAutoscaler { sized() } else { None };
        by_name.or_else(|| Kind::find(&target.group, &target.kind))
    }

    /// The workload that it scales, if its kind is one that the model knows.
    pub fn target_id(&self) -> Option<WorkloadId> {
        let kind = self.target_kind().filter(|kind| kind.is_workload())?;
        Some(WorkloadId { namespace: self.meta.namespace.clone(), kind, name: self.target.name.clone() })
    }

    /// The ScaledObject that made it.
    pub fn scaled_object(&self) -> Option<&Text> {
        let maker = self.meta.controller.as_ref()?;
        (maker.known_kind() == Some(Kind::ScaledObject)).then_some(&maker.name)
    }

    /// Whether a ScaledObject made it.
    pub fn is_made_by_scaled_object(&self) -> bool {
        self.scaled_object().is_some()
    }

    /// "HorizontalPodAutoscaler 'api'".
    pub fn describe(&self) -> String {
        format!("{} '{}'", self.kind, self.meta.name)
    }
}

impl Sizing {
    /// Whether it only recommends.
    pub fn is_off(&self) -> bool {
        self.mode == "Off"
    }

    /// Whether it sets the amounts of a resource of a container.
    pub fn steers(&self, container: &str, resource: Resource) -> bool {
        let named = self.policies.iter().find(|policy| policy.container == container);
        let policy = named.or_else(|| self.policies.iter().find(|policy| policy.container == "*"));
        let controlled = |policy: &SizingPolicy| match resource {
            Resource::Cpu => policy.cpu,
            Resource::Memory => policy.memory,
            Resource::EphemeralStorage => false,
        };
        let by_default = resource != Resource::EphemeralStorage;
        !self.is_off() && policy.map_or(by_default, |policy| !policy.off && controlled(policy))
    }
}
