//! autoscaler-fights-manifest: a number of replicas that two hands set.

use crate::api::{Category, Level, Severity};
use crate::checks::support::autoscaling::{NONE, horizontal};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{ReplicasFrom, Workload};

pub(super) static CHECK: Check = Check {
    id: "autoscaler-fights-manifest",
    title: "Where an autoscaler sets the replicas, the manifest does not",
    category: Category::Scaling,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Remove spec.replicas from the manifest of a workload that has an autoscaler.",
    rule: &PerWorkload(judge),
    page: include_str!("autoscaler_fights_manifest.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let scalers = horizontal(cx, workload);
    let Some(scaler) = scalers.first() else {
        return Verdict::not_applicable(NONE);
    };
    let Some(replicas) = workload.replicas else { return Verdict::Pass };
    match workload.replicas_from {
        ReplicasFrom::Others => Verdict::Pass,
        ReplicasFrom::Unclear => {
            Verdict::unknown("the object has no managedFields, so nobody knows who set spec.replicas")
        }
        ReplicasFrom::Manifest => Verdict::fail(
            Finding::new(format!(
                "the manifest sets replicas {replicas}, which {} also sets: each time that it is applied the number of pods \
                 jumps, under load too; remove spec.replicas from the manifest",
                scaler.describe()
            ))
            .field(workload.replicas_path()),
        ),
    }
}
