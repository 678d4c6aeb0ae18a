//! secret-not-managed-externally: Secrets that people make and keep by hand.

use crate::api::{Category, Level, Severity};
use crate::checks::support::references::{is_made, references_of};
use crate::engine::{Check, Context, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "secret-not-managed-externally",
    title: "Every Secret that a workload uses is made by a tool, not by hand",
    category: Category::Configuration,
    severity: Severity::Medium,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["RE-18"],
    remediation: "Let an ExternalSecret, a SealedSecret or another tool make the Secret.",
    rule: &PerWorkload(judge),
    page: include_str!("secret_not_managed_externally.md"),
};

/// The kinds that make Secrets.
const MAKERS: &[Kind] =
    &[Kind::ExternalSecret, Kind::SealedSecret, Kind::SecretProviderClass, Kind::Certificate];

/// Pods with this annotation get their secrets from Vault, by its agent.
const VAULT: &str = "vault.hashicorp.com/agent-inject";

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let mut references = references_of(workload);
    references.retain(|reference| reference.kind == Kind::Secret);
    if references.is_empty() {
        return Verdict::not_applicable("it refers to no Secret");
    }
    if workload.template.metadata.annotations.get(VAULT).is_some_and(|value| *value == "true") {
        return Verdict::Pass;
    }
    if !MAKERS.iter().any(|kind| cx.serves(*kind)) {
        return Verdict::not_applicable(
            "nothing is there that could make Secrets: no External Secrets, Sealed Secrets, Secrets Store driver or cert-manager",
        );
    }
    let by_hand = references.iter().filter(|reference| !is_made(cx, reference.name));
    let finding = by_hand.map(|reference| {
        let message = format!(
            "Secret '{}', which {} uses, is made by no ExternalSecret, SealedSecret, SecretProviderClass, Certificate or known \
             operator: nobody can say where its value comes from, and nothing rotates it; let one of them make it",
            reference.name, reference.by
        );
        reference.finding(workload, message)
    });
    finding.collect::<Vec<_>>().into()
}
