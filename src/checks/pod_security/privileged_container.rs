//! privileged-container: a container that is the node in all but name.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerContainer, Sees};
use crate::model::{Container, Workload};

pub(super) static CHECK: Check = Check {
    id: "privileged-container",
    title: "No container is privileged",
    category: Category::PodSecurity,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Remove privileged: true, and add the one capability or device that the program needs.",
    rule: &PerContainer { which: |_| true, judge },
    page: include_str!("privileged_container.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload, container: &Container) -> Option<Finding> {
    container.security_context.privileged.then(|| {
        Finding::new(format!(
            "{} '{}' is privileged: it has every capability and every device, so that whoever takes it over has the node; set privileged: false and add only what it needs",
            container.role.noun(),
            container.name
        ))
        .container(workload, container, "securityContext.privileged")
    })
}
