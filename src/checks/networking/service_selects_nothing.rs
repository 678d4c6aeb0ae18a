//! service-selects-nothing: a Service with nobody behind it.

use crate::api::{Category, Level, Severity};
use crate::checks::support::selection::nearest;
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Kind, Selector, Service};

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
    let considered = near_miss(cx, service, selector).map(|near| format!(" ({near})")).unwrap_or_default();
    let message = format!(
        "Service '{name}' selects no workload{considered}, so every connection to it fails; make spec.selector match the \
         labels of the pods, or delete the Service"
    );
    Some(Finding::new(message).object(Kind::Service, name).field("spec.selector"))
}

/// What the Service may have been meant for, and why that does not count.
fn near_miss(cx: &Context<'_>, service: &Service, selector: &Selector) -> Option<String> {
    let near = nearest(cx.workloads(), |w| (selector, w.pod_labels(), w.meta.name == service.meta.name));
    if let Some((workload, how)) = near {
        return Some(format!("{} '{}' {how}", workload.kind, workload.meta.name));
    }
    match cx.selected_elsewhere(selector, &service.meta.name).as_slice() {
        [] => None,
        [one] => Some(format!("it would in namespace '{one}'")),
        many => Some(format!("it would in namespaces {}", quoted_list(many.iter().take(3)))),
    }
}
