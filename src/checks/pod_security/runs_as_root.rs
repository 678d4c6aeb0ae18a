//! runs-as-root: a manifest that asks for user 0.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "runs-as-root",
    title: "No container is told to run as root",
    category: Category::PodSecurity,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["SE-25", "RE-12", "ST-55", "RE-15", "PSS"],
    remediation: "Set runAsUser to a user above 0, or leave it out where the image names one.",
    rule: &PerWorkload(judge),
    page: include_str!("runs_as_root.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    if spec.host_users == Some(false) {
        return Verdict::Pass;
    }
    let pod = (spec.security.run_as_user == Some(0)).then(|| {
        let overridden = spec.containers.iter().all(|c| c.security_context.run_as_user.is_some());
        let effect = if overridden {
            "every container overrides it, yet Pod Security refuses the pod, and a container that is added later is root"
        } else {
            "the containers that name no user run as root, and whoever breaks out of one is root on the node"
        };
        Finding::new(format!("runAsUser is 0 for the whole pod: {effect}; set a user above 0"))
            .field(workload.pod_field("securityContext.runAsUser"))
    });
    // Every value that is set counts, as in Pod Security's admission, and one that is inherited is the pod's.
    let containers = spec.containers.iter().filter(|c| c.security_context.run_as_user == Some(0)).map(|c| {
        Finding::new(format!(
            "{} '{}' runs as root (runAsUser is 0): whoever breaks out of it is root on the node; set a user above 0",
            c.role.noun(),
            c.name
        ))
        .container(workload, c, "securityContext.runAsUser")
    });
    pod.into_iter().chain(containers).collect::<Vec<_>>().into()
}
