//! Limits far above what is reserved, of the pod as a whole where it has amounts of its own, else of each container.

use crate::engine::{Context, Finding, Verdict};
use crate::model::{Container, Giver, Quantity, Resource, Workload};

/// What a check says of a limit that is too high: what goes wrong, and what to do.
pub(crate) type Words = (&'static str, &'static str);

/// The verdict on all limits of a resource. `ratio`: how many times the request a limit may be.
pub(crate) fn judge(
    cx: &Context<'_>,
    workload: &Workload,
    resource: Resource,
    ratio: u32,
    words: Words,
) -> Verdict {
    let noun = resource.noun();
    // The node reserves for, and holds back, the pod as a whole; its containers share that.
    if workload.template.spec.sizes(resource) {
        return whole(cx, workload, resource, ratio, words);
    }
    let mut limited = false;
    let mut findings = Vec::new();
    for container in workload.sized_containers() {
        // A limit of zero limits nothing.
        let Some(limit) = cx.limit(container, resource).filter(|given| !given.amount.is_zero()) else {
            continue;
        };
        let Some(request) = cx.request(container, resource) else { continue };
        limited = true;
        if limit.amount.exceeds(ratio, request.amount) {
            let origin = match limit.by {
                Giver::Container => "",
                Giver::LimitRange(_) => " (from a LimitRange)",
            };
            findings.push(finding(
                workload,
                container,
                resource,
                &format!("{}{origin}", limit.amount),
                request.amount,
                ratio,
                words,
            ));
        }
    }
    if !limited {
        return Verdict::not_applicable(format!("no container has a {noun} limit"));
    }
    findings.into()
}

fn finding(
    workload: &Workload,
    container: &Container,
    resource: Resource,
    limit: &str,
    request: &Quantity,
    ratio: u32,
    (why, fix): Words,
) -> Finding {
    let noun = resource.noun();
    let subject = format!("{} '{}'", container.role.noun(), container.name);
    let message = format!(
        "{subject} has a {noun} limit of {limit}, more than {ratio} times its request of {request}: {why}; {fix}"
    );
    Finding::new(message).container(workload, container, &format!("resources.limits.{}", resource.name()))
}

fn whole(
    cx: &Context<'_>,
    workload: &Workload,
    resource: Resource,
    ratio: u32,
    (why, fix): Words,
) -> Verdict {
    let (spec, noun) = (&workload.template.spec, resource.noun());
    let Some(request) = spec.request(resource) else {
        return Verdict::not_applicable(format!("the pod has no {noun} request"));
    };
    let (nanos, limit) = match spec.limit(resource).filter(|limit| !limit.is_zero()) {
        Some(limit) => (limit.nanos(), format!("the pod has a {noun} limit of {limit}, more than")),
        None => match together(cx, workload, resource) {
            Some(sum) => (sum, format!("the {noun} limits of the pod's containers come to more than")),
            None => return Verdict::not_applicable(format!("the pod has no {noun} limit")),
        },
    };
    let requested = match request.written {
        Some(written) => format!("its request of {written}"),
        None => "what its containers request together".to_owned(),
    };
    let too_high = nanos > request.nanos.saturating_mul(i128::from(ratio));
    let field = format!("resources.limits.{}", resource.name());
    let message = || format!("{limit} {ratio} times {requested}: {why}; {fix}");
    too_high.then(|| Finding::new(message()).field(workload.pod_field(field))).into()
}

/// The limits of all containers that run side by side; `None` when one has none.
fn together(cx: &Context<'_>, workload: &Workload, resource: Resource) -> Option<i128> {
    let limits = workload.running_containers().map(|container| cx.limit(container, resource));
    limits
        .map(|given| given.map(|given| given.amount.nanos()).filter(|nanos| *nanos != 0))
        .try_fold(0_i128, |sum, limit| Some(sum.saturating_add(limit?)))
}
