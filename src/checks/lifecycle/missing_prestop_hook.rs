//! missing-prestop-hook: a pod that stops while requests are still sent to it.

use crate::api::{Category, Level, Severity};
use crate::checks::support::pause;
use crate::checks::support::serving::{Target, named, named_services, targets, unselected};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-prestop-hook",
    title: "Pods behind a Service wait for the last requests before they stop",
    category: Category::Lifecycle,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-03", "SE-20", "RE-20"],
    remediation: "Give the container a preStop hook that sleeps for a few seconds.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_prestop_hook.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable("its pods run to an end and are not stopped by a rollout");
    }
    let services = cx.services_of(workload);
    if services.is_empty() {
        return Verdict::not_applicable(unselected(cx, workload));
    }
    let targets = targets(&services, workload);
    if targets.is_empty() {
        let services = named_services(services);
        return Verdict::not_applicable(format!("{services} leads to none of its containers' ports"));
    }
    let (guessed, certain): (Vec<&Target>, Vec<&Target>) = targets.iter().partition(|target| target.guessed);
    let serving = |container: &Container| {
        let leads_here = |t: &&&Target| t.containers.iter().any(|c| std::ptr::eq(*c, container));
        certain.iter().filter(leads_here).map(|target| target.service).collect::<Vec<_>>()
    };
    let mut findings = Vec::new();
    for container in workload.running_containers() {
        let services = serving(container);
        if let Some(lack) = lack(container).filter(|_| !services.is_empty()) {
            let message =
                message(&named(&[container]), &format!("answers for {}", named_services(services)), lack);
            findings.push(Finding::new(message).container(workload, container, "lifecycle.preStop"));
        }
    }
    // Which of several containers listens is not to be seen, so that one hook clears them all.
    if let Some(target) = guessed.first().filter(|t| t.containers.iter().all(|c| lack(c).is_some())) {
        let services = named_services(guessed.iter().map(|t| t.service));
        let subject = format!("one of {}", named(&target.containers));
        let message =
            message(&subject, &format!("answers for {services}"), "none of them has a preStop hook");
        findings.push(Finding::new(message).field(workload.pod_field("containers")));
    }
    findings.into()
}

fn message(subject: &str, serves: &str, lack: &str) -> String {
    format!("{subject} {serves} and {lack}: requests that arrive while a pod stops fail; add a preStop sleep")
}

/// What is wrong with the hook, if anything.
fn lack(container: &Container) -> Option<&'static str> {
    let Some(hook) = container.lifecycle.pre_stop.as_ref().filter(|hook| hook.is_set()) else {
        return Some("has no preStop hook");
    };
    if hook.http_get.is_none() && hook.exec.is_none() && hook.sleep.is_none() {
        return Some("has a tcpSocket preStop hook, which Kubernetes does not run");
    }
    pause::is_idle(hook).then_some("has a preStop hook that sleeps for 0 seconds")
}
