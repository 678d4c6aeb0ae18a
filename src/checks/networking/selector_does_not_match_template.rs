//! selector-does-not-match-template: a workload that does not recognise its own pods.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "selector-does-not-match-template",
    title: "A workload selects the pods that it makes",
    category: Category::Networking,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-18", "PE"],
    remediation: "Give the pod template all labels that the selector asks for.",
    rule: &PerWorkload(judge),
    page: include_str!("selector_does_not_match_template.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let kind = workload.kind;
    let Some(selector) = &workload.selector else {
        return match kind {
            Kind::Pod | Kind::CronJob => Verdict::not_applicable(format!("a {kind} has no selector")),
            // It uses the selector of the workload whose template it uses.
            Kind::Rollout if workload.template_ref.is_some() => Verdict::Pass,
            Kind::Declared(_) => Verdict::not_applicable(format!("whether a {kind} has a selector is its own affair")),
            // The API server makes one that fits.
            Kind::Job | Kind::ReplicationController => Verdict::Pass,
            _ => Verdict::fail(
                Finding::new(format!(
                    "the {kind} has no selector, so that the API server refuses it; set spec.selector.matchLabels to labels of \
                     its pod template"
                ))
                .field("spec.selector"),
            ),
        };
    };
    // One without labels of its own is given the template's.
    let defaulted = kind == Kind::ReplicationController && selector.is_empty();
    if defaulted || selector.matches_template(workload.pod_labels()) {
        return Verdict::Pass;
    }
    let missing = selector.missing_keys(workload.pod_labels());
    let what = match missing.len() {
        0 => "cannot match anything".to_owned(),
        1 => format!("differs from its pod template in label {}", quoted_list(missing)),
        _ => format!("differs from its pod template in labels {}", quoted_list(missing)),
    };
    let message = format!(
        "the selector of the {kind} {what}: the API server refuses it, or the controller makes pods without end that it does \
         not recognise; give both the same labels"
    );
    Verdict::fail(Finding::new(message).field(workload.selector_path()))
}
