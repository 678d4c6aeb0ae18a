//! missing-liveness-probe: a program that hangs and that nobody restarts.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, Role, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-liveness-probe",
    title: "A program that hangs is restarted",
    category: Category::Health,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["ST-09", "SE-19", "RE-08", "HA-09", "PE"],
    remediation: "Give every application container a livenessProbe that asks the program alone, not what it depends on.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_liveness_probe.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable("its pods run to an end; a deadline stops those that hang");
    }
    let mut containers = workload.running_containers().filter(|c| c.role == Role::Application).peekable();
    if containers.peek().is_none() {
        return Verdict::not_applicable("there is no application container in it");
    }
    let findings = containers.filter(|c| !has_probe(c)).map(|container| {
        let message = format!(
            "container '{}' has no liveness probe: a program that hangs stays so until somebody notices; set livenessProbe",
            container.name
        );
        Finding::new(message).container(workload, container, "livenessProbe")
    });
    findings.collect::<Vec<_>>().into()
}

fn has_probe(container: &Container) -> bool {
    container.liveness_probe.as_ref().is_some_and(|probe| probe.handler.is_set())
}
