//! autoscaler-scales-down-at-once: an autoscaler that lets pods go at the first lull.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::autoscaling::{NONE, horizontal};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{Autoscaler, Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "autoscaler-scales-down-at-once",
    title: "Every autoscaler waits before it scales down",
    category: Category::Scaling,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["ST-27", "RE-07"],
    remediation: "Raise or remove behavior.scaleDown.stabilizationWindowSeconds.",
    rule: &PerWorkload(judge),
    page: include_str!("autoscaler_scales_down_at_once.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// minSeconds is how long an autoscaler must wait before it scales down.
    #[schemars(range(min = 0, max = 3600))]
    min_seconds: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { min_seconds: 60 }
    }
}

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let scalers = horizontal(cx, workload);
    if scalers.is_empty() {
        return Verdict::not_applicable(NONE);
    }
    let hasty = |scaler| hasty(scaler, i64::from(parameters.min_seconds));
    scalers.into_iter().filter_map(hasty).collect::<Vec<_>>().into()
}

fn hasty(scaler: &Autoscaler, wanted: i64) -> Option<Finding> {
    // Unset is what the controller manager was told, and that is five minutes unless somebody changed it.
    let window = scaler.scale_down.window_seconds.filter(|_| !scaler.scale_down.disabled)?;
    if window >= wanted {
        return None;
    }
    let message = format!(
        "{} waits {window} seconds before it scales down, at least {wanted} are asked for: a short lull takes pods away that \
         the next moment needs; raise stabilizationWindowSeconds",
        scaler.describe()
    );
    let path = match scaler.kind {
        Kind::ScaledObject => "spec.advanced.horizontalPodAutoscalerConfig",
        _ => "spec",
    };
    let field = format!("{path}.behavior.scaleDown.stabilizationWindowSeconds");
    Some(Finding::new(message).object(scaler.kind, &scaler.meta.name).field(field))
}
