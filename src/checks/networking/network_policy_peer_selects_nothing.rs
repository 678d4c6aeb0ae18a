//! network-policy-peer-selects-nothing: a rule that lets in, or out to, nobody.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Direction, Kind, NetworkPolicy, PolicyPeer, Text};

pub(super) static CHECK: Check = Check {
    id: "network-policy-peer-selects-nothing",
    title: "Every peer of a NetworkPolicy's rule is there",
    category: Category::Networking,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Correct the peer's selectors so that they match namespaces and pods, or take the peer out.",
    rule: &PerNamespace(judge),
    page: include_str!("network_policy_peer_selects_nothing.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let policies = cx.network_policies();
    let (mut findings, mut unknown, mut asked) = (Vec::new(), None, false);
    for policy in policies {
        for (field, peer) in peers(policy) {
            asked = true;
            let name = &policy.meta.name;
            match missing(cx, peer) {
                None => {}
                Some(Missing::Unseen) => unknown = unknown.or(Some((name, field))),
                Some(Missing::Certain(what)) => {
                    let finding = Finding::new(format!(
                        "NetworkPolicy '{name}' has a peer that {what} ({field}), so the rule allows nothing for it; make \
                         its selectors match, or take the peer out"
                    ));
                    findings.push(finding.object(Kind::NetworkPolicy, name).field(field));
                }
            }
        }
    }
    if !asked {
        let why =
            format!("namespace '{}' has no NetworkPolicy that names pods or namespaces", cx.namespace());
        return Verdict::not_applicable(why);
    }
    match unknown {
        Some((name, field)) if findings.is_empty() => Verdict::unknown(format!(
            "NetworkPolicy '{name}' names peers of other namespaces ({field}) that are not in the input (--complete says \
             that it is everything)"
        )),
        _ => findings.into(),
    }
}

/// The peers that are pods or namespaces, with their fields.
fn peers(policy: &NetworkPolicy) -> Vec<(String, &PolicyPeer)> {
    let mut found = Vec::new();
    for (direction, rules, peers) in
        [(Direction::Ingress, "ingress", "from"), (Direction::Egress, "egress", "to")]
    {
        for (at, rule) in policy.rules(direction).unwrap_or_default().iter().enumerate() {
            let of_rule = rule.peers.iter().enumerate().filter(|(_, peer)| peer.ip_block.is_none());
            found.extend(of_rule.map(|(n, peer)| (format!("spec.{rules}[{at}].{peers}[{n}]"), peer)));
        }
    }
    found
}

enum Missing {
    /// It may be in what the input does not show.
    Unseen,
    /// It is not there, in which words.
    Certain(&'static str),
}

fn missing(cx: &Context<'_>, peer: &PolicyPeer) -> Option<Missing> {
    let own = [cx.namespace()];
    let others = peer.namespace_selector.as_ref().map(|selector| cx.namespaces_selected(selector));
    let namespaces: &[&Text] = others.as_deref().unwrap_or(&own);
    let pods = peer.pod_selector.as_ref().filter(|selector| !selector.is_empty());
    let is_there = |namespace: &&Text| {
        pods.is_none_or(|pods| {
            cx.selects_any_pod_in(namespace, pods) || !cx.selected_in(namespace, pods).is_empty()
        })
    };
    if namespaces.iter().any(is_there) {
        return None;
    }
    if others.is_some() && !cx.sees_every_namespace() {
        return Some(Missing::Unseen);
    }
    Some(Missing::Certain(match (namespaces.is_empty(), others.is_some()) {
        (true, _) => "matches no namespace",
        (false, true) => "matches no pod of the namespaces that it matches",
        (false, false) => "matches no pod of its own namespace",
    }))
}
