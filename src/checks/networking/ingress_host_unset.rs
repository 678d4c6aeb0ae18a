//! ingress-host-unset: a route that answers for every name.

use crate::api::{Category, Level, Severity};
use crate::checks::support::routes::{each, entrances};
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Found, HttpRoute, Ingress, Kind, Text};

pub(super) static CHECK: Check = Check {
    id: "ingress-host-unset",
    title: "Every Ingress and HTTPRoute says for which hosts it answers",
    category: Category::Networking,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Name the hosts in the rules of the Ingress, or in the hostnames of the HTTPRoute.",
    rule: &PerNamespace(judge),
    page: include_str!("ingress_host_unset.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    each(cx, of_ingress, |route| of_route(cx, route))
}

fn is_every_name(host: &Text) -> bool {
    host.is_empty() || *host == "*"
}

fn of_ingress(ingress: Found<'_, Ingress>) -> Option<Finding> {
    let name = &ingress.meta.name;
    let rules = &ingress.facts.rules;
    let rule = rules.iter().position(|rule| is_every_name(&rule.host));
    let (what, field) = match rule {
        Some(rule) => ("has a rule without a host", format!("spec.rules[{rule}].host")),
        None if rules.is_empty() => ("has no rules with hosts", "spec.rules".to_owned()),
        None => return None,
    };
    let finding = Finding::new(format!(
        "Ingress '{name}' {what}, so it answers for every name that leads to the load balancer, also for those of others; \
         name the hosts that are meant"
    ));
    Some(finding.object(Kind::Ingress, name).field(field))
}

fn of_route(cx: &Context<'_>, route: Found<'_, HttpRoute>) -> Option<Finding> {
    let hosts = &route.facts.hostnames;
    if !hosts.is_empty() && !hosts.iter().any(is_every_name) {
        return None;
    }
    // Without hosts of its own a route has those of its listeners.
    let entrances = entrances(cx, route);
    let mut open =
        entrances.iter().filter(|e| e.listeners.iter().any(|listener| is_every_name(&listener.hostname)));
    let gateway = open.next()?.gateway;
    let name = &route.meta.name;
    let finding = Finding::new(format!(
        "HTTPRoute '{name}' has no hostnames, and neither has the listener of Gateway '{}' that it uses, so it answers for \
         every name that leads there, also for those of others; name the hosts that are meant",
        gateway.name
    ));
    Some(finding.object(Kind::HttpRoute, name).field("spec.hostnames"))
}
