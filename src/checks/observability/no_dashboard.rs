//! no-dashboard: a workload that nobody can look at.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{ConfigMap, Dashboard, Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "no-dashboard",
    title: "Every workload's namespace has a dashboard",
    category: Category::Observability,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["ST-41", "SE-29"],
    remediation: "Deliver a dashboard beside the workload: a GrafanaDashboard, or a ConfigMap labelled grafana_dashboard.",
    rule: &PerWorkload(judge),
    page: include_str!("no_dashboard.md"),
};

/// What Grafana's sidecar looks for, unless it is told otherwise.
const LABEL: &str = "grafana_dashboard";

fn judge(cx: &Context<'_>, _: &NoParams, _: &Workload) -> Verdict {
    let namespace = cx.namespace();
    let dashboards = cx.reaching::<Dashboard>(Kind::GrafanaDashboard);
    let here =
        |dashboard: &Dashboard, at: &str| at == namespace.as_str() || dashboard.namespaces.include(namespace);
    if dashboards.iter().any(|dashboard| here(dashboard, &dashboard.meta.namespace)) {
        return Verdict::Pass;
    }
    // In a cluster nobody looks at these, which makes the answer Unknown.
    if cx.beside::<ConfigMap>(Kind::ConfigMap).iter().any(|map| map.meta.labels.has(LABEL)) {
        return Verdict::Pass;
    }
    Verdict::fail(Finding::new(format!(
        "namespace '{namespace}' has no dashboard, neither a GrafanaDashboard nor a ConfigMap labelled {LABEL}: who is called \
         at night has nothing to look at; deliver one beside the workload"
    )))
}
