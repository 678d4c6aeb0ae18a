//! missing-memory-request: a container that the scheduler reserves no memory for.

use crate::api::{Category, Level, Severity};
use crate::checks::support::sizing::{Bound, missing};
use crate::engine::{Check, Context, Finding, NoParams, PerContainer, Sees};
use crate::model::{Container, Resource, Role, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-memory-request",
    title: "Every container reserves the memory that it needs",
    category: Category::Resources,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-12", "SE-10", "RE-01", "HA-06", "PE"],
    remediation: "Set resources.requests.memory on every container, or a default in a LimitRange.",
    rule: &PerContainer { which: |container| container.role != Role::Ephemeral, judge },
    page: include_str!("missing_memory_request.md"),
};

const WHY: &str =
    "the scheduler reserves no memory for it, and a node that runs short kills or evicts it among the first";

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload, container: &Container) -> Option<Finding> {
    missing(cx, workload, container, (Resource::Memory, Bound::Request), WHY)
}
