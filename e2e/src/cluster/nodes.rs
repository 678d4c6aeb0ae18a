//! Fake nodes, played by kwok.
//!
//! Not here: the life of pods on them; that is what kwok's stages say.

use std::time::Duration;

use k8s_openapi::api::core::v1::Node;
use kube::api::{Api, ListParams, PostParams};
use serde_json::json;

use super::{Cluster, kube_error};
use crate::error::{Error, Result};
use crate::toolchain::Tool;
use crate::wait::wait_for;

/// kwok plays the nodes with this annotation, and no others.
pub(super) const FAKE: &str = "kwok.x-k8s.io/node=fake";

/// Makes `count` more nodes, numbered on from those that are there, and waits until all are ready: pods that
/// come before the nodes wait for the scheduler's next look.
pub(super) async fn add(cluster: &Cluster, count: u32) -> Result<()> {
    let nodes: Api<Node> = Api::all(cluster.client());
    let listed = nodes.list(&ListParams::default()).await.map_err(kube_error("list nodes"))?;
    let there = u32::try_from(listed.items.len()).unwrap_or(u32::MAX);
    let all = there.saturating_add(count);
    for number in there.saturating_add(1)..=all {
        let node = node(number)?;
        nodes.create(&PostParams::default(), &node).await.map_err(kube_error("create a node"))?;
    }
    wait_for(&format!("{all} ready nodes"), Duration::from_secs(60), || async {
        let listed = nodes.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
        let ready = listed.items.iter().filter(|node| is_ready(node)).count();
        if ready >= listed.items.len() { Ok(Some(())) } else { Err(format!("{ready} are ready")) }
    })
    .await
}

/// The condition, not the taint: the controller that removes the taint may be switched off on purpose.
fn is_ready(node: &Node) -> bool {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten().any(|item| item.type_ == "Ready" && item.status == "True")
}

fn node(number: u32) -> Result<Node> {
    let name = format!("kwok-{number}");
    let resources = json!({"cpu": "32", "memory": "256Gi", "pods": "500", "ephemeral-storage": "500Gi"});
    let value = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"},
            "labels": {
                "type": "kwok",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/zone": format!("z{}", number % 3),
                "node-role.kubernetes.io/agent": "",
            },
        },
        "spec": {"podCIDR": format!("10.{}.{}.0/24", number / 250 + 1, number % 250)},
        "status": {
            "allocatable": resources,
            "capacity": resources,
            "nodeInfo": {
                "architecture": "amd64", "operatingSystem": "linux", "bootID": "", "machineID": "",
                "kubeletVersion": Tool::KubeApiserver.version(), "containerRuntimeVersion": "",
                "kernelVersion": "", "osImage": "", "systemUUID": "", "kubeProxyVersion": "",
            },
        },
    });
    serde_json::from_value(value).map_err(|source| Error::Json { what: format!("node {number}"), source })
}
