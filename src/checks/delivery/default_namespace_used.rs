//! default-namespace-used: a workload in the namespace that nobody chose.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "default-namespace-used",
    title: "Workloads live in a namespace of their own",
    category: Category::Delivery,
    severity: Severity::Medium,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["SE-06", "RE-29", "HA-04", "PE"],
    remediation: "Move the workload into a namespace that belongs to its application or team.",
    rule: &PerWorkload(judge),
    page: include_str!("default_namespace_used.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let meta = &workload.meta;
    if meta.namespace != "default" {
        return Verdict::Pass;
    }
    let message = format!(
        "{} '{}' lives in namespace 'default', where rights, quotas and network policies of one team cannot be told from another's; move it to a namespace of its application or team",
        workload.kind, meta.name
    );
    Verdict::fail(Finding::new(message).field("metadata.namespace"))
}
