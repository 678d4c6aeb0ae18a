//! grace-period-too-short: pods that are killed before they could end in peace.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::pause;
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{Container, Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "grace-period-too-short",
    title: "Pods have the time to end in peace",
    category: Category::Lifecycle,
    severity: Severity::Medium,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-03", "SE-20", "RE-20"],
    remediation: "Raise terminationGracePeriodSeconds above what the preStop hook and the program's own end take.",
    rule: &PerWorkload(judge),
    page: include_str!("grace_period_too_short.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// marginSeconds is what a program gets to end after its preStop hook.
    #[schemars(range(min = 0, max = 3600))]
    margin_seconds: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { margin_seconds: 5 }
    }
}

/// What the API server sets.
const DEFAULT_SECONDS: i64 = 30;

fn judge(_: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let grace = workload.template.spec.termination_grace_period_seconds.unwrap_or(DEFAULT_SECONDS);
    let field = workload.pod_field("terminationGracePeriodSeconds");
    if grace <= 0 {
        return Verdict::fail(none(workload, grace).field(field));
    }
    let sleep = |c: &Container| c.lifecycle.pre_stop.as_ref().and_then(pause::seconds).filter(|s| *s > 0);
    let sleeping = workload.running_containers().filter_map(|c| Some((sleep(c)?, c)));
    let Some((sleep, container)) = sleeping.max_by_key(|(sleep, _)| *sleep) else { return Verdict::Pass };
    let margin = u64::from(parameters.margin_seconds.unsigned_abs());
    let needed = sleep.saturating_add(margin);
    if grace.unsigned_abs() >= needed {
        return Verdict::Pass;
    }
    // In a cluster nobody can tell whether it was written: the API server fills it in.
    let origin = if grace == DEFAULT_SECONDS { " (the default)" } else { "" };
    let finding = Finding::new(format!(
        "terminationGracePeriodSeconds is {grace}{origin}, but the preStop hook of {} '{}' sleeps for {sleep} s and the \
         program needs {margin} s more to end: it is killed with requests and writes unfinished; set {needed} or more",
        container.role.noun(),
        container.name
    ));
    Verdict::fail(finding.field(field))
}

fn none(workload: &Workload, grace: i64) -> Finding {
    let stateful = workload.kind == Kind::StatefulSet;
    let effect = match (grace, stateful) {
        (0, true) => {
            "Kubernetes forgets a stopping pod at once and starts its successor, while the old program may still write"
        }
        (0, false) => "every pod that stops is killed at once, with requests and writes unfinished",
        _ => "a negative number counts as 1, so that pods are killed with requests and writes unfinished",
    };
    let finding = Finding::new(format!(
        "terminationGracePeriodSeconds is {grace}: {effect}; set at least {DEFAULT_SECONDS}, the default"
    ));
    if stateful { finding.severity(Severity::High) } else { finding }
}
