//! duplicate-autoscaler: two autoscalers of one workload, of which none works.

use crate::api::{Category, Level, Severity};
use crate::checks::support::autoscaling::{NONE, horizontal};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "duplicate-autoscaler",
    title: "Every workload has one autoscaler",
    category: Category::Scaling,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-28", "HA-19", "PE"],
    remediation: "Keep one autoscaler of the workload, with the metrics of both, and delete the other.",
    rule: &PerWorkload(judge),
    page: include_str!("duplicate_autoscaler.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let scalers = horizontal(cx, workload);
    let names: Vec<String> = scalers.iter().map(|scaler| scaler.describe()).collect();
    let (others, last) = match names.as_slice() {
        [] => return Verdict::not_applicable(NONE),
        [_] => return Verdict::Pass,
        [others @ .., last] => (others.join(", "), last),
    };
    Verdict::fail(Finding::new(format!(
        "{others} and {last} both target it: Kubernetes takes their pods for ambiguous and scales by \
         neither; keep one, with the metrics of all"
    )))
}
