//! Reads autoscalers, with the defaults that the API server and KEDA apply.

use serde::Deserialize;

use super::wire::group_of;
use super::{Body, DecodeError};
use crate::model::{
    Amounts, Autoscaler, Kind, Meta, Record, Resource, ResourceMetric, ScaleDown, ScaleTarget, Sizing,
    SizingPolicy, Text,
};

pub(super) fn autoscaler(kind: Kind, meta: Meta, body: &Body<'_>) -> Result<Record, DecodeError> {
    let scaler = Autoscaler {
        kind,
        meta,
        target: ScaleTarget { group: Text::default(), kind: Text::default(), name: Text::default() },
        min_replicas: 0,
        max_replicas: 0,
        idle_replicas: None,
        makes: None,
        scale_down: ScaleDown::default(),
        metrics: Vec::new(),
        sizing: None,
    };
    Ok(Record::Autoscaler(match kind {
        Kind::ScaledObject => scaled_object(scaler, body.spec()?),
        Kind::VerticalPodAutoscaler => vpa(scaler, body.spec()?, body.status()?.unwrap_or_default()),
        _ => hpa(scaler, body.spec()?),
    }))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TargetWire {
    api_version: Text,
    kind: Text,
    name: Text,
}

impl TargetWire {
    fn into_target(self) -> ScaleTarget {
        let group = Text::new(group_of(&self.api_version));
        ScaleTarget { group, kind: self.kind, name: self.name }
    }
}

/// The resource of this name, if checks look at it.
fn resource(name: &str) -> Option<Resource> {
    [Resource::Cpu, Resource::Memory, Resource::EphemeralStorage].into_iter().find(|r| r.name() == name)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct HpaWire {
    scale_target_ref: TargetWire,
    min_replicas: Option<i64>,
    max_replicas: i64,
    metrics: Vec<MetricWire>,
    behavior: BehaviorWire,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MetricWire {
    resource: Option<MetricSourceWire>,
    container_resource: Option<MetricSourceWire>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MetricSourceWire {
    name: Text,
    container: Option<Text>,
    target: MetricTargetWire,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MetricTargetWire {
    #[serde(rename = "type")]
    kind: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BehaviorWire {
    scale_down: ScaleDownWire,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ScaleDownWire {
    stabilization_window_seconds: Option<i64>,
    select_policy: Text,
}

impl BehaviorWire {
    fn scale_down(&self) -> ScaleDown {
        let down = &self.scale_down;
        let disabled = down.select_policy == "Disabled";
        ScaleDown { window_seconds: down.stabilization_window_seconds, disabled }
    }
}

fn hpa(scaler: Autoscaler, spec: HpaWire) -> Autoscaler {
    let HpaWire { scale_target_ref, min_replicas, max_replicas, metrics, behavior } = spec;
    let metric = |wire: MetricWire| {
        let source = wire.resource.or(wire.container_resource)?;
        Some(ResourceMetric {
            resource: resource(&source.name)?,
            container: source.container,
            utilization: source.target.kind == "Utilization",
        })
    };
    // The API server's default: 80 % of the requested CPU.
    let by_default = || ResourceMetric { resource: Resource::Cpu, container: None, utilization: true };
    Autoscaler {
        target: scale_target_ref.into_target(),
        min_replicas: min_replicas.unwrap_or(1),
        max_replicas,
        scale_down: behavior.scale_down(),
        metrics: if metrics.is_empty() {
            vec![by_default()]
        } else {
            metrics.into_iter().filter_map(metric).collect()
        },
        ..scaler
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ScaledObjectWire {
    scale_target_ref: TargetWire,
    min_replica_count: i64,
    max_replica_count: Option<i64>,
    idle_replica_count: Option<i64>,
    advanced: AdvancedWire,
    triggers: Vec<TriggerWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AdvancedWire {
    horizontal_pod_autoscaler_config: HpaConfigWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HpaConfigWire {
    name: Text,
    behavior: BehaviorWire,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TriggerWire {
    #[serde(rename = "type")]
    kind: Text,
    metric_type: Text,
    metadata: TriggerMetadataWire,
}

/// What the triggers `cpu` and `memory` may say; those of other triggers are their own.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TriggerMetadataWire {
    #[serde(rename = "type")]
    kind: Option<serde_json::Value>,
    container_name: Option<serde_json::Value>,
}

impl TriggerWire {
    fn into_metric(self) -> Option<ResourceMetric> {
        let resource = resource(&self.kind).filter(|resource| *resource != Resource::EphemeralStorage)?;
        let text = |value: Option<serde_json::Value>| Some(Text::new(value?.as_str()?));
        // Before `metricType` there was `metadata.type`, which old manifests still say.
        let old = text(self.metadata.kind).is_some_and(|kind| kind == "Utilization");
        let container = text(self.metadata.container_name).filter(|name| !name.is_empty());
        let utilization = self.metric_type == "Utilization" || (self.metric_type.is_empty() && old);
        Some(ResourceMetric { resource, container, utilization })
    }
}

fn scaled_object(scaler: Autoscaler, spec: ScaledObjectWire) -> Autoscaler {
    let mut target = spec.scale_target_ref;
    // KEDA's defaults.
    if target.api_version.is_empty() {
        target.api_version = Text::new("apps/v1");
    }
    if target.kind.is_empty() {
        target.kind = Text::new("Deployment");
    }
    let config = spec.advanced.horizontal_pod_autoscaler_config;
    let named = Some(config.name).filter(|name| !name.is_empty());
    Autoscaler {
        target: target.into_target(),
        makes: named.or_else(|| Some(format!("keda-hpa-{}", scaler.meta.name).into())),
        min_replicas: spec.min_replica_count,
        max_replicas: spec.max_replica_count.unwrap_or(100),
        idle_replicas: spec.idle_replica_count,
        scale_down: config.behavior.scale_down(),
        metrics: spec.triggers.into_iter().filter_map(TriggerWire::into_metric).collect(),
        ..scaler
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct VpaWire {
    target_ref: TargetWire,
    update_policy: UpdatePolicyWire,
    resource_policy: ResourcePolicyWire,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UpdatePolicyWire {
    update_mode: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ResourcePolicyWire {
    container_policies: Vec<ContainerPolicyWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContainerPolicyWire {
    container_name: Text,
    mode: Text,
    controlled_resources: Option<Vec<Text>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct VpaStatusWire {
    recommendation: RecommendationWire,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RecommendationWire {
    container_recommendations: Vec<ContainerRecommendationWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContainerRecommendationWire {
    container_name: Text,
    target: Amounts,
}

fn vpa(scaler: Autoscaler, spec: VpaWire, status: VpaStatusWire) -> Autoscaler {
    let policy = |wire: ContainerPolicyWire| {
        let controlled = |name: &str| {
            wire.controlled_resources.as_ref().is_none_or(|named| named.iter().any(|n| *n == name))
        };
        let (cpu, memory) = (controlled("cpu"), controlled("memory"));
        SizingPolicy { cpu, memory, off: wire.mode == "Off", container: wire.container_name }
    };
    let target = |wire: ContainerRecommendationWire| (wire.container_name, wire.target);
    Autoscaler {
        target: spec.target_ref.into_target(),
        sizing: Some(Box::new(Sizing {
            mode: spec.update_policy.update_mode,
            policies: spec.resource_policy.container_policies.into_iter().map(policy).collect(),
            targets: status.recommendation.container_recommendations.into_iter().map(target).collect(),
        })),
        ..scaler
    }
}
