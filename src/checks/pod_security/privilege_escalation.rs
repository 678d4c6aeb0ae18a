//! privilege-escalation: a program that may become more than it was started as.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, Workload};

pub(super) static CHECK: Check = Check {
    id: "privilege-escalation",
    title: "No container can gain privileges",
    category: Category::PodSecurity,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["SE-25", "RE-14", "ST-55", "RE-15", "PSS"],
    remediation: "Set allowPrivilegeEscalation: false on every container.",
    rule: &PerWorkload(judge),
    page: include_str!("privilege_escalation.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    if spec.windows {
        return Verdict::not_applicable("Windows has no allowPrivilegeEscalation");
    }
    spec.containers.iter().filter_map(|c| problem(workload, c)).collect::<Vec<_>>().into()
}

fn problem(workload: &Workload, container: &Container) -> Option<Finding> {
    let security = &container.security_context;
    let (said, fix) = match (security.allow_privilege_escalation, security.privileged) {
        (Some(false), _) => return None,
        // The API server refuses `false` on a privileged container.
        (_, true) => (
            "it is privileged, which always allows it",
            "drop privileged, then set allowPrivilegeEscalation: false",
        ),
        (Some(true), false) => ("allowPrivilegeEscalation is true", "set it to false"),
        (None, false) => ("allowPrivilegeEscalation is not set, which allows it", "set it to false"),
    };
    Some(
        Finding::new(format!(
            "{} '{}' can gain privileges: {said}, so that a setuid program in it makes anyone root; {fix}",
            container.role.noun(),
            container.name
        ))
        .container(workload, container, "securityContext.allowPrivilegeEscalation"),
    )
}
