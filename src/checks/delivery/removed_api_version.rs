//! removed-api-version: a manifest in a version of an API that Kubernetes does not serve any more.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::data::{ApiLife, NEWEST_KUBERNETES, api_life};
use crate::engine::{Check, Context, Finding, PerManifest, Sees, Verdict};
use crate::model::{Document, Kind, KubernetesVersion, Meta, Workload};

pub(super) static CHECK: Check = Check {
    id: "removed-api-version",
    title: "Manifests are written in versions of APIs that Kubernetes serves",
    category: Category::Delivery,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["HA-01", "HA-02", "PE"],
    remediation: "Write the manifest in the version that took its place, as kubectl convert or its release notes say.",
    rule: &PerManifest { workload, namespace },
    page: include_str!("removed_api_version.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// kubernetesVersion is the minor version that manifests must suit; --kubernetes-version of an audit goes first.
    #[schemars(length(max = 16), regex(pattern = r"^1\.[0-9]+$"))]
    kubernetes_version: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { kubernetes_version: NEWEST_KUBERNETES.to_owned() }
    }
}

fn workload(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let wanted = match version(cx, parameters) {
        Ok(wanted) => wanted,
        Err(why) => return Verdict::unknown(why),
    };
    let mut findings: Vec<Finding> = on_others(cx, wanted, Some(workload));
    let own = finding(workload.kind, &workload.meta, wanted);
    // Others may make an object that lives through it: only who writes a manifest has to care.
    if workload.meta.written_in.is_none() && findings.is_empty() {
        return Verdict::unknown(
            "the object has neither managedFields nor a last-applied annotation, so nobody knows the apiVersion of its manifest",
        );
    }
    findings.splice(0..0, own);
    findings.into()
}

fn namespace(cx: &Context<'_>, parameters: &Parameters) -> Verdict {
    match version(cx, parameters) {
        Ok(wanted) => on_others(cx, wanted, None).into(),
        Err(why) => Verdict::unknown(why),
    }
}

fn version(cx: &Context<'_>, parameters: &Parameters) -> Result<KubernetesVersion, String> {
    match cx.kubernetes() {
        Some(version) => Ok(version),
        None => parameters.kubernetes_version.parse().map_err(|error| format!("kubernetesVersion: {error}")),
    }
}

fn on_others(cx: &Context<'_>, wanted: KubernetesVersion, subject: Option<&Workload>) -> Vec<Finding> {
    let at_fault = |document: &Document<'_>| finding(document.kind, document.meta, wanted).is_some();
    let documents = cx.documents_on(subject, at_fault).into_iter();
    let about = |document: Document<'_>| {
        let finding = finding(document.kind, document.meta, wanted)?;
        // The report of a namespace is about the Namespace itself.
        let itself = document.kind == Kind::Namespace;
        Some(if itself { finding } else { finding.object(document.kind, &document.meta.name) })
    };
    documents.filter_map(about).collect()
}

fn finding(kind: Kind, meta: &Meta, wanted: KubernetesVersion) -> Option<Finding> {
    let written = meta.written_in.as_ref()?;
    let life = api_life(written, kind.name())?;
    let is_past = |release: &str| release.parse::<KubernetesVersion>().is_ok_and(|release| release <= wanted);
    let name = &meta.name;
    let instead = instead(life);
    if let Some(removed) = life.removed.filter(|removed| is_past(removed)) {
        let message = format!(
            "{kind} '{name}' is written in {written}, which Kubernetes has not served since {removed}: {wanted} refuses the \
             manifest, and with it the release; {instead}"
        );
        return Some(Finding::new(message).field("apiVersion"));
    }
    is_past(life.deprecated).then(|| {
        let end = match life.removed {
            Some(removed) => format!("is gone in {removed}"),
            None => "may go in a later release".to_owned(),
        };
        let message = format!(
            "{kind} '{name}' is written in {written}, which is deprecated since Kubernetes {} and {end}; {instead}",
            life.deprecated
        );
        Finding::new(message).field("apiVersion").severity(Severity::Low)
    })
}

fn instead(life: ApiLife) -> String {
    match life.instead {
        Some(version) => format!("write it in {version}"),
        None => "nothing took its place: leave it out".to_owned(),
    }
}
