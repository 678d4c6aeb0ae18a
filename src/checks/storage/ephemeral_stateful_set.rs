//! ephemeral-stateful-set: a StatefulSet whose pods keep nothing.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "ephemeral-stateful-set",
    title: "The pods of a StatefulSet have volumes of their own",
    category: Category::Storage,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["ST-20", "ST-25"],
    remediation: "Add volumeClaimTemplates, or use a Deployment.",
    rule: &PerWorkload(judge),
    page: include_str!("ephemeral_stateful_set.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let kind = workload.kind;
    if kind != Kind::StatefulSet {
        return Verdict::not_applicable(format!("a {kind} has no claim templates"));
    }
    if !workload.claim_templates.is_empty() {
        return Verdict::Pass;
    }
    let volumes = workload.template.spec.volumes.iter();
    let shared: Vec<_> = volumes
        .filter_map(|volume| volume.persistent_volume_claim())
        .map(|claim| &claim.claim_name)
        .collect();
    let effect = match shared.as_slice() {
        [] => "what its pods write is gone with each of them, and a Deployment would be rolled out faster"
            .to_owned(),
        [_] => format!("all of its pods write to claim {} instead of one each", quoted_list(shared)),
        _ => format!("all of its pods write to claims {} instead of one each", quoted_list(shared)),
    };
    let message = format!(
        "the StatefulSet has no volumeClaimTemplates: {effect}; add a template, or make it a Deployment"
    );
    Verdict::fail(Finding::new(message).field("spec.volumeClaimTemplates"))
}
