//! ingress-backend-missing: a route to a Service, or to a port of one, that is not there.

use std::collections::BTreeSet;

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{
    Found, HttpRoute, Ingress, IngressBackend, Kind, ReferenceGrant, RouteBackend, Service, Text,
};

pub(super) static CHECK: Check = Check {
    id: "ingress-backend-missing",
    title: "Every Ingress and HTTPRoute leads to a Service that exists",
    category: Category::Networking,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-29", "PE"],
    remediation: "Make the backend name a Service of the namespace and one of its ports.",
    rule: &PerNamespace(judge),
    page: include_str!("ingress_backend_missing.md"),
};

/// What was found so far.
#[derive(Default)]
struct Tally {
    findings: Vec<Finding>,
    unknown: Option<String>,
    asked: bool,
}

/// The route that is looked at.
struct Route<'a> {
    kind: Kind,
    name: &'a Text,
}

/// The Service that a route names.
struct Named<'a> {
    namespace: &'a Text,
    service: &'a Text,
    port: Port<'a>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Port<'a> {
    Name(&'a Text),
    Number(i64),
    Any,
}

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let mut found = Tally::default();
    for ingress in cx.beside::<Ingress>(Kind::Ingress) {
        of_ingress(cx, ingress, &mut found);
    }
    for route in cx.beside::<HttpRoute>(Kind::HttpRoute) {
        of_route(cx, route, &mut found);
    }
    match found.unknown {
        Some(why) if found.findings.is_empty() => Verdict::unknown(why),
        None if !found.asked => Verdict::not_applicable(format!(
            "namespace '{}' has no Ingress or HTTPRoute that leads to a Service",
            cx.namespace()
        )),
        _ => found.findings.into(),
    }
}

fn of_ingress(cx: &Context<'_>, ingress: Found<'_, Ingress>, found: &mut Tally) {
    let route = Route { kind: Kind::Ingress, name: &ingress.meta.name };
    let default =
        ingress.facts.default_backend.iter().map(|backend| ("spec.defaultBackend".to_owned(), backend));
    let paths = ingress.facts.rules.iter().enumerate().flat_map(|(rule, of_rule)| {
        let paths = of_rule.http.paths.iter().enumerate();
        paths.map(move |(path, of_path)| {
            (format!("spec.rules[{rule}].http.paths[{path}].backend"), &of_path.backend)
        })
    });
    let mut seen = BTreeSet::new();
    for (field, backend) in default.chain(paths) {
        let Some((service, port)) = service_of(backend) else { continue };
        found.asked = true;
        if !seen.insert((service, port)) {
            continue;
        }
        let named = Named { namespace: cx.namespace(), service, port };
        let finding = missing(cx, &route, &named);
        found.findings.extend(finding.map(|f| f.object(route.kind, route.name).field(field)));
    }
}

/// The Service of a backend; `None` for resources of other kinds, and where an annotation of the AWS controller says
/// what to do in place of a Service.
fn service_of(backend: &IngressBackend) -> Option<(&Text, Port<'_>)> {
    let service = backend.service.as_ref()?;
    let port = match (&service.port.name, service.port.number) {
        (_, Some(number)) => Port::Number(number),
        (name, None) if *name == "use-annotation" => return None,
        (name, None) if name.is_empty() => Port::Any,
        (name, None) => Port::Name(name),
    };
    Some((&service.name, port))
}

fn of_route(cx: &Context<'_>, route: Found<'_, HttpRoute>, found: &mut Tally) {
    let of = Route { kind: Kind::HttpRoute, name: &route.meta.name };
    let mut seen = BTreeSet::new();
    let rules = route.facts.rules.iter().enumerate();
    let backends = rules.flat_map(|(rule, of_rule)| {
        let backends = of_rule.backend_refs.iter().enumerate();
        backends.map(move |(index, backend)| (format!("spec.rules[{rule}].backendRefs[{index}]"), backend))
    });
    for (field, backend) in backends {
        // Nothing is sent to what has no weight.
        if backend.weight == Some(0) || !seen.insert((&backend.namespace, &backend.name, backend.port)) {
            continue;
        }
        if !(backend.group.is_empty() && backend.kind == "Service") {
            let (name, kind) = (of.name, &backend.kind);
            let why = format!(
                "HTTPRoute '{name}' leads to {kind} '{}', a kind that is not looked at",
                backend.name
            );
            found.unknown.get_or_insert(why);
            continue;
        }
        found.asked = true;
        match of_backend(cx, &of, backend) {
            Ok(finding) => {
                found.findings.extend(finding.map(|f| f.object(of.kind, of.name).field(field)));
            }
            Err(why) => {
                found.unknown.get_or_insert(why);
            }
        }
    }
}

fn of_backend(
    cx: &Context<'_>,
    route: &Route<'_>,
    backend: &RouteBackend,
) -> Result<Option<Finding>, String> {
    let own = cx.namespace();
    let namespace = if backend.namespace.is_empty() { own } else { &backend.namespace };
    let port = backend.port.map_or(Port::Any, Port::Number);
    let named = Named { namespace, service: &backend.name, port };
    if namespace == own {
        return Ok(missing(cx, route, &named));
    }
    if !cx.sees_namespace(namespace) {
        return Err(format!(
            "HTTPRoute '{}' leads to Service '{}' of namespace '{namespace}', of which nothing is in the input",
            route.name, backend.name
        ));
    }
    if let Some(finding) = missing(cx, route, &named) {
        return Ok(Some(finding));
    }
    let grants = cx.reaching::<ReferenceGrant>(Kind::ReferenceGrant);
    let mut there = grants.into_iter().filter(|grant| grant.meta.namespace == *namespace);
    let granted = there.any(|grant| grant.lets_route(own, &backend.name));
    Ok((!granted).then(|| {
        Finding::new(format!(
            "HTTPRoute '{}' leads to Service '{}' of namespace '{namespace}', where no ReferenceGrant lets HTTPRoutes of \
             namespace '{own}' do so, so every request gets an error; create one there",
            route.name, backend.name
        ))
    }))
}

/// What is wrong with the Service that a route names.
fn missing(cx: &Context<'_>, route: &Route<'_>, named: &Named<'_>) -> Option<Finding> {
    let (kind, name, service) = (route.kind, route.name, named.service);
    let place = if named.namespace == cx.namespace() {
        String::new()
    } else {
        format!(" of namespace '{}'", named.namespace)
    };
    let Some(object) = cx.service_in(named.namespace, service) else {
        let others = cx.elsewhere(Kind::Service, service);
        let near = match others.iter().find(|other| **other != named.namespace) {
            Some(other) => format!(" (it does in namespace '{other}')"),
            None => String::new(),
        };
        return Some(Finding::new(format!(
            "{kind} '{name}' leads to Service '{service}'{place}, which does not exist{near}, so every request gets an \
             error; correct the name, or create the Service"
        )));
    };
    let has = |port: &crate::model::ServicePort| match named.port {
        Port::Name(name) => port.name == *name,
        Port::Number(number) => port.port == number,
        Port::Any => true,
    };
    // An ExternalName has no ports of its own: the number goes to the name that it stands for.
    let outside = object.external_name && matches!(named.port, Port::Number(_));
    if outside || named.port == Port::Any || object.ports.iter().any(has) {
        return None;
    }
    let port = match named.port {
        Port::Name(name) => format!("port '{name}'"),
        Port::Number(number) => format!("port {number}"),
        Port::Any => "a port".to_owned(),
    };
    Some(Finding::new(format!(
        "{kind} '{name}' leads to {port} of Service '{service}'{place}, which has no such port ({}), so every request gets \
         an error; name one of its ports",
        ports(object)
    )))
}

/// "it has 80 'http' and 443", "it has none".
fn ports(service: &Service) -> String {
    let word = |port: &crate::model::ServicePort| match port.name.as_str() {
        "" => port.port.to_string(),
        name => format!("{} '{name}'", port.port),
    };
    let words: Vec<String> = service.ports.iter().take(4).map(word).collect();
    match words.as_slice() {
        [] => "it has none".to_owned(),
        [one] => format!("it has {one}"),
        [most @ .., last] => format!("it has {} and {last}", most.join(", ")),
    }
}
