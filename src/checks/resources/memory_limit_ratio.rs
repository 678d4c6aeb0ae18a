//! memory-limit-ratio: a memory limit far above what is reserved.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::ratio;
use crate::engine::{Check, Context, PerWorkload, Sees, Verdict};
use crate::model::{Resource, Workload};

pub(super) static CHECK: Check = Check {
    id: "memory-limit-ratio",
    title: "Memory limits stay close to what is reserved",
    category: Category::Resources,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["SE-12", "RE-03"],
    remediation: "Raise the memory request towards what the container really uses, or lower its limit.",
    rule: &PerWorkload(judge),
    page: include_str!("memory_limit_ratio.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// maxRatio is how many times the request a limit may be.
    #[schemars(range(min = 1, max = 1000))]
    max_ratio: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { max_ratio: 2 }
    }
}

const WORDS: ratio::Words =
    ("a node that looks free runs out of memory when it grows", "raise the request or lower the limit");

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let ratio = parameters.max_ratio.unsigned_abs();
    let mut limited = false;
    let mut findings = Vec::new();
    if let Some(limit) = limit_of_pod(workload) {
        limited = true;
        findings.extend(too_high_for_pod(workload, limit, ratio));
    }
    for container in workload.sized_containers() {
        if let Some((limit, request)) = amounts(cx, workload, container) {
            limited = true;
            if limit.exceeds(ratio, &request) {
                let origin = if own(container).0.is_some() { "" } else { " (from a LimitRange)" };
                let subject = format!("{} '{}'", container.role.noun(), container.name);
                let message = format!(
                    "{subject} has a memory limit of {limit}{origin}, more than {ratio} times its request of {request}: \
                     a node that looks free may run out of memory; raise the request or lower the limit"
                );
                findings.push(Finding::new(message).container(
                    workload,
                    container,
                    "resources.limits.memory",
                ));
            }
        }
    }
    if !limited {
        return Verdict::not_applicable("no container has a memory limit");
    }
    findings.into()
}

/// The limit and the request that the container itself names.
fn own(container: &Container) -> (Option<&Quantity>, Option<&Quantity>) {
    let resources = &container.resources;
    (resources.limits.of(Resource::Memory), resources.requests.of(Resource::Memory))
}

fn limit_of_pod(workload: &Workload) -> Option<&Quantity> {
    workload.template.spec.resources.limits.of(Resource::Memory).filter(|limit| !limit.is_zero())
}

/// The limit and the request of a container. The pod's own amounts are for all its containers together, so they
/// are no container's.
fn amounts(cx: &Context<'_>, workload: &Workload, container: &Container) -> Option<(Quantity, Quantity)> {
    let (own_limit, own_request) = own(container);
    let whole = &workload.template.spec.resources;
    let limit = match own_limit {
        Some(limit) => limit.clone(),
        None if limit_of_pod(workload).is_some() => return None,
        None => cx.limit(workload, container, Resource::Memory)?,
    };
    // A limit of zero limits nothing.
    if limit.is_zero() {
        return None;
    }
    let request = match own_request.or(own_limit) {
        Some(request) => request.clone(),
        None if whole.requests.of(Resource::Memory).is_some() => return None,
        None => cx.request(workload, container, Resource::Memory)?,
    };
    Some((limit, request))
}

fn too_high_for_pod(workload: &Workload, limit: &Quantity, ratio: u32) -> Option<Finding> {
    let requested = workload.template.spec.resources.requests.of(Resource::Memory);
    let (too_high, what) = match requested {
        Some(request) => (limit.exceeds(ratio, request), format!("its request of {request}")),
        // As the API server defaults the pod's request: what the containers request together, else the limit.
        None => {
            let sum = requested_by_containers(workload).unwrap_or(limit.nanos());
            let too_high = limit.nanos() > sum.saturating_mul(i128::from(ratio));
            (too_high, "what its containers request together".to_owned())
        }
    };
    let message = || {
        format!(
            "the pod has a memory limit of {limit}, more than {ratio} times {what}: \
             a node that looks free may run out of memory; raise the request or lower the limit"
        )
    };
    too_high.then(|| Finding::new(message()).field(workload.pod_field("resources.limits.memory")))
}

/// The most that the containers request at any one time; `None` when none requests anything.
fn requested_by_containers(workload: &Workload) -> Option<i128> {
    let mut sidecars = 0_i128;
    let mut applications = 0_i128;
    let mut most_at_start = 0_i128;
    let mut any = false;
    for container in workload.sized_containers() {
        let (limit, request) = own(container);
        let Some(request) = request.or(limit) else { continue };
        any = true;
        match container.role {
            Role::Init => most_at_start = most_at_start.max(sidecars.saturating_add(request.nanos())),
            Role::Sidecar => sidecars = sidecars.saturating_add(request.nanos()),
            Role::Application | Role::Ephemeral => {
                applications = applications.saturating_add(request.nanos());
            }
        }
    }
    any.then(|| most_at_start.max(sidecars.saturating_add(applications)))
}
