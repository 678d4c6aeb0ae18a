//! storage-class-unset: volumes of whatever kind the cluster gives.

use crate::api::{Category, Level, Severity};
use crate::checks::support::claims::{NO_CLAIM, claims_of, has_claims};
use crate::engine::{Check, Context, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "storage-class-unset",
    title: "Every claim names its StorageClass",
    category: Category::Storage,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["ST-26", "PE"],
    remediation: "Set storageClassName; to '' where the volume is made by hand.",
    rule: &PerWorkload(judge),
    page: include_str!("storage_class_unset.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !has_claims(workload) {
        return Verdict::not_applicable(NO_CLAIM);
    }
    let claims = claims_of(cx, workload).into_iter();
    let findings = claims.filter(|claim| claim.written_class() == Some(None)).map(|claim| {
        claim.finding(format!(
            "{} names no StorageClass, so it gets the default of whatever cluster it is made in, or waits where there is none: \
             speed, copies and what deletion does are left to chance; set storageClassName",
            claim.words()
        ))
    });
    findings.collect::<Vec<_>>().into()
}
