//! autoscaler-cannot-scale: an autoscaler whose maximum is its minimum.

use crate::api::{Category, Level, Severity};
use crate::checks::support::autoscaling::{NONE, horizontal};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Autoscaler, Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "autoscaler-cannot-scale",
    title: "Every autoscaler has room between its minimum and its maximum",
    category: Category::Scaling,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-16", "RE-06", "PE"],
    remediation: "Raise the autoscaler's maximum above its minimum, or lower the minimum.",
    rule: &PerWorkload(judge),
    page: include_str!("autoscaler_cannot_scale.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let scalers = horizontal(cx, workload);
    if scalers.is_empty() {
        return Verdict::not_applicable(NONE);
    }
    scalers.into_iter().filter_map(stuck).collect::<Vec<_>>().into()
}

fn stuck(scaler: &Autoscaler) -> Option<Finding> {
    // A ScaledObject may still switch between idling and its minimum.
    let lowest = scaler.idle_replicas.unwrap_or(scaler.min_replicas).min(scaler.min_replicas);
    if scaler.max_replicas > lowest {
        return None;
    }
    let (least, most) = match scaler.kind {
        Kind::ScaledObject => ("minReplicaCount", "maxReplicaCount"),
        _ => ("minReplicas", "maxReplicas"),
    };
    let message = format!(
        "{} has {least} {} and {most} {}, which leaves it nothing to do: a peak of load meets as many pods as ever; raise \
         {most}",
        scaler.describe(),
        scaler.min_replicas,
        scaler.max_replicas
    );
    Some(Finding::new(message).object(scaler.kind, &scaler.meta.name).field(format!("spec.{most}")))
}
