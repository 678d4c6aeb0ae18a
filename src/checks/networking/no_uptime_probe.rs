//! no-uptime-probe: a host that nobody looks at from outside.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Found, HttpRoute, Ingress, Kind, Meta, Text, UptimeProbe};

pub(super) static CHECK: Check = Check {
    id: "no-uptime-probe",
    title: "A probe watches every host from outside",
    category: Category::Networking,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["SE-31"],
    remediation: "Add the host to the targets of a Probe of the Prometheus operator, and alert when it fails.",
    rule: &PerNamespace(judge),
    page: include_str!("no_uptime_probe.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let ingresses = cx.beside::<Ingress>(Kind::Ingress);
    let routes = cx.beside::<HttpRoute>(Kind::HttpRoute);
    let of_ingresses = ingresses.iter().flat_map(|ingress| {
        let hosts = ingress.facts.rules.iter().map(|rule| &rule.host);
        hosts.map(move |host| (Kind::Ingress, ingress.meta, host))
    });
    let of_routes = routes
        .iter()
        .flat_map(|route| route.facts.hostnames.iter().map(move |host| (Kind::HttpRoute, route.meta, host)));
    let hosts = of_ingresses.chain(of_routes).filter(|(_, _, host)| !host.is_empty());
    let mut hosts: Vec<(Kind, &Meta, &Text)> = hosts.collect();
    if hosts.is_empty() {
        let why = format!("namespace '{}' has no Ingress or HTTPRoute with a host", cx.namespace());
        return Verdict::not_applicable(why);
    }
    if !cx.serves(Kind::UptimeProbe) {
        return Verdict::not_applicable("Probes of the Prometheus operator are not in use here");
    }
    let probes = cx.reaching::<UptimeProbe>(Kind::UptimeProbe);
    hosts.retain(|(kind, meta, host)| !probes.iter().any(|probe| watches(probe, *kind, meta, host)));
    // A host of several routes is told once.
    let mut told: Vec<&Text> = Vec::new();
    hosts.retain(|(_, _, host)| {
        let new = !told.contains(host);
        told.push(host);
        new
    });
    let findings = hosts.into_iter().map(|(kind, meta, host)| {
        let name = &meta.name;
        let finding = Finding::new(format!(
            "no Probe watches host '{host}' of {kind} '{name}' ({}), so an outage of DNS, certificate or load balancer is \
             first seen by users; add the host to the targets of a Probe",
            match probes.len() {
                0 => "there is none".to_owned(),
                1 => "there is 1 Probe for others".to_owned(),
                n => format!("there are {n} Probes for others"),
            }
        ));
        finding.object(kind, name)
    });
    findings.collect::<Vec<_>>().into()
}

fn watches(probe: &Found<'_, UptimeProbe>, kind: Kind, meta: &Meta, host: &Text) -> bool {
    let targets = &probe.facts.targets;
    if targets.static_config.urls.iter().any(|url| is_at(host_of(url), host)) {
        return true;
    }
    targets.ingress.as_ref().filter(|_| kind == Kind::Ingress).is_some_and(|ingresses| {
        let namespaces = &ingresses.namespace_selector;
        let own = namespaces.match_names.is_empty() && probe.meta.namespace == meta.namespace;
        let inside = namespaces.any || own || namespaces.match_names.contains(&meta.namespace);
        inside && ingresses.selector.matches(&meta.labels)
    })
}

/// The host of an address, be it a URL or not.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next().unwrap_or_default()
}

/// Whether a watched host is the one, or one that a wildcard stands for.
fn is_at(watched: &str, host: &str) -> bool {
    match host.strip_prefix('*') {
        Some(suffix) => watched.len() > suffix.len() && watched.ends_with(suffix),
        None => watched.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hosts_of_addresses() {
        for url in ["https://a.com/x", "a.com", "a.com:443", "http://u:p@a.com?x=1", "tcp://a.com:1#y"] {
            assert_eq!(host_of(url), "a.com", "{url}");
        }
        assert!(is_at("b.a.com", "*.a.com") && is_at("A.com", "a.com") && !is_at("a.com", "*.a.com"));
    }
}
