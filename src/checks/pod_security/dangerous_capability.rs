//! dangerous-capability: a container with powers of root that no program needs by default.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerContainer, Sees};
use crate::model::{Container, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "dangerous-capability",
    title: "No container adds a dangerous capability",
    category: Category::PodSecurity,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Remove the capability, or move the work that needs it to a node agent of its own.",
    rule: &PerContainer { which: |_| true, judge },
    page: include_str!("dangerous_capability.md"),
};

/// What the baseline level of Pod Security allows: what Docker grants by default, but for NET_RAW.
const ALLOWED: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload, container: &Container) -> Option<Finding> {
    let capabilities = container.security_context.capabilities.as_deref()?;
    let mut added: Vec<&str> =
        capabilities.add.iter().map(Text::as_str).filter(|name| !ALLOWED.contains(name)).collect();
    added.sort_unstable();
    added.dedup();
    let first = added.first()?;
    let (noun, them) = if added.len() == 1 { ("capability", "it") } else { ("capabilities", "them") };
    let harmless = |name: &&str| ALLOWED.iter().any(|known| is_meant(known, name));
    let why = if added.iter().all(harmless) {
        let meant = ALLOWED.iter().find(|known| is_meant(known, first)).unwrap_or(first);
        format!(", which is no name of Kubernetes and which Pod Security refuses; write it as in '{meant}'")
    } else {
        format!(
            ", beyond what the baseline of Pod Security allows: a part of root's power over the node, and often all of it; remove {them}"
        )
    };
    let message =
        format!("{} '{}' adds {noun} {}{why}", container.role.noun(), container.name, quoted_list(&added));
    Some(Finding::new(message).container(workload, container, "securityContext.capabilities.add"))
}

/// Whether a name stands for a capability, though it is not Kubernetes' name for it: `CAP_CHOWN`, `chown`.
fn is_meant(capability: &str, name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper.strip_prefix("CAP_").unwrap_or(&upper) == capability
}
