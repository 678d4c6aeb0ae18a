//! ingress-without-fallback: users see the load balancer's bare error.

use crate::api::{Category, Level, Severity};
use crate::checks::support::routes::is_annotated;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Ingress, Kind};

pub(super) static CHECK: Check = Check {
    id: "ingress-without-fallback",
    title: "Every Ingress has a page for when nothing else answers",
    category: Category::Networking,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["SE-21"],
    remediation: "Set spec.defaultBackend, or tell the Ingress controller by its annotation which Service shows errors.",
    rule: &PerNamespace(judge),
    page: include_str!("ingress_without_fallback.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let ingresses = cx.beside::<Ingress>(Kind::Ingress);
    if ingresses.is_empty() {
        return Verdict::not_applicable(format!("namespace '{}' has no Ingress", cx.namespace()));
    }
    let bare = ingresses
        .into_iter()
        .filter(|ingress| ingress.facts.default_backend.is_none() && !is_annotated(ingress.meta, "fallback"));
    let findings = bare.map(|ingress| {
        let name = &ingress.meta.name;
        let finding = Finding::new(format!(
            "Ingress '{name}' has no defaultBackend and no page for errors that its annotations name, so users see a bare \
             404 or 503 while something is down or moved; set spec.defaultBackend to a Service that explains"
        ));
        finding.object(Kind::Ingress, name).field("spec.defaultBackend")
    });
    findings.collect::<Vec<_>>().into()
}
