//! Workloads: the top-level objects that run pods, each the subject of one report.
//!
//! Not its job: which workload another object belongs to (`relations`), or reading JSON (`decode`).

use jiff::Timestamp;

use super::{Annotations, ClaimTemplate, IntOrString, Kind, Labels, PodNetwork, PodTemplate, Selector, Text};

/// The name of a workload: kind, namespace, name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkloadId {
    /// Its namespace.
    pub namespace: Text,
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: Text,
}

/// The metadata that every record keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// `metadata.namespace`; empty for cluster-scoped objects.
    pub namespace: Text,
    /// `metadata.name`.
    pub name: Text,
    /// `metadata.uid`; empty offline.
    pub uid: Text,
    /// `metadata.generation`; 0 offline and for kinds without one.
    pub generation: i64,
    /// `metadata.labels`.
    pub labels: Labels,
    /// `metadata.annotations`, as far as checks read them.
    pub annotations: Annotations,
    /// `metadata.creationTimestamp`.
    pub created: Option<Timestamp>,
    /// Whether deletion has begun.
    pub terminating: bool,
    /// The owner that controls the object (`controller: true`).
    pub controller: Option<Owner>,
    /// Whether Argo CD, Flux or Helm is among its `managedFields`; never offline.
    pub by_pipeline: bool,
    /// The `apiVersion` that its manifest is written in, where that is known.
    pub written_in: Option<Text>,
    /// The fields of its manifest that Kubernetes does not know; a live object has none.
    pub unknown_fields: UnknownFields,
}

/// A field of a manifest that Kubernetes does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// Its path: `spec.replica`.
    pub path: String,
    /// The field that was probably meant.
    pub meant: Option<&'static str>,
}

/// The fields of a manifest that Kubernetes does not know. Nearly every object has none, so these take little room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::box_collection, reason = "one pointer in each object, of which hardly any has such fields")]
pub struct UnknownFields(Option<Box<Vec<UnknownField>>>);

impl UnknownFields {
    /// The fields, in the order of the manifest.
    pub fn iter(&self) -> impl Iterator<Item = &UnknownField> {
        self.0.iter().flat_map(|fields| fields.iter())
    }
}

impl From<Vec<UnknownField>> for UnknownFields {
    fn from(fields: Vec<UnknownField>) -> Self {
        Self((!fields.is_empty()).then(|| Box::new(fields)))
    }
}

/// An owner reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The owner's API group.
    pub group: Text,
    /// The owner's kind.
    pub kind: Text,
    /// The owner's name.
    pub name: Text,
}

impl Owner {
    /// The kind, if the model knows it.
    pub fn known_kind(&self) -> Option<Kind> {
        Kind::find(&self.group, &self.kind)
    }
}

/// An object of the same namespace that another one names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadRef {
    /// Its API group.
    pub group: Text,
    /// Its kind.
    pub kind: Text,
    /// Its name.
    pub name: Text,
}

impl WorkloadRef {
    /// The workload that is named, if its kind is one that the model knows.
    pub fn workload(&self) -> Option<(Kind, Text)> {
        let kind = Kind::find(&self.group, &self.kind).filter(|kind| kind.is_workload())?;
        Some((kind, self.name.clone()))
    }
}

/// How a workload replaces its pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Step by step; also where the kind has no choice.
    #[default]
    Rolling,
    /// All old pods go before the new ones come.
    Recreate,
    /// A pod is replaced only once somebody deletes it.
    OnDelete,
}

/// Who says what `spec.replicas` is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplicasFrom {
    /// A manifest that somebody applies, and will apply again: it is one, or its `managedFields` say so.
    #[default]
    Manifest,
    /// Whoever else wrote to the live object, such as an autoscaler or a person's `kubectl scale`.
    Others,
    /// A live object without `managedFields`, as a dump may be: nobody knows.
    Unclear,
}

/// The numbers by which a workload replaces its pods; each `None` where the field is unset or its kind lacks it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rolling {
    /// `maxUnavailable` of the rolling update (of an Argo Rollout: of its canary strategy).
    pub max_unavailable: Option<IntOrString>,
    /// `maxSurge` of the rolling update (of an Argo Rollout: of its canary strategy).
    pub max_surge: Option<IntOrString>,
    /// `partition` of a StatefulSet's rolling update: pods of a lower ordinal stay as they are.
    pub partition: Option<i64>,
    /// `minReadySeconds`.
    pub min_ready_seconds: Option<i64>,
    /// `revisionHistoryLimit`.
    pub revision_history_limit: Option<i64>,
    /// `progressDeadlineSeconds`.
    pub progress_deadline_seconds: Option<i64>,
    /// `paused`.
    pub paused: bool,
    /// Whether an Argo Rollout keeps its old version at full strength: `blueGreen`, or `canary.trafficRouting`.
    pub keeps_stable: bool,
}

/// `JobSpec`, without its template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobSettings {
    /// `activeDeadlineSeconds`.
    pub active_deadline_seconds: Option<i64>,
    /// `ttlSecondsAfterFinished`.
    pub ttl_seconds_after_finished: Option<i64>,
    /// What a CronJob adds.
    pub cron: Option<CronSettings>,
}

/// `CronJobSpec`, without its Job template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronSettings {
    /// `schedule`.
    pub schedule: Text,
    /// `timeZone`.
    pub time_zone: Option<Text>,
    /// `startingDeadlineSeconds`.
    pub starting_deadline_seconds: Option<i64>,
    /// `concurrencyPolicy`; empty when unset, which means `Allow`.
    pub concurrency_policy: Text,
}

/// How many pods a workload wants and has, as its own status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Availability {
    /// How many pods there should be.
    pub wanted: i64,
    /// How many are available.
    pub available: i64,
    /// Since when the workload's own condition says that it is not available.
    pub unavailable_since: Option<Timestamp>,
}

/// A workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Its kind.
    pub kind: Kind,
    /// Its metadata.
    pub meta: Meta,
    /// `spec.replicas`, of kinds that have it.
    pub replicas: Option<i64>,
    /// Who says what `spec.replicas` is to be, where it is set.
    pub replicas_from: ReplicasFrom,
    /// `spec.suspend` of Jobs and CronJobs.
    pub suspended: bool,
    /// How pods are replaced.
    pub strategy: Strategy,
    /// The numbers of that.
    pub rolling: Rolling,
    /// What Jobs and CronJobs have beside their template; `None` for every other kind.
    pub job: Option<Box<JobSettings>>,
    /// `spec.selector`.
    pub selector: Option<Selector>,
    /// What its pods are made from; empty while `template_ref` names something that is not known.
    pub template: PodTemplate,
    /// The workload whose template it uses in place of its own: `spec.workloadRef` of an Argo Rollout.
    pub template_ref: Option<WorkloadRef>,
    /// `spec.serviceName` of a StatefulSet; empty when unset.
    pub service_name: Text,
    /// `spec.volumeClaimTemplates` of a StatefulSet.
    pub claim_templates: Vec<ClaimTemplate>,
    /// What its status says; `None` where it has none (offline, Jobs).
    pub availability: Option<Availability>,
}

impl Workload {
    /// Its name.
    pub fn id(&self) -> WorkloadId {
        WorkloadId { namespace: self.meta.namespace.clone(), kind: self.kind, name: self.meta.name.clone() }
    }

    /// Where its pod spec stands in the object: `spec.template.spec`.
    pub fn pod_path(&self) -> &'static str {
        match self.kind {
            Kind::Pod => "spec",
            Kind::CronJob => "spec.jobTemplate.spec.template.spec",
            Kind::Declared(kind) => kind.pod_path(),
            _ => "spec.template.spec",
        }
    }

    /// Where its number of replicas stands.
    pub fn replicas_path(&self) -> &'static str {
        match self.kind {
            Kind::Declared(kind) => kind.declaration().map_or("", |declaration| &declaration.replicas),
            _ => "spec.replicas",
        }
    }

    /// Where the selector of its pods stands.
    pub fn selector_path(&self) -> &'static str {
        match self.kind {
            Kind::Declared(kind) => kind.declaration().map_or("", |declaration| &declaration.selector),
            _ => "spec.selector",
        }
    }

    /// The path of a field of its pod spec.
    pub fn pod_field(&self, below: impl std::fmt::Display) -> String {
        format!("{}.{below}", self.pod_path())
    }

    /// The path of an annotation that its pods will have.
    pub fn pod_annotation(&self, key: &str) -> String {
        let above = self.pod_path().strip_suffix("spec").unwrap_or_default();
        format!("{above}metadata.annotations[{key}]")
    }

    /// The labels that its pods will have.
    pub fn pod_labels(&self) -> &Labels {
        &self.template.metadata.labels
    }

    /// Whether its pods run until they are told to stop; a bare pod that is not always restarted works like a Job, and
    /// so do the pods of a kind of which nothing else is known.
    pub fn is_long_running(&self) -> bool {
        let restart = &self.template.spec.restart_policy;
        let restarted = restart.is_empty() || *restart == "Always";
        self.kind.is_long_running() && (restarted || !matches!(self.kind, Kind::Pod | Kind::Declared(_)))
    }

    /// Whether it is a subject: nothing that another workload owns is judged, and nothing that is being deleted.
    pub fn is_subject(&self) -> bool {
        if self.meta.terminating {
            return false;
        }
        match (&self.meta.controller, self.kind) {
            (None, _) => true,
            (Some(_), Kind::Pod | Kind::ReplicaSet | Kind::ReplicationController | Kind::Job) => false,
            (Some(owner), _) => !owner.known_kind().is_some_and(Kind::is_workload),
        }
    }
}

/// What is known of a pod that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivePod {
    /// Its metadata; the controller is who made it.
    pub meta: Meta,
    /// Whether its Ready condition is True.
    pub ready: bool,
    /// When the Ready condition last changed.
    pub ready_changed: Option<Timestamp>,
    /// Whether it ended (phase Succeeded or Failed).
    pub finished: bool,
    /// What its spec says of its network.
    pub network: PodNetwork,
}

/// An integer or a percentage of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many pods.
    Count(i64),
    /// So many percent of the pods.
    Percent(i64),
}

impl Amount {
    /// Reads what the API has; `None` for a text that is no percentage.
    pub fn of(value: &IntOrString) -> Option<Self> {
        match value {
            IntOrString::Int(n) => Some(Self::Count(*n)),
            IntOrString::String(text) => {
                let digits = text.strip_suffix('%')?;
                digits.parse().ok().map(Self::Percent)
            }
        }
    }

    /// The number of pods out of `total`, a fraction rounded down, as `maxUnavailable` of rollouts does.
    pub fn rounded_down(&self, total: i64) -> i64 {
        match self {
            Self::Count(n) => *n,
            Self::Percent(p) => p.saturating_mul(total).div_euclid(100),
        }
    }

    /// The number of pods out of `total`, a fraction rounded up, as budgets do.
    pub fn rounded_up(&self, total: i64) -> i64 {
        match self {
            Self::Count(n) => *n,
            Self::Percent(p) => {
                let scaled = p.saturating_mul(total);
                scaled.div_euclid(100) + i64::from(scaled.rem_euclid(100) != 0)
            }
        }
    }
}
