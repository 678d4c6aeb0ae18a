//! proc-mount-set: a container that sees more of /proc than others, if only in a user namespace.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerContainer, Sees};
use crate::model::{Container, Workload};

pub(super) static CHECK: Check = Check {
    id: "proc-mount-set",
    title: "No container sees an unmasked /proc",
    category: Category::PodSecurity,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Remove procMount.",
    rule: &PerContainer { which: |_| true, judge },
    page: include_str!("proc_mount_set.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload, container: &Container) -> Option<Finding> {
    let mount = container.security_context.proc_mount.as_ref().filter(|mount| **mount != "Default")?;
    let message = format!(
        "{} '{}' has procMount '{mount}': parts of /proc that are hidden from containers are open to it, and only the kernel's user namespaces, if any, keep it from the node; remove procMount",
        container.role.noun(),
        container.name
    );
    Some(Finding::new(message).container(workload, container, "securityContext.procMount"))
}
