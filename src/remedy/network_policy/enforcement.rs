//! Whether anything in the cluster enforces NetworkPolicies, as far as that can be told from what runs there.
//!
//! Nothing in the API says so: a NetworkPolicy that nobody enforces looks like any other. Not its job: deciding
//! anything by it; it is only said.

use crate::engine::Context;
use crate::model::{Kind, Workload};

/// DaemonSets of networks that enforce NetworkPolicies, by name.
const ENFORCE: &[&str] = &[
    "anetd",
    "antrea-agent",
    "azure-npm",
    "calico-node",
    "canal",
    "cilium",
    "cilium-agent",
    "kube-network-policies",
    "kube-router",
    "kindnet",
    "ovnkube-node",
    "ovn-cni",
    "kube-ovn-cni",
    "rke2-canal",
    "sdn",
    "weave-net",
];
/// Containers that enforce them for networks that do not do so by themselves.
const ENFORCING_CONTAINERS: &[&str] =
    &["aws-eks-nodeagent", "aws-network-policy-agent", "calico-node", "install-calico-cni"];
/// DaemonSets of networks that do not.
const DO_NOT: &[&str] = &["kube-flannel", "kube-flannel-ds", "flannel"];

/// What has to be said of it, if anything.
pub(super) fn remark(cx: &Context<'_>) -> Option<String> {
    let mut other = None;
    for network in cx.every_workload(Kind::DaemonSet) {
        if enforces(network) {
            return None;
        }
        if DO_NOT.contains(&network.meta.name.as_str()) {
            other = Some(network);
        }
    }
    Some(match other {
        Some(network) => format!(
            "nothing seems to enforce NetworkPolicies here: DaemonSet '{}' of namespace '{}' does not",
            network.meta.name, network.meta.namespace
        ),
        None => "whether anything enforces NetworkPolicies here cannot be told".to_owned(),
    })
}

fn enforces(network: &Workload) -> bool {
    let mut containers = network.template.spec.containers.iter();
    ENFORCE.contains(&network.meta.name.as_str())
        || containers.any(|container| ENFORCING_CONTAINERS.contains(&container.name.as_str()))
}
