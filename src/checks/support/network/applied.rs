//! The policies that are about a workload's pods, or about every pod of a namespace.
//!
//! Not its job: what they do together (`stance`).

use super::stance::{Applied, Layer, Stance, kind_in_words, stance};
use crate::engine::Context;
use crate::model::{
    CalicoPolicy, CiliumPolicy, ClusterPolicy, ClusterTier, Direction, Endpoint, Kind, Labels, NetworkPolicy,
    PodLabels, PolicySide, Workload,
};

/// Whom policies are asked about.
#[derive(Clone, Copy)]
pub(crate) enum Pods<'w> {
    /// The pods of a workload.
    Of(&'w Workload),
    /// Every pod of the namespace, also those that nobody thought of.
    All,
}

/// The order of NetworkPolicies among Calico's policies.
const ORDER_OF_NETWORK_POLICIES: f64 = 1000.0;

const CILIUM: [Kind; 2] = [Kind::CiliumNetworkPolicy, Kind::CiliumClusterwideNetworkPolicy];
const CALICO: [Kind; 4] = [
    Kind::CalicoNetworkPolicy,
    Kind::CalicoGlobalNetworkPolicy,
    Kind::StoredCalicoNetworkPolicy,
    Kind::StoredCalicoGlobalNetworkPolicy,
];

/// What all policies together do to the pods for a direction.
pub(crate) fn stance_of<'a>(cx: &Context<'a>, pods: Pods<'_>, direction: Direction) -> Stance<'a> {
    stance(applied(cx, pods, direction))
}

/// The policies that are about the pods, and that say anything about a direction.
pub(crate) fn applied<'a>(cx: &Context<'a>, pods: Pods<'_>, direction: Direction) -> Vec<Applied<'a>> {
    let mut found: Vec<Applied<'a>> = Vec::new();
    let default = |kind, name, order, side, certain| Applied {
        kind,
        name,
        layer: Layer::Default,
        order,
        side,
        certain,
    };
    for policy in network_policies(cx, pods) {
        let side = policy.side(direction);
        found.push(default(Kind::NetworkPolicy, &policy.meta.name, ORDER_OF_NETWORK_POLICIES, side, true));
    }
    let namespace_labels = || cx.namespace_labels();
    let pod = endpoint(cx, pods, &namespace_labels);
    for kind in CILIUM {
        for policy in cx.reaching::<CiliumPolicy>(kind) {
            let rules = policy.facts.selecting(&policy.meta.namespace, &pod);
            let counting = rules
                .filter_map(|(rule, selected)| Some((rule.side(direction), counts(pods, selected, false)?)));
            for (side, certain) in counting {
                found.push(default(kind, &policy.meta.name, ORDER_OF_NETWORK_POLICIES, side, certain));
            }
        }
    }
    for kind in CALICO {
        for policy in cx.reaching::<CalicoPolicy>(kind) {
            let selected = policy.facts.selects(&policy.meta.namespace, &pod);
            let Some(certain) = counts(pods, selected, policy.is_opaque()) else { continue };
            let order = policy.order.unwrap_or(f64::INFINITY);
            let layer = match policy.tier.as_str() {
                "default" => Layer::Default,
                _ => Layer::Tier(policy.tier.clone()),
            };
            let side = policy.side(direction);
            found.push(Applied { layer, ..default(kind, &policy.meta.name, order, side, certain) });
        }
    }
    for policy in cx.reaching::<ClusterPolicy>(Kind::ClusterNetworkPolicy) {
        let Some(certain) = counts(pods, policy.selects(&pod), false) else { continue };
        let layer = match policy.tier {
            ClusterTier::Admin => Layer::Admin,
            ClusterTier::Baseline => Layer::Baseline,
        };
        // Priorities go from 0 to 1000.
        let order = f64::from(i32::try_from(policy.priority).unwrap_or(i32::MAX));
        let side = policy.side(direction);
        found.push(Applied {
            layer,
            ..default(Kind::ClusterNetworkPolicy, &policy.meta.name, order, side, certain)
        });
    }
    found.retain(|policy| policy.side != PolicySide::default());
    found
}

fn network_policies<'a>(cx: &Context<'a>, pods: Pods<'_>) -> Vec<&'a NetworkPolicy> {
    match pods {
        Pods::Of(workload) => cx.network_policies_of(workload),
        Pods::All => {
            cx.network_policies().into_iter().filter(|policy| policy.pod_selector.is_empty()).collect()
        }
    }
}

fn endpoint<'e>(cx: &Context<'e>, pods: Pods<'e>, namespace_labels: &'e dyn Fn() -> Labels) -> Endpoint<'e> {
    let labels = match pods {
        Pods::Of(workload) => PodLabels::OfTemplate(workload.pod_labels()),
        Pods::All => PodLabels::OfAny,
    };
    Endpoint { namespace: cx.namespace(), namespace_labels, labels }
}

/// Whether a policy counts, and whether for certain. One that selects some pods of a namespace is not about all of
/// them, unless that rests on something that cannot be read here (`opaque`).
fn counts(pods: Pods<'_>, selected: Option<bool>, opaque: bool) -> Option<bool> {
    match (selected, pods) {
        (Some(true), _) => Some(true),
        (Some(false), _) => None,
        (None, Pods::All) if !opaque => None,
        (None, _) => Some(false),
    }
}

/// The finding's words on a policy that opens the pods: "NetworkPolicy 'x' allows every connection to ...".
pub(crate) fn opens(policy: &Applied<'_>, what: &str) -> String {
    let (kind, name) = (kind_in_words(policy.kind), policy.name);
    match policy.kind {
        Kind::NetworkPolicy => {
            format!("{kind} '{name}' allows every connection {what}, and no other policy can take that back")
        }
        _ => format!("{kind} '{name}' allows every connection {what} that no earlier rule denies"),
    }
}
