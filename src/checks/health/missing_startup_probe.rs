//! missing-startup-probe: a slow start that a liveness probe has to guess.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{Container, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-startup-probe",
    title: "A program that starts slowly has a startup probe",
    category: Category::Health,
    severity: Severity::Medium,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["ST-10", "RE-10"],
    remediation: "Add a startupProbe with the handler of the liveness probe, and drop initialDelaySeconds there.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_startup_probe.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// slowStartSeconds is the longest start that a liveness probe's delay may cover by itself.
    #[schemars(range(min = 0, max = 3600))]
    slow_start_seconds: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { slow_start_seconds: 30 }
    }
}

fn judge(_: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable("its pods run to an end; a deadline stops those that hang");
    }
    let probed = |c: &&Container| c.liveness_probe.as_ref().is_some_and(|probe| probe.handler.is_set());
    let mut containers = workload.running_containers().filter(probed).peekable();
    if containers.peek().is_none() {
        return Verdict::not_applicable("no container has a liveness probe that a slow start could trip");
    }
    containers.filter_map(|c| problem(parameters, workload, c)).collect::<Vec<_>>().into()
}

fn problem(parameters: &Parameters, workload: &Workload, container: &Container) -> Option<Finding> {
    if container.startup_probe.as_ref().is_some_and(|probe| probe.handler.is_set()) {
        return None;
    }
    let delay = container.liveness_probe.as_ref()?.initial_delay_seconds;
    let slow = i64::from(parameters.slow_start_seconds);
    if delay <= slow {
        return None;
    }
    let message = format!(
        "the liveness probe of {} '{}' waits {delay} s for a slow start (more than {slow} s): a start that takes longer \
         is killed and begins again, and one that hangs sooner is not noticed; add a startupProbe and drop \
         initialDelaySeconds",
        container.role.noun(),
        container.name
    );
    Some(Finding::new(message).container(workload, container, "startupProbe"))
}
