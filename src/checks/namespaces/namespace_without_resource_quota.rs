//! namespace-without-resource-quota: a namespace that may take the whole cluster.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};

pub(super) static CHECK: Check = Check {
    id: "namespace-without-resource-quota",
    title: "Every namespace has a ResourceQuota",
    category: Category::Namespaces,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["HA-07", "PE"],
    remediation: "Create a ResourceQuota that bounds what the namespace may ask for.",
    rule: &PerNamespace(judge),
    page: include_str!("namespace_without_resource_quota.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    if !cx.resource_quotas().is_empty() {
        return Verdict::Pass;
    }
    Verdict::fail(Finding::new(format!(
        "namespace '{}' has no ResourceQuota: one runaway workload in it can take what others need; create one",
        cx.namespace()
    )))
}
