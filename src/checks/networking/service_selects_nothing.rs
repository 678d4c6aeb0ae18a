//! service-selects-nothing: a Service with nobody behind it.

use crate::api::{Category, Level, Severity};
use crate::checks::support::selection::near_miss;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Kind, Service};

pub(super) static CHECK: Check = Check {
    id: "service-selects-nothing",
    title: "Every Service with a selector selects a workload",
    category: Category::Networking,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-18", "ST-30", "PE"],
    remediation: "Correct the Service's selector so that it matches the labels of the pods, or delete the Service.",
    rule: &PerNamespace(judge),
    page: include_str!("service_selects_nothing.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let services = cx.services();
    let with_selector = |service: &&'_ Service| !service.external_name && service.selector.is_some();
    let mut selecting = services.into_iter().filter(with_selector).peekable();
    if selecting.peek().is_none() {
        let why = format!("namespace '{}' has no Service with a selector", cx.namespace());
        return Verdict::not_applicable(why);
    }
    selecting.filter_map(|service| dangling(cx, service)).collect::<Vec<_>>().into()
}

fn dangling(cx: &Context<'_>, service: &Service) -> Option<Finding> {
    let selector = service.selector.as_ref()?;
    // Pods first: they settle it without a look at every kind of workload.
    if cx.selects_any_pod(selector) || !cx.selected(selector).is_empty() {
        return None;
    }
    let name = &service.meta.name;
    let considered = near_miss(cx, selector, name).map(|near| format!(" ({near})")).unwrap_or_default();
    let message = format!(
        "Service '{name}' selects no workload{considered}, so every connection to it fails; make spec.selector match the \
         labels of the pods, or delete the Service"
    );
    Some(Finding::new(message).object(Kind::Service, name).field("spec.selector"))
}
