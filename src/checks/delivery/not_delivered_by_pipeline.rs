//! not-delivered-by-pipeline: an object that somebody applied by hand.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Meta, Workload};

pub(super) static CHECK: Check = Check {
    id: "not-delivered-by-pipeline",
    title: "Workloads are delivered by Argo CD, Flux or Helm",
    category: Category::Delivery,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-06", "ST-48", "ST-52", "SE-07", "SE-24", "SE-26"],
    remediation: "Put the manifest under version control and let Argo CD, Flux or Helm apply it.",
    rule: &PerWorkload(judge),
    page: include_str!("not_delivered_by_pipeline.md"),
};

/// Labels that Argo CD and Flux put on what they apply.
const LABELS: [&str; 3] =
    ["argocd.argoproj.io/instance", "kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name"];

/// Annotations that Argo CD and Helm put on what they apply.
const ANNOTATIONS: [&str; 2] = ["argocd.argoproj.io/tracking-id", "meta.helm.sh/release-name"];

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let meta = &workload.meta;
    if is_delivered(meta) {
        return Verdict::Pass;
    }
    if !cx.is_live() {
        return Verdict::not_applicable("it is a manifest in a file, and who applies it shows in a cluster");
    }
    if let Some(owner) = &meta.controller {
        return Verdict::not_applicable(format!(
            "{} '{}' controls it, and is what would be delivered",
            owner.kind, owner.name
        ));
    }
    let chart = meta.labels.get("app.kubernetes.io/managed-by").is_some_and(|by| *by == "Helm");
    let considered = if chart {
        " (it is labelled app.kubernetes.io/managed-by: Helm, but is part of no release)"
    } else {
        ""
    };
    Verdict::fail(Finding::new(format!(
        "{} '{}' bears no mark of Argo CD, Flux or Helm{considered}: nobody can tell which version of which repository it is, \
         or bring it back after a loss; deliver it by one of them",
        workload.kind, meta.name
    )))
}

fn is_delivered(meta: &Meta) -> bool {
    meta.by_pipeline
        || LABELS.iter().any(|label| meta.labels.has(label))
        || ANNOTATIONS.iter().any(|annotation| meta.annotations.get(annotation).is_some())
}
