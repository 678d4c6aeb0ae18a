//! ingress-without-tls: hosts that are served in the clear.

use crate::api::{Category, Level, Severity};
use crate::checks::support::routes::{covers, each, entrances, in_words, is_annotated};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Found, HttpRoute, Ingress, Kind, Text};

pub(super) static CHECK: Check = Check {
    id: "ingress-without-tls",
    title: "Every host that comes in from outside is served with TLS",
    category: Category::Networking,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Add the host to spec.tls with a certificate, or attach the route to an HTTPS listener.",
    rule: &PerNamespace(judge),
    page: include_str!("ingress_without_tls.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    each(cx, of_ingress, |route| of_route(cx, route))
}

fn of_ingress(ingress: Found<'_, Ingress>) -> Option<Finding> {
    if is_annotated(ingress.meta, "certificate") {
        return None;
    }
    let tls = &ingress.facts.tls;
    let everything = tls.iter().any(|entry| entry.hosts.is_empty());
    let covered = |host: &Text| {
        let mut hosts = tls.iter().flat_map(|entry| &entry.hosts);
        // Who asks by no name gets one of the certificates; what names there are is for another check.
        everything || (host.is_empty() && !tls.is_empty()) || hosts.any(|pattern| covers(pattern, host))
    };
    let nobody = Text::default();
    let only_default = ingress.facts.rules.is_empty().then_some(&nobody);
    let mut hosts: Vec<&Text> =
        ingress.facts.rules.iter().map(|rule| &rule.host).chain(only_default).collect();
    hosts.retain(|host| !covered(host));
    let name = &ingress.meta.name;
    let considered: Vec<&Text> = tls.iter().flat_map(|entry| &entry.hosts).take(3).collect();
    let considered = if considered.is_empty() {
        String::new()
    } else {
        format!(" (its tls is for {})", quoted_list(considered))
    };
    let finding = Finding::new(format!(
        "Ingress '{name}' serves {} without TLS{considered}, so whatever users send can be read and changed on the way; \
         add the host to spec.tls, with a certificate",
        hosts_in_words(hosts)?
    ));
    Some(finding.object(Kind::Ingress, name).field("spec.tls"))
}

fn of_route(cx: &Context<'_>, route: Found<'_, HttpRoute>) -> Option<Finding> {
    // To send everybody on to HTTPS is what plain HTTP is still for.
    let redirects = |rule: &crate::model::RouteRule| {
        let mut redirects = rule.filters.iter().filter_map(|filter| filter.request_redirect.as_ref());
        redirects.any(|redirect| redirect.scheme == "https")
    };
    if !route.facts.rules.is_empty() && route.facts.rules.iter().all(redirects) {
        return None;
    }
    let entrances = entrances(cx, route);
    let mut listeners = entrances.iter().flat_map(|entrance| &entrance.listeners).peekable();
    listeners.peek()?;
    if listeners.any(|listener| listener.protocol == "HTTPS" || listener.protocol == "TLS") {
        return None;
    }
    let name = &route.meta.name;
    let gateways = quoted_list(entrances.iter().map(|entrance| &entrance.gateway.name));
    let nobody = Text::default();
    let hosts: Vec<&Text> = route.facts.hostnames.iter().collect();
    let finding = Finding::new(format!(
        "HTTPRoute '{name}' serves {} without TLS (of Gateway {gateways} it uses no HTTPS listener), so whatever users send \
         can be read and changed on the way; attach it to an HTTPS listener",
        hosts_in_words(if hosts.is_empty() { vec![&nobody] } else { hosts })?
    ));
    Some(finding.object(Kind::HttpRoute, name).field("spec.parentRefs"))
}

/// "'a' and 'b'", "'a' and 2 more hosts"; `None` without hosts.
fn hosts_in_words(mut hosts: Vec<&Text>) -> Option<String> {
    hosts.sort_unstable();
    hosts.dedup();
    let words: Vec<String> = hosts.into_iter().map(in_words).collect();
    match words.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [one, two] => Some(format!("{one} and {two}")),
        [one, rest @ ..] => Some(format!("{one} and {} more hosts", rest.len())),
    }
}
