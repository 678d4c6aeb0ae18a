//! host-process: a container that is a process of its Windows node.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "host-process",
    title: "No container is a HostProcess container",
    category: Category::PodSecurity,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Remove windowsOptions.hostProcess.",
    rule: &PerWorkload(judge),
    page: include_str!("host_process.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    let why = "runs on the Windows node itself, with its files, its network and its accounts (windowsOptions.hostProcess is true); remove hostProcess";
    let pod = spec.security.windows_options.host_process.then(|| {
        Finding::new(format!("the pod {why}"))
            .field(workload.pod_field("securityContext.windowsOptions.hostProcess"))
    });
    // Every value that is set counts, as in Pod Security's admission, and one that is inherited is the pod's.
    let containers = spec.containers.iter().filter(|c| c.security_context.windows_options.host_process);
    let containers = containers.map(|c| {
        Finding::new(format!("{} '{}' {why}", c.role.noun(), c.name)).container(
            workload,
            c,
            "securityContext.windowsOptions.hostProcess",
        )
    });
    pod.into_iter().chain(containers).collect::<Vec<_>>().into()
}
