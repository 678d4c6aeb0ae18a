//! storage-class-missing: claims that wait for a volume that nobody makes.

use crate::api::{Category, Level, Severity};
use crate::checks::support::claims::{Claim, ClassOf, Form, NO_CLAIM, claims_of, has_claims};
use crate::checks::support::findings::Findings;
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Found, Kind, StorageClass, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "storage-class-missing",
    title: "Every StorageClass that a claim names exists",
    category: Category::Storage,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Name a StorageClass that the cluster has, or create it.",
    rule: &PerWorkload(judge),
    page: include_str!("storage_class_missing.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !has_claims(workload) {
        return Verdict::not_applicable(NO_CLAIM);
    }
    let mut findings = Findings::default();
    for claim in claims_of(cx, workload) {
        // A volume was chosen by name, or found already: then nobody asks the class.
        if !matches!(claim.form, Form::Named(Some(found)) if found.has_volume) {
            findings.look(cx, || problem(cx, &claim));
        }
    }
    findings.verdict()
}

fn problem(cx: &Context<'_>, claim: &Claim<'_>) -> Option<Finding> {
    let ClassOf::Named(name, None) = claim.class(cx) else { return None };
    Some(claim.finding(format!(
        "{} asks for StorageClass '{name}', which the cluster does not have{}: no volume is made for it, and its pods wait \
         in Pending; name one that exists, or create it",
        claim.words(),
        others(cx, name)
    )))
}

/// The classes that there are.
fn others(cx: &Context<'_>, name: &Text) -> String {
    let classes: Vec<Found<'_, StorageClass>> = cx.reaching(Kind::StorageClass);
    let mut names: Vec<&Text> = classes.iter().map(|class| &class.meta.name).collect();
    // The likeliest first; a cluster has few.
    names.sort_by_key(|known| (!known.contains(name.as_str()) && !name.contains(known.as_str()), *known));
    names.truncate(3);
    if names.is_empty() { String::new() } else { format!(" (it has {})", quoted_list(names)) }
}
