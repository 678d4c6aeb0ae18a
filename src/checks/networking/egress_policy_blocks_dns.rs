//! egress-policy-blocks-dns: pods that may call others, but not ask for their addresses.

use crate::api::{Category, Level, Severity};
use crate::checks::support::network::applied::{Pods, stance_of};
use crate::checks::support::network::dns::{self, Dns, NAMESPACE, Target};
use crate::checks::support::network::stance::Stance;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Direction, NetworkPolicy, Party, Protocol, Workload};

pub(super) static CHECK: Check = Check {
    id: "egress-policy-blocks-dns",
    title: "Policies for Egress let the pods reach DNS",
    category: Category::Networking,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["RE-17"],
    remediation: "Allow UDP and TCP to the pods of the cluster's DNS, at the port that they listen on.",
    rule: &PerWorkload(judge),
    page: include_str!("egress_policy_blocks_dns.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    if spec.host_network {
        return Verdict::not_applicable("its pods share the node's network, where no NetworkPolicy applies");
    }
    if spec.dns_policy == "None" || spec.dns_policy == "Default" {
        let why = format!("with dnsPolicy {} its pods do not ask the cluster's DNS", spec.dns_policy);
        return Verdict::not_applicable(why);
    }
    match stance_of(cx, Pods::Of(workload), Direction::Egress) {
        Stance::Untouched => return Verdict::not_applicable("no policy isolates its pods for Egress"),
        Stance::Open(_) => return Verdict::Pass,
        Stance::Unknown(why) => return Verdict::unknown(why),
        Stance::Isolated => {}
    }
    if let Some(why) = dns::decided_elsewhere(cx, workload) {
        return Verdict::unknown(why);
    }
    match dns::of(cx) {
        Ok(dns) => ask(cx, workload, &dns),
        Err(why) => Verdict::unknown(why),
    }
}

fn ask(cx: &Context<'_>, workload: &Workload, dns: &Dns<'_>) -> Verdict {
    let mut unknown = None;
    for (protocol, severity) in [(Protocol::Udp, Severity::High), (Protocol::Tcp, Severity::Low)] {
        let target = match dns.target(protocol) {
            None => continue,
            Some(Ok(target)) => target,
            Some(Err(why)) => {
                unknown = unknown.or(Some(why));
                continue;
            }
        };
        match dns.is_reached(cx, workload, target) {
            Some(true) => {}
            Some(false) => return Verdict::fail(blocked(cx, workload, dns, target).severity(severity)),
            None => {
                let why = "a policy names addresses or Services for its pods to reach, and whether the cluster's DNS is \
                           among them cannot be told here";
                unknown = unknown.or(Some(why.to_owned()));
            }
        }
    }
    unknown.map_or(Verdict::Pass, Verdict::unknown)
}

fn blocked(cx: &Context<'_>, workload: &Workload, dns: &Dns<'_>, target: Target) -> Finding {
    let (protocol, port) = (target.protocol.as_str(), target.port);
    let considered =
        considered(cx, workload, dns, target).map(|near| format!(" ({near})")).unwrap_or_default();
    let effect = match target.protocol {
        Protocol::Tcp => "answers that are too large for UDP never come",
        _ => "no name can be looked up",
    };
    Finding::new(format!(
        "its pods are isolated for Egress and may not reach the cluster's DNS (Service '{}' of namespace '{NAMESPACE}') at \
         {protocol} port {port}{considered}, so {effect}; allow that port to namespace '{NAMESPACE}'",
        dns.service.meta.name
    ))
}

/// A policy that was probably meant to allow it, and why it does not.
fn considered(cx: &Context<'_>, workload: &Workload, dns: &Dns<'_>, target: Target) -> Option<String> {
    let policies = cx.network_policies_of(workload);
    let about = |policy: &&NetworkPolicy| policy.isolates(Direction::Egress);
    let mut rules = policies.iter().copied().filter(about).flat_map(|policy| {
        policy.rules(Direction::Egress).unwrap_or_default().iter().map(move |rule| (policy, rule))
    });
    let near = rules.find_map(|(policy, rule)| {
        let (own, name) = (&policy.meta.namespace, &policy.meta.name);
        let at_dns = dns.as_peer(cx, |pod| rule.allows(own, &Party::pod(*pod), &|_| true)) == Some(true);
        if at_dns && !rule.ports.is_empty() {
            return Some(format!("NetworkPolicy '{name}' allows other ports there"));
        }
        let at_port = rule.ports.iter().any(|port| port.port.is_some() && dns.is_at(port, target));
        at_port.then(|| format!("NetworkPolicy '{name}' allows the port to others only"))
    });
    near.or_else(|| {
        policies.iter().copied().find(about).map(|p| format!("by NetworkPolicy '{}'", p.meta.name))
    })
}
