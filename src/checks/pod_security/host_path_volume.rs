//! host-path-volume: a pod that mounts files of its node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::node_path::NodePath;
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "host-path-volume",
    title: "No pod mounts a path of its node",
    category: Category::PodSecurity,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-55", "RE-15", "PSS"],
    remediation: "Use a claim, an emptyDir, a ConfigMap or a CSI volume.",
    rule: &PerWorkload(judge),
    page: include_str!("host_path_volume.md"),
};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// allowedPaths are paths of the node that may be mounted, and all that is below them.
    #[schemars(length(max = 64), inner(length(min = 1, max = 1024)), extend("x-kubernetes-list-type" = "set"))]
    allowed_paths: Vec<String>,
}

fn judge(_: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let allowed: Vec<NodePath> = parameters.allowed_paths.iter().map(|path| NodePath::of(path)).collect();
    let volumes = workload.template.spec.volumes.iter().enumerate().filter_map(|(index, volume)| {
        let path = volume.host_path()?;
        let mounted = NodePath::of(path);
        if allowed.iter().any(|folder| mounted.is_within(folder)) {
            return None;
        }
        let message = format!(
            "volume '{}' mounts '{path}' of the node (hostPath): what is there belongs to the node and to every pod on it, and a file written there is often a way to root; use a claim or an emptyDir",
            volume.name
        );
        let field = workload.pod_field(format_args!("volumes[{index}].hostPath"));
        Some(Finding::new(message).field(field))
    });
    volumes.collect::<Vec<_>>().into()
}
