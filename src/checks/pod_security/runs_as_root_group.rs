//! runs-as-root-group: a container in the group that owns what root owns.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "runs-as-root-group",
    title: "No container is in root's group",
    category: Category::PodSecurity,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PE"],
    remediation: "Set runAsGroup, fsGroup and supplementalGroups to groups above 0.",
    rule: &PerWorkload(judge),
    page: include_str!("runs_as_root_group.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    // Group 0 of a user namespace is nobody's on the node.
    if spec.host_users == Some(false) {
        return Verdict::Pass;
    }
    let pod = &spec.security;
    let groups = pod.supplemental_groups.iter().enumerate();
    let groups = groups.map(|(index, group)| (format!("supplementalGroups[{index}]"), Some(*group)));
    let set = [("runAsGroup".to_owned(), pod.run_as_group), ("fsGroup".to_owned(), pod.fs_group)];
    let of_pod = set.into_iter().chain(groups).filter(|(_, group)| *group == Some(0)).map(|(field, _)| {
        Finding::new(format!("the pod {}", problem(&field)))
            .field(workload.pod_field(format_args!("securityContext.{field}")))
    });
    let containers = spec.containers.iter().filter(|c| c.security_context.run_as_group == Some(0)).map(|c| {
        Finding::new(format!("{} '{}' {}", c.role.noun(), c.name, problem("runAsGroup"))).container(
            workload,
            c,
            "securityContext.runAsGroup",
        )
    });
    of_pod.chain(containers).collect::<Vec<_>>().into()
}

fn problem(field: &str) -> String {
    format!(
        "is in root's group ({field} is 0): what root's group may read and write, in its image and on mounted volumes, is open to it; set a group above 0"
    )
}
