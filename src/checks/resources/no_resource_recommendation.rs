//! no-resource-recommendation: a workload that nobody measures.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "no-resource-recommendation",
    title: "Every workload has a VerticalPodAutoscaler that recommends its requests",
    category: Category::Resources,
    severity: Severity::Info,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["RE-05", "HA-17"],
    remediation: "Create a VerticalPodAutoscaler with updateMode: Off that targets the workload.",
    rule: &PerWorkload(judge),
    page: include_str!("no_resource_recommendation.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if workload.kind == Kind::Pod {
        return Verdict::not_applicable("a VerticalPodAutoscaler measures no pod without a controller");
    }
    // Offline the namespace shows whether people here use it; what others do is no business of this one.
    let used = || cx.autoscalers().iter().any(|a| a.kind == Kind::VerticalPodAutoscaler);
    if !cx.serves(Kind::VerticalPodAutoscaler) && !used() {
        return Verdict::not_applicable("the API of VerticalPodAutoscalers is not used here");
    }
    if !cx.vertical_autoscalers_of(workload).is_empty() {
        return Verdict::Pass;
    }
    let considered = near_miss(cx, workload).map(|near| format!(" ({near})")).unwrap_or_default();
    Verdict::fail(Finding::new(format!(
        "no VerticalPodAutoscaler targets it{considered}, so its requests are guesses that nobody measures; create one with \
         updateMode: Off"
    )))
}

/// A VerticalPodAutoscaler that somebody may have meant for the workload, and why it does not count.
fn near_miss(cx: &Context<'_>, workload: &Workload) -> Option<String> {
    let name = &workload.meta.name;
    let mut naming = cx.autoscalers_naming(name).into_iter();
    if let Some(other) = naming.find(|a| a.kind == Kind::VerticalPodAutoscaler) {
        return Some(format!("{} names {} '{name}' instead", other.describe(), other.target.kind));
    }
    match cx.elsewhere(Kind::VerticalPodAutoscaler, name).as_slice() {
        [] => None,
        [one] => Some(format!("one of its name is in namespace '{one}'")),
        many => Some(format!("some of its name are in namespaces {}", quoted_list(many.iter().take(3)))),
    }
}
