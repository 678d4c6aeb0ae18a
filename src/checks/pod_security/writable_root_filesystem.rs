//! writable-root-filesystem: a container whose programs can be changed while it runs.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Role, Workload};

pub(super) static CHECK: Check = Check {
    id: "writable-root-filesystem",
    title: "Every container's root filesystem is read-only",
    category: Category::PodSecurity,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["RE-13", "ST-55", "RE-15", "PE"],
    remediation: "Set readOnlyRootFilesystem: true, and mount an emptyDir where the program writes.",
    rule: &PerWorkload(judge),
    page: include_str!("writable_root_filesystem.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    if spec.windows {
        return Verdict::not_applicable("Windows has no read-only root filesystem");
    }
    // Debugging needs to write, and an ephemeral container cannot be changed once it is there.
    let lasting = spec.containers.iter().filter(|c| c.role != Role::Ephemeral);
    let writable = lasting.filter(|c| !c.security_context.read_only_root_filesystem).map(|container| {
        Finding::new(format!(
            "{} '{}' can write to its root filesystem: an intruder can plant programs there; set readOnlyRootFilesystem: true and mount an emptyDir where it writes",
            container.role.noun(),
            container.name
        ))
        .container(workload, container, "securityContext.readOnlyRootFilesystem")
    });
    writable.collect::<Vec<_>>().into()
}
