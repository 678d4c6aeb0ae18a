//! autoscaler-target-missing: an autoscaler that points at nothing.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Autoscaler, Kind};

pub(super) static CHECK: Check = Check {
    id: "autoscaler-target-missing",
    title: "Every autoscaler points at something that it can scale",
    category: Category::Scaling,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-28", "PE"],
    remediation: "Correct the autoscaler's target reference, or delete the autoscaler.",
    rule: &PerNamespace(judge),
    page: include_str!("autoscaler_target_missing.md"),
};

/// What the target reference of an autoscaler leads to.
enum Reference {
    /// An object of this kind.
    To(Kind),
    /// A kind that this autoscaler cannot act on.
    Unfit(Kind),
    /// A kind that no API server has.
    NoSuchKind,
    /// A kind that may well be there, of which nothing is known here.
    Unwatched,
}

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let mut autoscalers = cx.autoscalers();
    // The HPA that a ScaledObject makes copies the target, and the fault with it.
    autoscalers.retain(|a| !a.is_made_by_scaled_object());
    if autoscalers.is_empty() {
        return Verdict::not_applicable(format!("namespace '{}' has no autoscaler", cx.namespace()));
    }
    let mut findings = Vec::new();
    let mut unknown = None;
    for autoscaler in autoscalers {
        match reference(autoscaler) {
            Reference::To(kind) if cx.exists(kind, &autoscaler.target.name) => {}
            Reference::To(kind) => findings.push(missing(cx, autoscaler, kind)),
            Reference::Unfit(kind) => findings.push(unfit(autoscaler, kind)),
            Reference::NoSuchKind => findings.push(no_such_kind(cx, autoscaler)),
            Reference::Unwatched => unknown = unknown.or(Some(autoscaler)),
        }
    }
    match unknown {
        Some(autoscaler) if findings.is_empty() => Verdict::unknown(format!(
            "{} targets {}, a kind that is not watched, so nobody here knows whether it exists",
            said(autoscaler),
            target(autoscaler)
        )),
        _ => findings.into(),
    }
}

fn reference(autoscaler: &Autoscaler) -> Reference {
    let target = &autoscaler.target;
    let vertical = autoscaler.kind == Kind::VerticalPodAutoscaler;
    match autoscaler.target_kind() {
        // The VPA sizes the pods of any controller.
        Some(kind) if kind.has_scale() || (vertical && kind.is_workload() && kind != Kind::Pod) => {
            Reference::To(kind)
        }
        Some(kind) => Reference::Unfit(kind),
        // Custom kinds need a group with a dot; of the built-in ones all that scale are known.
        None if !target.group.contains('.') => Reference::NoSuchKind,
        None => Reference::Unwatched,
    }
}

fn missing(cx: &Context<'_>, autoscaler: &Autoscaler, kind: Kind) -> Finding {
    let name = &autoscaler.target.name;
    let considered = near_miss(cx, autoscaler, kind).map(|near| format!(" ({near})")).unwrap_or_default();
    let message = format!(
        "{} targets {kind} '{name}', which is not in namespace '{}'{considered}, so it {}; correct {} or delete it",
        said(autoscaler),
        cx.namespace(),
        effect(autoscaler),
        field(autoscaler)
    );
    finding(autoscaler, message, "name")
}

fn unfit(autoscaler: &Autoscaler, kind: Kind) -> Finding {
    let message = format!(
        "{} targets {kind} '{}', a kind without a number of replicas, so it {}; target a Deployment or StatefulSet or \
         delete it",
        said(autoscaler),
        autoscaler.target.name,
        effect(autoscaler)
    );
    finding(autoscaler, message, "kind")
}

fn no_such_kind(cx: &Context<'_>, autoscaler: &Autoscaler) -> Finding {
    let target = &autoscaler.target;
    let here = cx.workloads().find(|w| w.kind.name() == target.kind.as_str() && w.meta.name == target.name);
    let considered =
        here.map(|w| format!(" ({} '{}' of {} exists)", w.kind, w.meta.name, w.kind.api_version()));
    let group = if target.group.is_empty() { "the core group" } else { target.group.as_str() };
    let message = format!(
        "{} targets kind '{}' of {group}, which no Kubernetes server has{}, so it {}; correct {} or delete it",
        said(autoscaler),
        target.kind,
        considered.unwrap_or_default(),
        effect(autoscaler),
        field(autoscaler)
    );
    finding(autoscaler, message, "apiVersion")
}

/// What somebody may have meant.
fn near_miss(cx: &Context<'_>, autoscaler: &Autoscaler, kind: Kind) -> Option<String> {
    let name = &autoscaler.target.name;
    let namesake = cx.workloads().find(|w| w.meta.name == *name && w.kind != kind);
    if let Some(w) = namesake {
        return Some(format!("{} '{name}' exists", w.kind));
    }
    match cx.elsewhere(kind, name).as_slice() {
        [] => None,
        [one] => Some(format!("one exists in namespace '{one}'")),
        many => Some(format!("some exist in namespaces {}", quoted_list(many.iter().take(3)))),
    }
}

fn finding(autoscaler: &Autoscaler, message: String, member: &str) -> Finding {
    let field = format!("{}.{member}", field(autoscaler));
    Finding::new(message).object(autoscaler.kind, &autoscaler.meta.name).field(field)
}

fn said(autoscaler: &Autoscaler) -> String {
    format!("{} '{}'", autoscaler.kind, autoscaler.meta.name)
}

fn target(autoscaler: &Autoscaler) -> String {
    format!("{} '{}' of {}", autoscaler.target.kind, autoscaler.target.name, autoscaler.target.group)
}

fn effect(autoscaler: &Autoscaler) -> &'static str {
    if autoscaler.kind == Kind::VerticalPodAutoscaler { "sizes nothing" } else { "scales nothing" }
}

fn field(autoscaler: &Autoscaler) -> &'static str {
    if autoscaler.kind == Kind::VerticalPodAutoscaler { "spec.targetRef" } else { "spec.scaleTargetRef" }
}
