//! external-ip-claimed: a Service that takes the traffic of an address that nobody gave it.

use crate::api::{Category, Level, Severity};
use crate::checks::support::exposure::each;
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};

pub(super) static CHECK: Check = Check {
    id: "external-ip-claimed",
    title: "No Service claims external addresses for itself",
    category: Category::Networking,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Remove externalIPs and use a Service of type LoadBalancer, which gets an address of its own.",
    rule: &PerNamespace(judge),
    page: include_str!("external_ip_claimed.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    each(cx, |service| {
        let claimed = &service.external_ips;
        (!claimed.is_empty()).then(|| {
            Finding::new(format!(
                "Service '{}' claims {} by externalIPs: every node sends what goes there to its pods, whoever owns the \
                 address, so traffic of others can be taken over (CVE-2020-8554); remove it and use type LoadBalancer",
                service.meta.name,
                quoted_list(claimed.iter().take(3))
            ))
            .field("spec.externalIPs")
        })
    })
}
