//! missing-readiness-probe: pods that get requests before they can answer.

use crate::api::{Category, Level, Severity};
use crate::checks::support::serving::{named, named_services, targets, unselected};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-readiness-probe",
    title: "Pods get requests only while they can answer",
    category: Category::Health,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-08", "SE-19", "RE-09", "HA-08", "PE"],
    remediation: "Give the container that serves requests a readinessProbe.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_readiness_probe.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable("its pods run to an end, so nobody waits for them to be ready");
    }
    let services = cx.services_of(workload);
    let targets = targets(&services, workload);
    let serves = |container: &&Container| {
        targets.iter().any(|target| target.containers.iter().any(|c| std::ptr::eq(*c, *container)))
    };
    let mut asked: Vec<&Container> = workload.running_containers().filter(serves).collect();
    let mut because =
        format!("which {} sends requests to", named_services(targets.iter().map(|t| t.service)));
    if asked.is_empty() {
        asked = workload.running_containers().filter(|container| !container.ports.is_empty()).collect();
        let why = if services.is_empty() {
            unselected(cx, workload)
        } else {
            format!("{} leads to none of its ports", named_services(services))
        };
        if asked.is_empty() {
            return Verdict::not_applicable(format!("no container declares a port, and {why}"));
        }
        let declare = if asked.len() == 1 { "declares" } else { "declare" };
        because = format!("which {declare} ports though {why}");
    }
    if asked.iter().any(|container| has_probe(container)) {
        return Verdict::Pass;
    }
    let which = match asked.as_slice() {
        [_] => named(&asked),
        _ => format!("any of {}", named(&asked)),
    };
    let finding = Finding::new(format!(
        "no readiness probe on {which}, {because}: a pod counts as ready before it can answer, so requests fail; set readinessProbe"
    ));
    Verdict::fail(match asked.as_slice() {
        [only] => finding.container(workload, only, "readinessProbe"),
        _ => finding.field(workload.pod_field("containers")),
    })
}

fn has_probe(container: &Container) -> bool {
    container.readiness_probe.as_ref().is_some_and(|probe| probe.handler.is_set())
}
