//! seccomp-unset: a container that may use every system call of the kernel.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Profile, Workload};

pub(super) static CHECK: Check = Check {
    id: "seccomp-unset",
    title: "Every container has a seccomp profile",
    category: Category::PodSecurity,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["RE-14", "ST-55", "RE-15", "PSS"],
    remediation: "Set seccompProfile.type: RuntimeDefault in the pod's securityContext.",
    rule: &PerWorkload(judge),
    page: include_str!("seccomp_unset.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    if spec.windows {
        return Verdict::not_applicable("Windows has no seccomp");
    }
    let fix = "set seccompProfile.type to RuntimeDefault";
    let pod = spec.security.seccomp_profile.as_ref();
    let bad_pod = pod.filter(|profile| !is_good(profile)).map(|profile| {
        // A bad value of the pod counts although all containers override it, as in Pod Security's admission.
        let message = format!(
            "the pod's seccompProfile is '{}': every system call is open to containers that set none of their own; {fix}",
            profile.kind
        );
        Finding::new(message).field(workload.pod_field("securityContext.seccompProfile.type"))
    });
    let containers = spec.containers.iter().filter_map(|container| {
        let said = match container.security_context.seccomp_profile.as_ref() {
            Some(own) if is_good(own) => return None,
            Some(own) => format!("has seccompProfile '{}'", own.kind),
            // What it inherits is the pod's, good or bad.
            None if pod.is_some() => return None,
            None => "has no seccompProfile, and its pod has none".to_owned(),
        };
        let message = format!(
            "{} '{}' {said}: every system call of the node's kernel is open to it, flaws included; {fix}",
            container.role.noun(),
            container.name
        );
        Some(Finding::new(message).container(workload, container, "securityContext.seccompProfile.type"))
    });
    bad_pod.into_iter().chain(containers).collect::<Vec<_>>().into()
}

fn is_good(profile: &Profile) -> bool {
    profile.kind == "RuntimeDefault" || profile.kind == "Localhost"
}
