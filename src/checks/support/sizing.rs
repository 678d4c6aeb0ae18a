//! Requests and limits that containers lack once every default was applied.

use super::words::quoted_list;
use crate::api::Severity;
use crate::engine::{Context, Finding};
use crate::model::{Container, Quantity, Resource, Role, Workload};

/// Which of the two amounts of a resource.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    /// What the scheduler reserves.
    Request,
    /// What the container may not exceed.
    Limit,
}

/// What is wrong when nothing sets the amount for a container. `why`: what that does in production.
pub(crate) fn missing(
    cx: &Context<'_>,
    workload: &Workload,
    container: &Container,
    (resource, bound): (Resource, Bound),
    why: &str,
) -> Option<Finding> {
    let whole = &workload.template.spec;
    let (pod, word) = match bound {
        // Amounts of the pod as a whole are shared by its containers.
        Bound::Request if whole.sizes(resource) => (whole.request(resource).map(|r| r.nanos), "request"),
        Bound::Request => (None, "request"),
        Bound::Limit => (whole.limit(resource).map(Quantity::nanos), "limit"),
    };
    if pod.is_some_and(|nanos| nanos != 0) {
        return None;
    }
    let given = match bound {
        Bound::Request => cx.request(container, resource),
        Bound::Limit => cx.limit(container, resource),
    };
    // A zero reserves nothing and limits nothing, so it counts as unset.
    if given.is_some_and(|given| !given.amount.is_zero()) {
        return None;
    }
    let field = format!("resources.{word}s.{}", resource.name());
    let noun = resource.noun();
    let subject = format!("{} '{}'", container.role.noun(), container.name);
    let article = if noun.starts_with('e') { "an" } else { "a" };
    let finding = Finding::new(match given {
        Some(zero) => format!(
            "{subject} has {article} {noun} {word} of {}, which is as good as none: {why}; set {field} above zero",
            zero.amount
        ),
        None => format!("{subject} has no {noun} {word} and {}: {why}; set {field}", limit_ranges(cx)),
    });
    let finding = finding.container(workload, container, &field);
    // It runs once and briefly, and the application's amounts usually cover it.
    Some(if container.role == Role::Init { finding.severity(Severity::Low) } else { finding })
}

/// Which LimitRanges were asked in vain.
fn limit_ranges(cx: &Context<'_>) -> String {
    let ranges = cx.limit_ranges();
    let names = quoted_list(ranges.iter().map(|range| &range.meta.name));
    match ranges.len() {
        0 => format!("no LimitRange of namespace '{}' gives one", cx.namespace()),
        1 => format!("LimitRange {names} gives none"),
        _ => format!("LimitRanges {names} give none"),
    }
}
