//! capabilities-not-dropped: a container that keeps powers of root which it does not use.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, Workload};

pub(super) static CHECK: Check = Check {
    id: "capabilities-not-dropped",
    title: "Every container drops all capabilities",
    category: Category::PodSecurity,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["RE-14", "ST-55", "RE-15", "PSS"],
    remediation: "Set capabilities.drop to [ALL] on every container, and add NET_BIND_SERVICE at most.",
    rule: &PerWorkload(judge),
    page: include_str!("capabilities_not_dropped.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    if spec.windows {
        return Verdict::not_applicable("Windows has no capabilities");
    }
    let findings = spec.containers.iter().flat_map(|c| [kept(workload, c), added(workload, c)]);
    findings.flatten().collect::<Vec<_>>().into()
}

fn kept(workload: &Workload, container: &Container) -> Option<Finding> {
    let dropped = container.security_context.capabilities.as_deref().map_or(&[][..], |c| &c.drop);
    if dropped.iter().any(|name| *name == "ALL") {
        return None;
    }
    let said = match dropped {
        [] => "drops none".to_owned(),
        some => format!("drops {} alone", quoted_list(some)),
    };
    let message = format!(
        "{} '{}' {said} of the runtime's default capabilities: as root it may change owners, bind any port and forge packets; set capabilities.drop to exactly 'ALL'",
        container.role.noun(),
        container.name
    );
    Some(Finding::new(message).container(workload, container, "securityContext.capabilities.drop"))
}

fn added(workload: &Workload, container: &Container) -> Option<Finding> {
    let capabilities = container.security_context.capabilities.as_deref()?;
    let mut added: Vec<_> = capabilities.add.iter().filter(|name| **name != "NET_BIND_SERVICE").collect();
    added.sort_unstable();
    added.dedup();
    let (noun, them) = if added.len() == 1 { ("capability", "it") } else { ("capabilities", "them") };
    let message = format!(
        "{} '{}' adds {noun} {}, and only 'NET_BIND_SERVICE' may be added: each of the others is a part of root's power; remove {them}",
        container.role.noun(),
        container.name,
        quoted_list(&added)
    );
    let finding = Finding::new(message).container(workload, container, "securityContext.capabilities.add");
    (!added.is_empty()).then_some(finding)
}
