//! bare-pod: a pod that nothing brings back.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "bare-pod",
    title: "Every pod has a controller that replaces it",
    category: Category::Availability,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Run the pod from a Deployment, StatefulSet, DaemonSet or Job.",
    rule: &PerWorkload(judge),
    page: include_str!("bare_pod.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if workload.kind != Kind::Pod {
        // Every other kind of workload replaces its pods.
        return Verdict::Pass;
    }
    if cx.has_ended(workload) {
        return Verdict::not_applicable("the pod has ended");
    }
    let message = "the pod has no controller: once it is evicted, deleted or loses its node, nothing brings it back; run \
                   it from a Deployment, StatefulSet, DaemonSet or Job";
    Verdict::fail(Finding::new(message).field("kind"))
}
