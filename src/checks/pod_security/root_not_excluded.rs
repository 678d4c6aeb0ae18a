//! root-not-excluded: a container that is root when its image says so.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerContainer, Sees};
use crate::model::{Container, Workload};

pub(super) static CHECK: Check = Check {
    id: "root-not-excluded",
    title: "No container can run as root because its image says so",
    category: Category::PodSecurity,
    severity: Severity::Critical,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["SE-25", "RE-12", "ST-55", "RE-15", "PSS"],
    remediation: "Set runAsNonRoot: true, for the pod or for each container.",
    rule: &PerContainer { which: |_| true, judge },
    page: include_str!("root_not_excluded.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload, container: &Container) -> Option<Finding> {
    let spec = &workload.template.spec;
    if spec.host_users == Some(false) {
        return None;
    }
    let own = &container.security_context;
    let non_root = own.run_as_non_root.or(spec.security.run_as_non_root);
    let user = own.run_as_user.or(spec.security.run_as_user);
    if non_root == Some(true) || user.is_some_and(|user| user != 0) {
        return None;
    }
    let said = match (own.run_as_non_root, non_root) {
        (Some(_), _) => "its runAsNonRoot is false",
        (None, Some(_)) => "the pod's runAsNonRoot is false",
        (None, None) => "runAsNonRoot is not set",
    };
    let (noun, name) = (container.role.noun(), &container.name);
    let message = if user == Some(0) {
        format!(
            "{noun} '{name}' runs as root: runAsUser is 0 and {said}, so that nothing keeps root away; set runAsNonRoot: true and a user above 0"
        )
    } else if spec.windows {
        format!(
            "{noun} '{name}' is not kept from running as ContainerAdministrator: {said}; set runAsNonRoot: true"
        )
    } else {
        format!(
            "{noun} '{name}' may run as root: {said} and runAsUser names nobody else, so that its image decides; set runAsNonRoot: true"
        )
    };
    Some(Finding::new(message).container(workload, container, "securityContext.runAsNonRoot"))
}
