//! namespace-without-limit-range: a namespace where a container without resources has no bounds.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};

pub(super) static CHECK: Check = Check {
    id: "namespace-without-limit-range",
    title: "Every namespace has a LimitRange",
    category: Category::Namespaces,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-14"],
    remediation: "Create a LimitRange that gives containers default requests and limits.",
    rule: &PerNamespace(judge),
    page: include_str!("namespace_without_limit_range.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    if !cx.limit_ranges().is_empty() {
        return Verdict::Pass;
    }
    Verdict::fail(Finding::new(format!(
        "namespace '{}' has no LimitRange: a container without requests and limits gets none, and can starve its node; create one with defaults for containers",
        cx.namespace()
    )))
}
