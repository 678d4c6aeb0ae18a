//! critical-workload-not-guaranteed: a critical workload that is evicted or throttled before others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, LabelSelector, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict, selector};
use crate::model::{Obstacle, Workload};

pub(super) static CHECK: Check = Check {
    id: "critical-workload-not-guaranteed",
    title: "Critical workloads are of QoS class Guaranteed",
    category: Category::Resources,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-13", "RE-04"],
    remediation: "Give every container of the workload equal requests and limits of CPU and memory.",
    rule: &PerWorkload(judge),
    page: include_str!("critical_workload_not_guaranteed.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// criticalSelector selects critical workloads by their own labels or those of their pods; unset selects none.
    critical_selector: Option<LabelSelector>,
    /// criticalPriorityClasses are the priority classes of critical workloads.
    #[schemars(length(max = 64), inner(length(min = 1, max = 253)), extend("x-kubernetes-list-type" = "set"))]
    critical_priority_classes: Vec<String>,
}

impl Default for Parameters {
    /// The two that Kubernetes itself calls critical.
    fn default() -> Self {
        let classes = ["system-cluster-critical", "system-node-critical"];
        Self { critical_selector: None, critical_priority_classes: classes.map(str::to_owned).to_vec() }
    }
}

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let Some(mark) = mark(parameters, workload) else {
        return Verdict::not_applicable("nothing marks it as critical");
    };
    let Some(obstacle) = cx.qos_obstacle(workload) else { return Verdict::Pass };
    let message = format!(
        "it is critical ({mark}) and yet not of QoS class Guaranteed, as {}: a node that runs short throttles and evicts it \
         before others; set equal requests and limits of CPU and memory on every container",
        describe(&obstacle)
    );
    let finding = Finding::new(message);
    Verdict::fail(match obstacle.container {
        Some(container) => finding.container(workload, container, "resources"),
        None => finding.field(workload.pod_field("resources")),
    })
}

/// What marks the workload as critical.
fn mark(parameters: &Parameters, workload: &Workload) -> Option<String> {
    let class = &workload.template.spec.priority_class_name;
    if !class.is_empty() && parameters.critical_priority_classes.iter().any(|name| *class == name.as_str()) {
        return Some(format!("priority class '{class}'"));
    }
    let selector = selector(parameters.critical_selector.as_ref()?);
    let marked = selector.matches(&workload.meta.labels) || selector.matches(workload.pod_labels());
    marked.then(|| "by its labels".to_owned())
}

/// "container 'api' has a CPU request of 100m and a limit of 200m".
fn describe(obstacle: &Obstacle<'_>) -> String {
    let noun = obstacle.resource.noun();
    let subject = match obstacle.container {
        Some(container) => format!("{} '{}'", container.role.noun(), container.name),
        None => "the pod as a whole".to_owned(),
    };
    match (obstacle.request, obstacle.limit) {
        (None, None) => format!("{subject} has no {noun} limit"),
        (Some(request), None) => format!("{subject} has a {noun} request of {request} and no limit"),
        (Some(request), Some(limit)) => {
            format!("{subject} has a {noun} request of {request} and a limit of {limit}")
        }
        // Of the pod as a whole, which requests what its containers do.
        (None, Some(limit)) => {
            format!(
                "{subject} has a {noun} limit of {limit}, which is not what its containers request together"
            )
        }
    }
}
