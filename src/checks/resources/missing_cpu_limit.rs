//! missing-cpu-limit: a container that may take the CPU of its neighbours.

use crate::api::{Category, Level, Severity};
use crate::checks::support::sizing::{Bound, missing};
use crate::engine::{Check, Context, Finding, NoParams, PerContainer, Sees};
use crate::model::{Container, Resource, Role, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-cpu-limit",
    title: "Every container has a limit to the CPU that it may take",
    category: Category::Resources,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["ST-11", "SE-10", "HA-06", "PE"],
    remediation: "Set resources.limits.cpu on every container, or a default in a LimitRange.",
    rule: &PerContainer { which: |container| container.role != Role::Ephemeral, judge },
    page: include_str!("missing_cpu_limit.md"),
};

const WHY: &str =
    "how fast it is depends on how busy its node happens to be, and it may slow its neighbours down";

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload, container: &Container) -> Option<Finding> {
    missing(cx, workload, container, (Resource::Cpu, Bound::Limit), WHY)
}
