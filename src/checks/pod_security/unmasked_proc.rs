//! unmasked-proc: a container that sees all of the node's /proc.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "unmasked-proc",
    title: "No container sees an unmasked /proc of its node",
    category: Category::PodSecurity,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Remove procMount, or set hostUsers: false.",
    rule: &PerWorkload(judge),
    page: include_str!("unmasked_proc.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    // In a user namespace its root may read and write there only what concerns itself.
    if spec.host_users == Some(false) {
        return Verdict::Pass;
    }
    let unmasked = spec.containers.iter().filter_map(|container| {
        let mount = container.security_context.proc_mount.as_ref().filter(|mount| **mount != "Default")?;
        let message = format!(
            "{} '{}' has procMount '{mount}' without a user namespace: it sees and changes kernel settings of the node that are hidden from containers; remove procMount or set hostUsers: false",
            container.role.noun(),
            container.name
        );
        Some(Finding::new(message).container(workload, container, "securityContext.procMount"))
    });
    unmasked.collect::<Vec<_>>().into()
}
