//! load-balancer-exposed: Services with an address on the internet.

use crate::api::{Category, Level, Severity};
use crate::checks::support::exposure::{each, ports};
use crate::checks::support::routes::is_annotated;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::Exposure;

pub(super) static CHECK: Check = Check {
    id: "load-balancer-exposed",
    title: "Services of type LoadBalancer are internal",
    category: Category::Networking,
    severity: Severity::Info,
    profile: Level::None,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Add the cloud's annotation for an internal load balancer, or confirm that the Service is meant to be public.",
    rule: &PerNamespace(judge),
    page: include_str!("load_balancer_exposed.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    each(cx, |service| {
        let public = service.exposure == Exposure::LoadBalancer && !is_annotated(&service.meta, "internal");
        public.then(|| {
            Finding::new(format!(
                "Service '{}' is of type LoadBalancer, and no annotation that we know makes it internal, so {} may be open \
                 to the internet; add the annotation of your cloud, or exempt what is meant to be public",
                service.meta.name,
                ports(service)
            ))
            .field("spec.type")
        })
    })
}
