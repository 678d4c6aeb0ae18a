//! non-root-not-enforced: a container that nothing but a number keeps from being root.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "non-root-not-enforced",
    title: "Every container must be another user than root",
    category: Category::PodSecurity,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["RE-12", "ST-55", "RE-15", "PSS"],
    remediation: "Set runAsNonRoot: true for the pod, and remove every runAsNonRoot: false.",
    rule: &PerWorkload(judge),
    page: include_str!("non_root_not_enforced.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    // Root of a user namespace is nobody on the node.
    if spec.host_users == Some(false) {
        return Verdict::Pass;
    }
    let pod = &spec.security;
    let refused = (pod.run_as_non_root == Some(false)).then(|| {
        let inherited = spec.containers.iter().any(|c| c.security_context.run_as_non_root.is_none());
        let effect = if inherited {
            "the kubelet starts its containers as root where they are told to"
        } else {
            "every container overrides it, yet Pod Security refuses the pod, and a container that is added later may be root"
        };
        Finding::new(format!("runAsNonRoot is false for the whole pod: {effect}; set it to true"))
            .field(workload.pod_field("securityContext.runAsNonRoot"))
    });
    let containers = spec.containers.iter().filter_map(|container| {
        let own = &container.security_context;
        // Where nobody but root is named, more is wrong than this: root-not-excluded.
        let user = own.run_as_user.or(pod.run_as_user).filter(|user| *user != 0)?;
        let said = match (own.run_as_non_root, pod.run_as_non_root) {
            (Some(true), _) | (None, Some(_)) => return None,
            (Some(false), _) => "its runAsNonRoot is false",
            (None, None) => "runAsNonRoot is not set",
        };
        let message = format!(
            "only runAsUser {user} keeps {} '{}' from being root ({said}): once somebody removes the number, its image decides; set runAsNonRoot: true",
            container.role.noun(),
            container.name
        );
        Some(Finding::new(message).container(workload, container, "securityContext.runAsNonRoot"))
    });
    refused.into_iter().chain(containers).collect::<Vec<_>>().into()
}
