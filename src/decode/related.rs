//! Reads the objects that stand around workloads.

use serde::Deserialize;

use super::{Body, DecodeError, autoscaler, made, network};
use crate::model::{
    AccessModes, Amounts, ContainerDefaults, DNS_PORT, DisruptionBudget, Exposure, IntOrString, Kind, Labels,
    LimitRange, Meta, Namespace, NetworkPolicy, Record, ResourceQuota, Selector, Service, ServicePort, Text,
    VolumeClaim,
};

pub(super) fn related(kind: Kind, meta: Meta, body: &Body<'_>) -> Result<Record, DecodeError> {
    Ok(match kind {
        Kind::Service => Record::Service(service(meta, body.spec()?)),
        Kind::HorizontalPodAutoscaler | Kind::ScaledObject | Kind::VerticalPodAutoscaler => {
            autoscaler::autoscaler(kind, meta, body)?
        }
        Kind::PodDisruptionBudget => {
            let made = made::made(&meta, body.whole)?;
            Record::Budget(DisruptionBudget { made, ..budget(meta, body.spec()?) })
        }
        Kind::NetworkPolicy => {
            let made = made::made(&meta, body.whole)?;
            Record::NetworkPolicy(NetworkPolicy { made, ..network::network_policy(meta, body.spec()?) })
        }
        Kind::LimitRange => Record::LimitRange(limit_range(meta, body.spec()?)),
        Kind::ResourceQuota => Record::ResourceQuota(ResourceQuota { meta }),
        Kind::PersistentVolumeClaim => Record::VolumeClaim(volume_claim(meta, body.spec()?)),
        // The workloads are read elsewhere; a Namespace is its metadata.
        _ => Record::Namespace(namespace(meta)),
    })
}

fn namespace(mut meta: Meta) -> Namespace {
    // The API server sets this label on every namespace; a manifest seldom says it.
    let own = (Text::new("kubernetes.io/metadata.name"), meta.name.clone());
    let labels = meta.labels.iter().map(|(key, value)| (key.clone(), value.clone()));
    meta.labels = labels.filter(|(key, _)| *key != own.0).chain([own.clone()]).collect();
    Namespace { meta }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ServiceWire {
    selector: Labels,
    #[serde(rename = "type")]
    kind: Text,
    ports: Vec<ServicePort>,
    #[serde(rename = "clusterIP")]
    cluster_ip: Text,
    #[serde(rename = "clusterIPs")]
    cluster_ips: Vec<Text>,
    #[serde(rename = "sessionAffinity")]
    session_affinity: Text,
    #[serde(rename = "externalIPs")]
    external_ips: Box<[Text]>,
}

fn service(meta: Meta, spec: ServiceWire) -> Service {
    let ServiceWire { selector, kind, ports, cluster_ip, cluster_ips, session_affinity, external_ips } = spec;
    let headless = cluster_ip == "None";
    let is_dns = ports.iter().any(|port| port.port == DNS_PORT);
    let addresses = if cluster_ips.is_empty() { vec![cluster_ip] } else { cluster_ips };
    let addresses =
        addresses.into_iter().filter(|address| is_dns && !address.is_empty() && *address != "None");
    let selector = (!selector.is_empty()).then(|| Selector::of_labels(selector));
    let exposure = match kind.as_str() {
        "NodePort" => Exposure::NodePort,
        "LoadBalancer" => Exposure::LoadBalancer,
        _ => Exposure::None,
    };
    Service {
        meta,
        selector,
        external_name: kind == "ExternalName",
        ports,
        exposure,
        headless,
        client_affinity: session_affinity == "ClientIP",
        external_ips,
        cluster_ips: addresses.collect(),
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BudgetWire {
    selector: Option<Selector>,
    min_available: Option<IntOrString>,
    max_unavailable: Option<IntOrString>,
    unhealthy_pod_eviction_policy: Text,
}

fn budget(meta: Meta, spec: BudgetWire) -> DisruptionBudget {
    let BudgetWire { selector, min_available, max_unavailable, unhealthy_pod_eviction_policy } = spec;
    let always_evicts_unhealthy = unhealthy_pod_eviction_policy == "AlwaysAllow";
    DisruptionBudget { meta, selector, min_available, max_unavailable, always_evicts_unhealthy, made: None }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LimitRangeWire {
    limits: Vec<LimitRangeItemWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct LimitRangeItemWire {
    #[serde(rename = "type")]
    kind: Text,
    default: Amounts,
    default_request: Amounts,
    max: Amounts,
    min: Amounts,
}

fn limit_range(meta: Meta, spec: LimitRangeWire) -> LimitRange {
    let containers = spec.limits.into_iter().filter(|item| item.kind == "Container").map(|item| {
        // As the API server defaults a LimitRange: limit from max; request from the default limit, then from min.
        let LimitRangeItemWire { kind: _, default, default_request, max, min } = item;
        let limits = or(&default, &max);
        let requests = or(&or(&default_request, &limits), &min);
        ContainerDefaults { limits, requests }
    });
    LimitRange { meta, containers: containers.collect() }
}

fn or(first: &Amounts, second: &Amounts) -> Amounts {
    Amounts {
        cpu: first.cpu.as_ref().or(second.cpu.as_ref()).cloned(),
        memory: first.memory.as_ref().or(second.memory.as_ref()).cloned(),
        ephemeral_storage: first.ephemeral_storage.as_ref().or(second.ephemeral_storage.as_ref()).cloned(),
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct VolumeClaimWire {
    access_modes: AccessModes,
    storage_class_name: Option<Text>,
    volume_name: Text,
}

fn volume_claim(meta: Meta, spec: VolumeClaimWire) -> VolumeClaim {
    // The annotation counts before the field, as it does for the control plane.
    let annotated = meta.annotations.get("volume.beta.kubernetes.io/storage-class").cloned();
    VolumeClaim {
        access: spec.access_modes,
        storage_class_name: annotated.or(spec.storage_class_name),
        has_volume: !spec.volume_name.is_empty(),
        meta,
    }
}
