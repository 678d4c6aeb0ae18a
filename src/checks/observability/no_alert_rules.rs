//! no-alert-rules: a workload about which nobody is called.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{AlertRules, Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "no-alert-rules",
    title: "Alerts watch the namespace of every workload",
    category: Category::Observability,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-36", "ST-40", "SE-31", "HA-14"],
    remediation: "Create a PrometheusRule with alerts about the workload in its namespace.",
    rule: &PerWorkload(judge),
    page: include_str!("no_alert_rules.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, _: &Workload) -> Verdict {
    let namespace = cx.namespace();
    let rules = cx.reaching::<AlertRules>(Kind::PrometheusRule);
    let here = |rules: &AlertRules, at: &str| at == namespace.as_str() || rules.namespaces.include(namespace);
    if rules.iter().any(|rules| rules.alerts && here(rules, &rules.meta.namespace)) {
        return Verdict::Pass;
    }
    if !cx.serves(Kind::PrometheusRule) {
        return Verdict::unknown(
            "there are no PrometheusRules here, so nobody can tell what alerts there are",
        );
    }
    let recording = rules.iter().find(|rules| !rules.alerts && rules.meta.namespace == *namespace);
    let considered = recording
        .map(|rules| format!(" (PrometheusRule '{}' only records, and has no alert)", rules.meta.name))
        .unwrap_or_default();
    Verdict::fail(Finding::new(format!(
        "no PrometheusRule in namespace '{namespace}', or that names it, has an alert{considered}: when it fails, users \
         notice first; create one with alerts on its errors, latency and saturation"
    )))
}
