//! unsafe-sysctl: a pod that sets kernel parameters which its neighbours feel.

use crate::api::{Category, Level, Severity};
use crate::data::is_safe_sysctl;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "unsafe-sysctl",
    title: "No pod sets an unsafe kernel parameter",
    category: Category::PodSecurity,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Remove the sysctl, or set it on the nodes.",
    rule: &PerWorkload(judge),
    page: include_str!("unsafe_sysctl.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let sysctls = workload.template.spec.security.sysctls.iter().enumerate();
    let unsafe_ones = sysctls.filter(|(_, sysctl)| !is_safe_sysctl(&sysctl.name)).map(|(index, sysctl)| {
        let name = &sysctl.name;
        let message = format!(
            "the pod sets sysctl '{name}', which is not among those that Pod Security takes for safe: the kubelet refuses the pod unless the node allows it, and its neighbours may feel it; remove it or set it on the node"
        );
        Finding::new(message).field(workload.pod_field(format_args!("securityContext.sysctls[{index}].name")))
    });
    unsafe_ones.collect::<Vec<_>>().into()
}
