//! Policies that somebody may have meant for a workload, and why they do not count: only words for findings.

use super::super::selection::nearest;
use crate::engine::Context;
use crate::model::{Direction, Workload};

/// A NetworkPolicy that somebody may have meant to isolate the workload's pods, and why it does not.
pub(crate) fn near_miss(cx: &Context<'_>, workload: &Workload, direction: Direction) -> Option<String> {
    if let Some(policy) = cx.network_policies_of(workload).first() {
        let about = match direction {
            Direction::Ingress => Direction::Egress,
            Direction::Egress => Direction::Ingress,
        };
        return Some(format!("NetworkPolicy '{}' is about {about} only", policy.meta.name));
    }
    let policies = cx.network_policies_nearby().filter(|policy| policy.isolates(direction));
    let near = nearest(policies, |policy| {
        (&policy.pod_selector, workload.pod_labels(), policy.meta.name == workload.meta.name)
    });
    if let Some((policy, how)) = near {
        return Some(format!("NetworkPolicy '{}' {how}", policy.meta.name));
    }
    let stray = cx.stray_network_policy(workload)?;
    Some(format!("NetworkPolicy '{}' is in namespace '{}'", stray.meta.name, stray.meta.namespace))
}
