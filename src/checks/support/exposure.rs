//! Services that can be reached from outside.

use crate::engine::{Context, Finding, Verdict};
use crate::model::{Kind, Service};

/// The verdict on all Services of the namespace: what is wrong with one of them, if anything, names it.
pub(crate) fn each(cx: &Context<'_>, wrong: impl Fn(&Service) -> Option<Finding>) -> Verdict {
    let services = cx.services();
    if services.is_empty() {
        return Verdict::not_applicable(format!("namespace '{}' has no Service", cx.namespace()));
    }
    let findings = services
        .into_iter()
        .filter_map(|service| Some(wrong(service)?.object(Kind::Service, &service.meta.name)));
    findings.collect::<Vec<_>>().into()
}

/// "port 80", "ports 80, 443 and 1 more".
pub(crate) fn ports(service: &Service) -> String {
    let mut numbers: Vec<String> = service.ports.iter().take(3).map(|port| port.port.to_string()).collect();
    let more = service.ports.len().saturating_sub(numbers.len());
    if more > 0 {
        numbers.push(format!("{more} more"));
    }
    match numbers.as_slice() {
        [] => "it".to_owned(),
        [one] => format!("port {one}"),
        [most @ .., last] => format!("ports {} and {last}", most.join(", ")),
    }
}
