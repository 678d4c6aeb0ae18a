//! ingress-host-claimed-twice: two routes that both say that a path of a host is theirs.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{Category, Level, Severity};
use crate::checks::support::routes::{class, none};
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Found, HttpRoute, Ingress, Kind, Meta, RouteMatch, Text};

pub(super) static CHECK: Check = Check {
    id: "ingress-host-claimed-twice",
    title: "No two routes claim the same path of a host",
    category: Category::Networking,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Give one of the two another host or path, or delete the one that is left over.",
    rule: &PerNamespace(judge),
    page: include_str!("ingress_host_claimed_twice.md"),
};

/// What a route claims: the door, the host, the path.
type Claim = (String, Text, String);

/// Routes, with their claims.
type Claims<'a> = Vec<(Kind, &'a Meta, BTreeSet<Claim>)>;

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let own = claims(cx.beside::<Ingress>(Kind::Ingress), cx.beside::<HttpRoute>(Kind::HttpRoute));
    if own.is_empty() {
        return Verdict::not_applicable(none(cx));
    }
    let mut claimants: BTreeMap<&Claim, Vec<(Kind, &Meta)>> = BTreeMap::new();
    for (kind, meta, claims) in &own {
        for claim in claims {
            claimants.entry(claim).or_default().push((*kind, *meta));
        }
    }
    let mut findings: BTreeMap<(Kind, &Text, &Text, &Text), Finding> = BTreeMap::new();
    let everybody =
        claims(cx.everywhere::<Ingress>(Kind::Ingress), cx.everywhere::<HttpRoute>(Kind::HttpRoute));
    for (kind, other, theirs) in &everybody {
        for claim in theirs {
            for (_, own) in claimants.get(claim).into_iter().flatten().filter(|(of, _)| of == kind) {
                // Within a namespace one finding for the two is enough.
                let elsewhere = other.namespace != own.namespace;
                if elsewhere || other.name < own.name {
                    let key = (*kind, &own.name, &other.namespace, &other.name);
                    findings.entry(key).or_insert_with(|| twice(*kind, own, other, claim));
                }
            }
        }
    }
    findings.into_values().collect::<Vec<_>>().into()
}

fn twice(kind: Kind, own: &Meta, other: &Meta, (_, host, path): &Claim) -> Finding {
    let name = &own.name;
    let host = if host.is_empty() { "every host" } else { host.as_str() };
    let place = match other.namespace == own.namespace {
        true => String::new(),
        false => format!(" of namespace '{}'", other.namespace),
    };
    let finding = Finding::new(format!(
        "{kind} '{name}' claims path '{path}' of '{host}', which {kind} '{}'{place} claims at the same door: one of them gets \
         all requests and the other none, by age or by chance; give one another host or path, or delete it",
        other.name
    ));
    finding.object(kind, name).field(if kind == Kind::Ingress { "spec.rules" } else { "spec.hostnames" })
}

fn claims<'a>(ingresses: Vec<Found<'a, Ingress>>, routes: Vec<Found<'a, HttpRoute>>) -> Claims<'a> {
    let ingresses = ingresses.into_iter().map(|ingress| (Kind::Ingress, ingress.meta, of_ingress(&ingress)));
    let routes = routes.into_iter().map(|route| (Kind::HttpRoute, route.meta, of_route(&route)));
    ingresses.chain(routes).collect()
}

fn of_ingress(ingress: &Found<'_, Ingress>) -> BTreeSet<Claim> {
    let note = |key| ingress.meta.annotations.get(key).map_or("", |value| value.as_str());
    // A canary shares the host of the other on purpose.
    if note("nginx.ingress.kubernetes.io/canary") == "true" {
        return BTreeSet::new();
    }
    let ports = note("traefik.ingress.kubernetes.io/router.entrypoints");
    let group = note("alb.ingress.kubernetes.io/group.name");
    let door = format!("{}|{ports}|{group}", class(ingress));
    let rules = ingress.facts.rules.iter();
    let paths = rules.flat_map(|rule| rule.http.paths.iter().map(move |path| (rule.host.clone(), path)));
    let claim = |(host, path): (Text, &crate::model::IngressPath)| {
        let written = match path.path_type.as_str() {
            "Exact" => path.path.as_str(),
            _ => path.path.trim_end_matches('/'),
        };
        let kind = match path.path_type.as_str() {
            "Prefix" => "",
            "Exact" => " exactly",
            _ => " as the controller reads it",
        };
        let path = if written.is_empty() { "/" } else { written };
        (door.clone(), host, format!("{path}{kind}"))
    };
    paths.map(claim).collect()
}

fn of_route(route: &Found<'_, HttpRoute>) -> BTreeSet<Claim> {
    let mut claims = BTreeSet::new();
    let every = [Text::default()];
    let all = [RouteMatch::default()];
    let hosts = if route.facts.hostnames.is_empty() { &every } else { route.facts.hostnames.as_slice() };
    for parent in route.facts.parent_refs.iter().filter(|parent| parent.is_gateway()) {
        let namespace = if parent.namespace.is_empty() { &route.meta.namespace } else { &parent.namespace };
        let port = parent.port.unwrap_or_default();
        let door = format!("{namespace}/{}|{}|{port}", parent.name, parent.section_name);
        for rule in &route.facts.rules {
            let matches = if rule.matches.is_empty() { all.as_slice() } else { rule.matches.as_slice() };
            for (host, RouteMatch(path)) in
                hosts.iter().flat_map(|host| matches.iter().map(move |m| (host, m)))
            {
                claims.insert((door.clone(), host.clone(), path.to_string()));
            }
        }
    }
    claims
}
