//! probe-too-eager: a liveness probe that kills before anyone could recover.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{Container, Probe, Workload};

pub(super) static CHECK: Check = Check {
    id: "probe-too-eager",
    title: "Liveness probes give a program time to recover",
    category: Category::Health,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["ST-10", "PE"],
    remediation: "Raise failureThreshold or periodSeconds, and keep timeoutSeconds at or below periodSeconds.",
    rule: &PerWorkload(judge),
    page: include_str!("probe_too_eager.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// minGraceSeconds is how long a program must be allowed not to answer before it is killed.
    #[schemars(range(min = 0, max = 3600))]
    min_grace_seconds: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { min_grace_seconds: 10 }
    }
}

fn judge(_: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable("its pods run to an end and serve nobody");
    }
    let probed: Vec<(&Container, &Probe)> = workload
        .running_containers()
        .filter_map(|c| Some((c, c.liveness_probe.as_ref().filter(|probe| probe.handler.is_set())?)))
        .collect();
    if probed.is_empty() {
        return Verdict::not_applicable("no container has a liveness probe");
    }
    let wanted = i64::from(parameters.min_grace_seconds);
    let findings = probed.into_iter().flat_map(|(container, probe)| {
        [kills_early(container, probe, wanted), overlaps(container, probe)]
            .into_iter()
            .flatten()
            .map(|(message, field)| Finding::new(message).container(workload, container, field))
    });
    findings.collect::<Vec<_>>().into()
}

fn kills_early(container: &Container, probe: &Probe, wanted: i64) -> Option<(String, &'static str)> {
    let seconds = probe.gives_up_after_seconds();
    if seconds >= wanted {
        return None;
    }
    let (threshold, period) = (probe.failure_threshold, probe.period_seconds);
    let enough = wanted.checked_div(period).unwrap_or(0) + i64::from(wanted % period.max(1) != 0);
    let message = format!(
        "the liveness probe of {} '{}' gives up after {seconds} s (failureThreshold {threshold} x periodSeconds {period}): \
         one long garbage collection or busy neighbour restarts a healthy program; set failureThreshold to {enough} or more",
        container.role.noun(),
        container.name
    );
    Some((message, "livenessProbe.failureThreshold"))
}

fn overlaps(container: &Container, probe: &Probe) -> Option<(String, &'static str)> {
    let (timeout, period) = (probe.timeout_seconds, probe.period_seconds);
    if timeout <= period {
        return None;
    }
    let message = format!(
        "the liveness probe of {} '{}' waits {timeout} s for an answer and is due every {period} s: probes run late, and a \
         program that hangs is noticed later than it seems; set timeoutSeconds to {period} or less, or periodSeconds to \
         {timeout} or more",
        container.role.noun(),
        container.name
    );
    Some((message, "livenessProbe.timeoutSeconds"))
}
