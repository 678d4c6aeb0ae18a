//! What was tried out, where an object shows it: restores of Velero, experiments of Chaos Mesh and Litmus, load tests
//! of k6.
//!
//! Of each is kept whom it was about and, once it has ended, when and how. What still runs proves nothing yet.
//! Not its job: for how long a run counts (`engine`).

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::{Kind, Labels, Requirement, Selector, Text, Workload};
use super::{BackupTemplate, Reach};

/// The most pods of an experiment that are remembered.
const MAX_PODS: usize = 1000;

/// A run that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// When it ended.
    pub ended: Timestamp,
    /// Whether it went well.
    pub passed: bool,
}

/// What has ended may concern others; what runs concerns nobody yet.
fn reach_of(run: Option<Run>, far: bool) -> Reach {
    if run.is_some() && far { Reach::Cluster } else { Reach::Namespace }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Created {
    creation_timestamp: Option<Timestamp>,
}

/// Velero's Restore.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "RestoreWire")]
pub struct VeleroRestore {
    /// What of the backup it restored.
    pub filter: BackupTemplate,
    /// Whether it restored what is in volumes.
    pub volumes: bool,
    /// The backup that it was made from.
    pub backup: Text,
    /// The schedule whose backup it was made from, where it says so.
    pub schedule: Text,
    /// How it ended.
    pub run: Option<Run>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RestoreWire {
    spec: RestoreSpec,
    status: RestoreStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RestoreSpec {
    backup_name: Text,
    schedule_name: Text,
    #[serde(rename = "restorePVs")]
    restore_volumes: Option<bool>,
    #[serde(flatten)]
    filter: BackupTemplate,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RestoreStatus {
    phase: Text,
    completion_timestamp: Option<Timestamp>,
    progress: Option<RestoreProgress>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RestoreProgress {
    items_restored: i64,
}

impl From<RestoreWire> for VeleroRestore {
    fn from(RestoreWire { spec, status }: RestoreWire) -> Self {
        let passed = match status.phase.as_str() {
            // One that restored nothing is as good as none.
            "Completed" => status.progress.is_none_or(|progress| progress.items_restored > 0).then_some(true),
            "PartiallyFailed" | "Failed" => Some(false),
            // It has not begun, runs, or was refused.
            _ => None,
        };
        let run = passed.zip(status.completion_timestamp).map(|(passed, ended)| Run { ended, passed });
        Self {
            filter: spec.filter,
            volumes: spec.restore_volumes != Some(false),
            backup: spec.backup_name,
            schedule: spec.schedule_name,
            run,
        }
    }
}

impl VeleroRestore {
    /// It stands in Velero's namespace and is about others.
    pub(super) fn reach(&self) -> Reach {
        reach_of(self.run, true)
    }

    /// The schedule whose backup it was made from: backups of one are named for it and for the second.
    pub fn schedule(&self) -> Option<Text> {
        if !self.schedule.is_empty() {
            return Some(self.schedule.clone());
        }
        let (schedule, second) = self.backup.rsplit_once('-')?;
        (second.len() == 14 && second.bytes().all(|byte| byte.is_ascii_digit())).then(|| Text::new(schedule))
    }
}

/// An experiment of Chaos Mesh, of whatever kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "ExperimentWire")]
pub struct ChaosExperiment {
    selector: Selector,
    /// The pods that it struck, as `namespace/name`.
    pods: Vec<Text>,
    /// How it ended.
    pub run: Option<Run>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ExperimentWire {
    metadata: Created,
    spec: ExperimentSpec,
    status: ExperimentStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ExperimentSpec {
    action: Text,
    selector: PodChoice,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodChoice {
    label_selectors: Labels,
    expression_selectors: Vec<Requirement>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ExperimentStatus {
    conditions: Vec<ExperimentCondition>,
    experiment: Progress,
}

#[derive(Deserialize)]
struct ExperimentCondition {
    #[serde(rename = "type")]
    type_: Text,
    status: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Progress {
    desired_phase: Text,
    container_records: Vec<Struck>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Struck {
    /// `namespace/pod`, and the container below it where one was meant.
    id: Text,
    phase: Text,
    injected_count: i64,
    events: Vec<StruckEvent>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StruckEvent {
    timestamp: Option<Timestamp>,
}

impl From<ExperimentWire> for ChaosExperiment {
    fn from(ExperimentWire { metadata, spec, status }: ExperimentWire) -> Self {
        let records = &status.experiment.container_records;
        let is = |type_: &str| status.conditions.iter().any(|c| c.type_ == type_ && c.status == "True");
        let struck = |record: &Struck| record.injected_count > 0 || record.phase == "Injected";
        // What kills is never taken back, and so never stops.
        let ended = match spec.action.as_str() {
            "pod-kill" | "container-kill" => is("AllInjected"),
            _ => status.experiment.desired_phase == "Stop" && is("AllRecovered"),
        };
        let complete = ended && !records.is_empty() && records.iter().all(struck);
        let last = records.iter().flat_map(|record| &record.events).filter_map(|event| event.timestamp).max();
        // Older versions write no times; counting from the beginning only lets a run age sooner.
        let run = last.or(metadata.creation_timestamp).filter(|_| complete);
        let pod = |record: &Struck| {
            let mut parts = record.id.splitn(3, '/');
            Some(Text::new(&format!("{}/{}", parts.next()?, parts.next()?)))
        };
        let mut pods: Vec<Text> =
            if complete { records.iter().filter_map(pod).take(MAX_PODS).collect() } else { Vec::new() };
        pods.sort();
        pods.dedup();
        let PodChoice { label_selectors, expression_selectors } = spec.selector;
        Self {
            selector: Selector { match_labels: label_selectors, match_expressions: expression_selectors },
            pods,
            run: run.map(|ended| Run { ended, passed: true }),
        }
    }
}

impl ChaosExperiment {
    /// It strikes where its selector says, which need not be its own namespace.
    pub(super) fn reach(&self) -> Reach {
        reach_of(self.run, true)
    }

    /// Whether it struck pods of a workload: such as it selects, of a name that the workload gives.
    pub fn struck(&self, workload: &Workload) -> bool {
        let is_own = |pod: &Text| {
            let (namespace, name) = pod.split_once('/').unwrap_or_default();
            namespace == workload.meta.namespace.as_str() && is_named_by(workload, name)
        };
        self.selector.matches_template(workload.pod_labels()) && self.pods.iter().any(is_own)
    }
}

/// Whether a pod's name is one that a workload's controllers give.
fn is_named_by(workload: &Workload, pod: &str) -> bool {
    let Some(rest) = pod.strip_prefix(workload.meta.name.as_str()) else { return false };
    let parts = rest.matches('-').count();
    match workload.kind {
        Kind::Pod => rest.is_empty(),
        // By way of a ReplicaSet or a Job.
        Kind::Deployment | Kind::Rollout | Kind::CronJob => rest.starts_with('-') && parts == 2,
        _ => rest.starts_with('-') && parts == 1,
    }
}

/// Litmus' ChaosEngine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "EngineWire")]
pub struct ChaosEngine {
    /// The namespace that it struck; empty means its own.
    pub namespace: Text,
    /// The kind of the workloads, in small letters; empty means any.
    kind: Text,
    /// Which of them, by their labels; `None` where that cannot be told.
    selector: Option<Selector>,
    /// How it ended.
    pub run: Option<Run>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EngineWire {
    metadata: Created,
    spec: EngineSpec,
    status: EngineStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EngineSpec {
    appinfo: AppInfo,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AppInfo {
    appns: Text,
    applabel: Text,
    appkind: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EngineStatus {
    engine_status: Text,
    experiments: Vec<EngineExperiment>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EngineExperiment {
    verdict: Text,
    last_update_time: Option<Timestamp>,
}

impl From<EngineWire> for ChaosEngine {
    fn from(EngineWire { metadata, spec, status }: EngineWire) -> Self {
        let verdicts = || status.experiments.iter().map(|experiment| experiment.verdict.as_str());
        let passed = if verdicts().any(|verdict| matches!(verdict, "Fail" | "Error")) {
            Some(false)
        } else {
            (verdicts().count() > 0 && verdicts().all(|verdict| verdict == "Pass")).then_some(true)
        };
        let last = status.experiments.iter().filter_map(|experiment| experiment.last_update_time).max();
        let ended = last.or(metadata.creation_timestamp).filter(|_| status.engine_status == "completed");
        let AppInfo { appns, applabel, appkind } = spec.appinfo;
        Self {
            namespace: appns,
            kind: Text::new(&appkind.to_ascii_lowercase()),
            selector: pairs(&applabel).map(Selector::of_labels),
            run: ended.zip(passed).map(|(ended, passed)| Run { ended, passed }),
        }
    }
}

/// `app=api,tier=front` as labels; `None` for other ways to select, and for none.
fn pairs(written: &str) -> Option<Labels> {
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        let (key, value) = (key.trim(), value.trim_start_matches('=').trim());
        (!key.ends_with('!')).then(|| (Text::new(key), Text::new(value)))
    };
    written.split(',').map(pair).collect()
}

impl ChaosEngine {
    pub(super) fn reach(&self) -> Reach {
        reach_of(self.run, !self.namespace.is_empty())
    }

    /// Whether it struck a workload of the namespace that it was about.
    pub fn struck(&self, workload: &Workload) -> bool {
        let of_kind = self.kind.is_empty() || workload.kind.name().to_ascii_lowercase() == self.kind.as_str();
        // It goes by the labels of the workload, or by those of the pods: its versions differ.
        let selects = |selector: &Selector| {
            selector.matches(&workload.meta.labels) || selector.matches_template(workload.pod_labels())
        };
        of_kind && self.selector.as_ref().is_some_and(selects)
    }
}

/// k6's TestRun.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "TestRunWire")]
pub struct LoadTest {
    /// How it ended.
    pub run: Option<Run>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TestRunWire {
    metadata: Created,
    status: TestRunStatus,
    #[serde(rename = "spec")]
    _spec: IgnoredAny,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TestRunStatus {
    stage: Text,
    conditions: Vec<TestRunCondition>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TestRunCondition {
    #[serde(rename = "type")]
    type_: Text,
    last_transition_time: Option<Timestamp>,
}

impl From<TestRunWire> for LoadTest {
    fn from(TestRunWire { metadata, status, _spec }: TestRunWire) -> Self {
        let passed = match status.stage.as_str() {
            "finished" => Some(true),
            "error" => Some(false),
            _ => None,
        };
        let running = status.conditions.iter().filter(|condition| condition.type_ == "TestRunRunning");
        let ended = running.filter_map(|condition| condition.last_transition_time).max();
        let ended = ended.or(metadata.creation_timestamp);
        Self { run: ended.zip(passed).map(|(ended, passed)| Run { ended, passed }) }
    }
}
