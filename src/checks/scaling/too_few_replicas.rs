//! too-few-replicas: a workload that is gone when one pod is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{FloorSource, Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "too-few-replicas",
    title: "Every workload survives the loss of a pod",
    category: Category::Scaling,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-15", "SE-08", "RE-23", "HA-20", "PE"],
    remediation: "Set spec.replicas, or the autoscaler's minimum, to two or more.",
    rule: &PerWorkload(judge),
    page: include_str!("too_few_replicas.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// minimum is the fewest replicas that a workload may be allowed to shrink to.
    #[schemars(range(min = 1, max = 1000))]
    minimum: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { minimum: 2 }
    }
}

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let minimum = i64::from(parameters.minimum);
    let Some(floor) = cx.floor(workload) else {
        return Verdict::not_applicable(format!("nobody sets the number of pods of a {}", workload.kind));
    };
    if floor.replicas == 0 {
        return Verdict::not_applicable(format!("it may scale to zero: {}", floor.describe()));
    }
    if floor.replicas >= minimum {
        return Verdict::Pass;
    }
    let finding = Finding::new(format!(
        "{}, at least {minimum} are asked for: a lost node or a rollout takes the workload away; raise {}",
        floor.describe(),
        floor.field()
    ))
    .field(floor.field());
    Verdict::fail(match &floor.source {
        FloorSource::Replicas(_) => finding,
        FloorSource::HorizontalPodAutoscaler(name) => finding.object(Kind::HorizontalPodAutoscaler, name),
        FloorSource::ScaledObject(name) => finding.object(Kind::ScaledObject, name),
    })
}
