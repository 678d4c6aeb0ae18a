//! Reads workloads, and the pods and links that belong to them.

use jiff::Timestamp;
use serde::Deserialize;

use super::wire::{Condition, group_of};
use super::{Body, DecodeError};
use crate::model::{
    AccessModes, Availability, ClaimTemplate, CronSettings, IntOrString, JobSettings, Kind, Labels, Link,
    LivePod, Meta, PodNetwork, PodSpec, PodTemplate, Record, ReplicasFrom, Role, Rolling, Selector, Strategy,
    TemplateMeta, Text, Workload, WorkloadRef,
};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SpecWire {
    replicas: Option<i64>,
    suspend: bool,
    template: PodTemplate,
    strategy: StrategyWire,
    update_strategy: StrategyWire,
    volume_claim_templates: Vec<ClaimTemplateWire>,
    selector: Option<SelectorWire>,
    service_name: Text,
    min_ready_seconds: Option<i64>,
    revision_history_limit: Option<i64>,
    progress_deadline_seconds: Option<i64>,
    paused: bool,
    // Jobs and CronJobs.
    job_template: JobTemplateWire,
    active_deadline_seconds: Option<i64>,
    ttl_seconds_after_finished: Option<i64>,
    schedule: Text,
    time_zone: Option<Text>,
    starting_deadline_seconds: Option<i64>,
    concurrency_policy: Text,
    workload_ref: Option<WorkloadRefWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WorkloadRefWire {
    #[serde(default)]
    api_version: Text,
    kind: Text,
    name: Text,
}

impl From<WorkloadRefWire> for WorkloadRef {
    fn from(WorkloadRefWire { api_version, kind, name }: WorkloadRefWire) -> Self {
        Self { group: Text::new(group_of(&api_version)), kind, name }
    }
}

/// A ReplicationController's selector is a plain map; everybody else's is a LabelSelector.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum SelectorWire {
    Full(StrictSelector),
    Plain(Labels),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StrictSelector {
    #[serde(default)]
    match_labels: Labels,
    #[serde(default)]
    match_expressions: Vec<crate::model::Requirement>,
}

impl From<SelectorWire> for Selector {
    fn from(wire: SelectorWire) -> Self {
        match wire {
            SelectorWire::Full(StrictSelector { match_labels, match_expressions }) => {
                Self { match_labels, match_expressions }
            }
            SelectorWire::Plain(labels) => Self::of_labels(labels),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StrategyWire {
    #[serde(rename = "type")]
    kind: Text,
    rolling_update: RollingWire,
    canary: RollingWire,
    blue_green: Option<PresentWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RollingWire {
    max_unavailable: Option<IntOrString>,
    max_surge: Option<IntOrString>,
    partition: Option<i64>,
    traffic_routing: Option<PresentWire>,
}

/// An object of which only counts that it is there.
#[derive(Deserialize)]
struct PresentWire {}

#[derive(Deserialize)]
struct ClaimTemplateWire {
    metadata: NameWire,
    #[serde(default)]
    spec: ClaimSpecWire,
}

#[derive(Deserialize)]
struct NameWire {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    labels: Labels,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClaimSpecWire {
    access_modes: AccessModes,
    storage_class_name: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JobTemplateWire {
    spec: JobSpecWire,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct JobSpecWire {
    template: PodTemplate,
    active_deadline_seconds: Option<i64>,
    ttl_seconds_after_finished: Option<i64>,
}

pub(super) fn workload(kind: Kind, meta: Meta, body: &Body<'_>) -> Result<Record, DecodeError> {
    let linking = matches!(kind, Kind::ReplicaSet | Kind::ReplicationController | Kind::Job);
    if linking && meta.controller.is_some() {
        return Ok(Record::Link(Link { kind, meta }));
    }
    let spec: SpecWire = body.spec()?;
    let status: Option<StatusWire> = body.status()?;
    let strategy = match (spec.strategy.kind.as_str(), spec.update_strategy.kind.as_str()) {
        ("Recreate", _) => Strategy::Recreate,
        (_, "OnDelete") => Strategy::OnDelete,
        _ => Strategy::Rolling,
    };
    let job = settings_of_job(kind, &spec);
    let update =
        if kind == Kind::Deployment || kind == Kind::Rollout { spec.strategy } else { spec.update_strategy };
    let numbers = if kind == Kind::Rollout { update.canary } else { update.rolling_update };
    let rolling = Rolling {
        max_unavailable: numbers.max_unavailable,
        max_surge: numbers.max_surge,
        partition: numbers.partition,
        min_ready_seconds: spec.min_ready_seconds,
        revision_history_limit: spec.revision_history_limit,
        progress_deadline_seconds: spec.progress_deadline_seconds,
        paused: spec.paused,
        keeps_stable: update.blue_green.is_some() || numbers.traffic_routing.is_some(),
    };
    let template = if kind == Kind::CronJob { spec.job_template.spec.template } else { spec.template };
    let scalable = kind.has_scale();
    let claim = |wire: ClaimTemplateWire| ClaimTemplate {
        name: wire.metadata.name,
        labels: wire.metadata.labels,
        access: wire.spec.access_modes,
        storage_class_name: wire.spec.storage_class_name,
    };
    Ok(Record::Workload(Box::new(Workload {
        kind,
        replicas: scalable.then_some(spec.replicas).flatten(),
        replicas_from: body.replicas_by.replicas_from(spec.replicas),
        suspended: spec.suspend,
        strategy,
        rolling,
        job,
        selector: spec.selector.map(Selector::from),
        template,
        template_ref: spec.workload_ref.filter(|_| kind == Kind::Rollout).map(WorkloadRef::from),
        service_name: spec.service_name,
        claim_templates: spec.volume_claim_templates.into_iter().map(claim).collect(),
        availability: status.and_then(|status| status.availability(kind, spec.replicas)),
        meta,
    })))
}

fn settings_of_job(kind: Kind, spec: &SpecWire) -> Option<Box<JobSettings>> {
    let (deadline, ttl, cron) = match kind {
        Kind::Job => (spec.active_deadline_seconds, spec.ttl_seconds_after_finished, None),
        Kind::CronJob => {
            let job = &spec.job_template.spec;
            let cron = CronSettings {
                schedule: spec.schedule.clone(),
                time_zone: spec.time_zone.clone(),
                starting_deadline_seconds: spec.starting_deadline_seconds,
                concurrency_policy: spec.concurrency_policy.clone(),
            };
            (job.active_deadline_seconds, job.ttl_seconds_after_finished, Some(cron))
        }
        _ => return None,
    };
    Some(Box::new(JobSettings { active_deadline_seconds: deadline, ttl_seconds_after_finished: ttl, cron }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusWire {
    #[serde(default)]
    available_replicas: i64,
    #[serde(default)]
    desired_number_scheduled: i64,
    #[serde(default)]
    number_available: i64,
    #[serde(default)]
    conditions: Vec<Condition>,
}

impl StatusWire {
    fn availability(&self, kind: Kind, replicas: Option<i64>) -> Option<Availability> {
        let (wanted, available) = match kind {
            Kind::DaemonSet => (self.desired_number_scheduled, self.number_available),
            _ if kind.has_scale() => (replicas.unwrap_or(1), self.available_replicas),
            _ => return None,
        };
        let down = self.conditions.iter().find(|c| c.is("Available", "False"));
        Some(Availability { wanted, available, unavailable_since: down.and_then(|c| c.last_transition_time) })
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodStatusWire {
    phase: Text,
    conditions: Vec<Condition>,
}

/// The part of a pod's spec that is read of every pod, also of one that something made.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodNetworkWire {
    host_network: bool,
    dns_policy: Text,
    init_containers: Vec<PortsWire>,
    containers: Vec<PortsWire>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PortsWire {
    ports: Vec<PortWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PortWire {
    host_port: i64,
}

impl From<PodNetworkWire> for PodNetwork {
    fn from(wire: PodNetworkWire) -> Self {
        let mut ports = wire.init_containers.iter().chain(&wire.containers).flat_map(|c| &c.ports);
        Self {
            of_host: wire.host_network,
            host_port: ports.any(|port| port.host_port != 0),
            own_resolver: PodNetwork::asks_elsewhere(&wire.dns_policy),
        }
    }
}

pub(super) fn pod(meta: Meta, body: &Body<'_>) -> Result<Record, DecodeError> {
    let status: Option<PodStatusWire> = body.status()?;
    let network: PodNetworkWire = body.spec()?;
    let network = PodNetwork::from(network);
    let live = status.as_ref().map(|status| LivePod {
        ready: ready(status).is_some_and(|c| c.is("Ready", "True")),
        ready_changed: ready(status).and_then(|c| c.last_transition_time),
        finished: status.phase == "Succeeded" || status.phase == "Failed",
        meta: meta.clone(),
        network,
    });
    let workload = if meta.controller.is_some() { None } else { Some(bare_pod(meta.clone(), body, &live)?) };
    Ok(Record::Pod { meta, live, workload })
}

fn ready(status: &PodStatusWire) -> Option<&Condition> {
    status.conditions.iter().find(|c| c.is("Ready", "True") || c.is("Ready", "False"))
}

/// As the API server does for pods, and for pods only: in the node's network a port of the pod is one of the node.
fn default_host_ports(spec: &mut PodSpec) {
    if spec.host_network {
        let containers = spec.containers.iter_mut().filter(|container| container.role != Role::Ephemeral);
        for port in containers.flat_map(|container| &mut container.spec.ports).filter(|p| p.host_port == 0) {
            port.host_port = port.number;
        }
    }
}

fn bare_pod(meta: Meta, body: &Body<'_>, live: &Option<LivePod>) -> Result<Box<Workload>, DecodeError> {
    let mut spec: PodSpec = body.spec()?;
    default_host_ports(&mut spec);
    let metadata = TemplateMeta { labels: meta.labels.clone(), annotations: meta.annotations.clone() };
    let since = |pod: &LivePod| -> Option<Timestamp> {
        if pod.ready { None } else { pod.ready_changed.or(pod.meta.created) }
    };
    Ok(Box::new(Workload {
        kind: Kind::Pod,
        replicas: None,
        replicas_from: ReplicasFrom::Others,
        suspended: false,
        strategy: Strategy::Rolling,
        rolling: Rolling::default(),
        job: None,
        selector: None,
        template: PodTemplate { metadata, spec },
        template_ref: None,
        service_name: Text::default(),
        claim_templates: Vec::new(),
        availability: live.as_ref().filter(|pod| !pod.finished).map(|pod| Availability {
            wanted: 1,
            available: i64::from(pod.ready),
            unavailable_since: since(pod),
        }),
        meta,
    }))
}
