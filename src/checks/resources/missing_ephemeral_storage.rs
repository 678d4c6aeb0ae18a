//! missing-ephemeral-storage: a container that may fill its node's disk.

use crate::api::{Category, Level, Severity};
use crate::checks::support::sizing::{Bound, missing};
use crate::engine::{Check, Context, Finding, NoParams, PerContainer, Sees};
use crate::model::{Container, Resource, Role, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-ephemeral-storage",
    title: "Every container reserves and bounds the space that it takes on its node's disk",
    category: Category::Resources,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Set resources.requests and resources.limits of ephemeral-storage on every container, or defaults in a LimitRange.",
    rule: &PerContainer { which: |container| container.role != Role::Ephemeral, judge },
    page: include_str!("missing_ephemeral_storage.md"),
};

const UNBOUND: &str =
    "what it writes may fill the node's disk, and then the kubelet evicts the pods beside it too";
const UNRESERVED: &str =
    "the scheduler keeps no space for it, and it is evicted first when the disk runs full";

/// Without a limit the limit is the finding: one that is set reserves as much by itself.
fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload, container: &Container) -> Option<Finding> {
    let lacks = |bound, why| missing(cx, workload, container, (Resource::EphemeralStorage, bound), why);
    lacks(Bound::Limit, UNBOUND).or_else(|| lacks(Bound::Request, UNRESERVED))
}
