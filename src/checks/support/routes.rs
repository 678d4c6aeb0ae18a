//! Ingresses and HTTPRoutes: their hosts, the listeners that they come in by, and what their annotations mean.
//!
//! Not its job: what is wrong with one.

use crate::data::annotations_meaning;
use crate::engine::{Context, Finding, Verdict};
use crate::model::{Found, Gateway, HttpRoute, Ingress, Kind, Listener, Meta, RouteParent, Text};

/// Whether an annotation of an object means something: `certificate`, `fallback`, `internal` (see `data`).
pub(crate) fn is_annotated(meta: &Meta, what: &str) -> bool {
    annotations_meaning(what).any(|row| match row.key.ends_with('.') {
        true => meta.annotations.below(row.key).any(|(_, value)| row.is_said_by(value)),
        false => meta.annotations.get(row.key).is_some_and(|value| row.is_said_by(value)),
    })
}

/// What is wrong with the Ingresses and HTTPRoutes of the namespace, each judged by itself.
pub(crate) fn each<'a>(
    cx: &Context<'a>,
    of_ingress: impl Fn(Found<'a, Ingress>) -> Option<Finding>,
    of_route: impl Fn(Found<'a, HttpRoute>) -> Option<Finding>,
) -> Verdict {
    let ingresses = cx.beside::<Ingress>(Kind::Ingress);
    let routes = cx.beside::<HttpRoute>(Kind::HttpRoute);
    if ingresses.is_empty() && routes.is_empty() {
        return Verdict::not_applicable(none(cx));
    }
    let ingresses = ingresses.into_iter().filter_map(of_ingress);
    ingresses.chain(routes.into_iter().filter_map(of_route)).collect::<Vec<_>>().into()
}

/// Why a namespace without routes is not judged.
pub(crate) fn none(cx: &Context<'_>) -> String {
    format!("namespace '{}' has no Ingress or HTTPRoute", cx.namespace())
}

/// What picks the controller of an Ingress: its class, or the annotation that came before; empty for the default.
pub(crate) fn class<'a>(ingress: &Found<'a, Ingress>) -> &'a str {
    let (written, meta) = (ingress.facts.ingress_class_name.as_str(), ingress.meta);
    let annotated = || meta.annotations.get("kubernetes.io/ingress.class").map_or("", |class| class.as_str());
    if written.is_empty() { annotated() } else { written }
}

/// The listeners of a Gateway that a route may come in by, and the Gateway.
pub(crate) struct Entrance<'a> {
    /// The Gateway.
    pub(crate) gateway: &'a Meta,
    /// Those of its listeners that the route names and whose host fits.
    pub(crate) listeners: Vec<&'a Listener>,
}

/// The entrances of a route; a Gateway that is not there has none.
pub(crate) fn entrances<'a>(cx: &Context<'a>, route: Found<'a, HttpRoute>) -> Vec<Entrance<'a>> {
    let parents = route.facts.parent_refs.iter().filter(|parent| parent.is_gateway());
    parents.filter_map(|parent| entrance(cx, route, parent)).collect()
}

fn entrance<'a>(cx: &Context<'a>, route: Found<'a, HttpRoute>, parent: &RouteParent) -> Option<Entrance<'a>> {
    let namespace = if parent.namespace.is_empty() { cx.namespace() } else { &parent.namespace };
    let gateway = cx.named_in::<Gateway>(Kind::Gateway, namespace, &parent.name)?;
    let named = |listener: &&Listener| {
        (parent.section_name.is_empty() || listener.name == parent.section_name)
            && parent.port.is_none_or(|port| listener.port == port)
    };
    let hosts = &route.facts.hostnames;
    let fits =
        |listener: &&Listener| hosts.is_empty() || hosts.iter().any(|host| meet(&listener.hostname, host));
    let listeners = gateway.facts.listeners.iter().filter(named).filter(fits).collect();
    Some(Entrance { gateway: gateway.meta, listeners })
}

/// Whether two host names of the Gateway API, each perhaps with a wildcard, have a name in common.
pub(crate) fn meet(one: &str, other: &str) -> bool {
    let under = |pattern: &str, host: &str| {
        let suffix = pattern.strip_prefix('*');
        suffix.is_some_and(|suffix| host.len() > suffix.len() && host.ends_with(suffix))
    };
    one.is_empty() || other.is_empty() || one == other || under(one, other) || under(other, one)
}

/// Whether a host of an Ingress is one that a host of its `tls` covers: a wildcard stands for one label.
pub(crate) fn covers(pattern: &str, host: &str) -> bool {
    let one_label = || {
        let (_, rest) = host.split_once('.')?;
        Some(pattern.strip_prefix("*.")? == rest)
    };
    pattern.eq_ignore_ascii_case(host) || one_label().unwrap_or(false)
}

/// A route's host in words: "'a.example.com'", "every host".
pub(crate) fn in_words(host: &Text) -> String {
    if host.is_empty() { "every host".to_owned() } else { format!("'{host}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_one_label_of_an_ingress_and_more_of_a_route() {
        assert!(covers("*.example.com", "shop.example.com") && covers("a.com", "A.com"));
        assert!(!covers("*.example.com", "a.shop.example.com") && !covers("*.example.com", "example.com"));
        assert!(meet("*.example.com", "a.shop.example.com") && meet("", "a") && meet("a.com", "*.com"));
        assert!(!meet("*.example.com", "example.com") && !meet("a.com", "b.com"));
    }

    #[test]
    fn every_annotation_that_means_something_is_kept() {
        // `get` asserts it.
        for what in ["certificate", "fallback", "internal"] {
            assert!(!is_annotated(&Meta::default(), what));
        }
    }
}
