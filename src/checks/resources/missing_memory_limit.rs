//! missing-memory-limit: a container that may take all of a node's memory.

use crate::api::{Category, Level, Severity};
use crate::checks::support::sizing::{Bound, missing};
use crate::engine::{Check, Context, Finding, NoParams, PerContainer, Sees};
use crate::model::{Container, Resource, Role, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-memory-limit",
    title: "Every container has a limit to the memory that it may take",
    category: Category::Resources,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-11", "SE-10", "RE-02", "HA-06", "PE"],
    remediation: "Set resources.limits.memory on every container, or a default in a LimitRange.",
    rule: &PerContainer { which: |container| container.role != Role::Ephemeral, judge },
    page: include_str!("missing_memory_limit.md"),
};

const WHY: &str = "a leak in it takes the memory of the whole node, and the pods beside it die too";

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload, container: &Container) -> Option<Finding> {
    missing(cx, workload, container, (Resource::Memory, Bound::Limit), WHY)
}
