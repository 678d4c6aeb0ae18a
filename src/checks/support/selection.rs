//! Selectors that nearly select, and names of what they select.

use std::sync::Arc;

use super::words::quoted_list;
use crate::engine::Context;
use crate::model::{Labels, Operator, Selector, Text, Workload};

/// How many names a message has room for.
const NAMED: usize = 3;

/// Of several candidates the one whose selector comes closest to its labels, and in which words.
///
/// A candidate is close when the selector is met in part, or, `by_name`, when it has the name that was looked for.
pub(crate) fn nearest<'a, T>(
    candidates: impl IntoIterator<Item = T>,
    parts: impl Fn(&T) -> (&'a Selector, &'a Labels, bool),
) -> Option<(T, String)> {
    let near = candidates.into_iter().filter_map(|candidate| {
        let (selector, labels, by_name) = parts(&candidate);
        let missing = selector.missing_keys(labels);
        let in_part = missing.len() < selector.len();
        let close = !missing.is_empty() && (in_part || by_name);
        close.then(|| (missing.len(), !by_name, in_part, words(&missing, in_part), candidate))
    });
    let best = near.min_by_key(|(missing, other_name, in_part, _, _)| (!*in_part, *missing, *other_name));
    best.map(|(_, _, _, words, candidate)| (candidate, words))
}

fn words(missing: &[&Text], in_part: bool) -> String {
    let label = if missing.len() == 1 { "label" } else { "labels" };
    let verb = if in_part { "matches except" } else { "differs in" };
    format!("{verb} {label} {}", quoted_list(missing))
}

/// What an object of this name, whose selector selects nothing, may have been meant for, and why that does not count.
pub(crate) fn near_miss(cx: &Context<'_>, selector: &Selector, name: &Text) -> Option<String> {
    let near = nearest(cx.workloads(), |w| (selector, w.pod_labels(), w.meta.name == *name));
    if let Some((workload, how)) = near {
        return Some(format!("{} '{}' {how}", workload.kind, workload.meta.name));
    }
    match cx.selected_elsewhere(selector, name).as_slice() {
        [] => None,
        [one] => Some(format!("it would in namespace '{one}'")),
        many => Some(format!("it would in namespaces {}", quoted_list(many.iter().take(3)))),
    }
}

/// Whether no pod can be selected by both: they want different values of a label, as for the pods of one StatefulSet,
/// whose template does not show the labels that tell them apart.
pub(crate) fn exclude_each_other(a: &Selector, b: &Selector) -> bool {
    let wanted = [a, b].into_iter().flat_map(|s| {
        let pairs = s.match_labels.iter().map(|(key, value)| (key, std::slice::from_ref(value)));
        let listed = s.match_expressions.iter().filter(|r| r.operator == Operator::In);
        pairs.chain(listed.map(|r| (&r.key, r.values.as_slice())))
    });
    wanted.into_iter().any(|(key, values)| !values.iter().any(|v| a.allows(key, v) && b.allows(key, v)))
}

/// "Deployment 'api', CronJob 'report' and 2 more".
pub(crate) fn names(workloads: &[&Arc<Workload>]) -> String {
    let named = workloads.iter().take(NAMED).map(|w| format!("{} '{}'", w.kind, w.meta.name));
    let mut names: Vec<String> = named.collect();
    let rest = workloads.len().saturating_sub(NAMED);
    if rest > 0 {
        names.push(format!("{rest} more"));
    }
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(k, v)| (Text::new(k), Text::new(v))).collect()
    }

    fn say(selector: &[(&str, &str)], candidates: &[(&str, &[(&str, &str)])]) -> Option<String> {
        let selector = Selector::of_labels(labels(selector));
        let candidates: Vec<_> = candidates.iter().map(|(n, pairs)| (*n, labels(pairs))).collect();
        let found = nearest(&candidates, |(name, labels)| (&selector, labels, *name == "api"));
        found.map(|((name, _), words)| format!("{name} {words}"))
    }

    #[test]
    fn the_nearest_has_the_fewest_misses_and_then_the_name() {
        let wanted: &[(&str, &str)] = &[("app", "a"), ("tier", "web"), ("x", "1")];
        let one: &[(&str, &str)] = &[("app", "a"), ("tier", "web")];
        let two: &[(&str, &str)] = &[("app", "a")];
        assert_eq!(say(wanted, &[("b", two), ("c", one)]).unwrap(), "c matches except label 'x'");
        assert_eq!(
            say(wanted, &[("b", two), ("api", two)]).unwrap(),
            "api matches except labels 'tier' and 'x'"
        );
    }

    #[test]
    fn what_has_nothing_in_common_is_near_by_name_only() {
        let other: &[(&str, &str)] = &[("app", "b")];
        assert_eq!(say(&[("app", "a")], &[("b", other)]), None);
        assert_eq!(say(&[("app", "a")], &[("api", other)]).unwrap(), "api differs in label 'app'");
    }
}
