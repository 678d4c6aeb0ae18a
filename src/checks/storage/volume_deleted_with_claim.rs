//! volume-deleted-with-claim: data that goes with the object that named it.

use crate::api::{Category, Level, Severity};
use crate::checks::support::claims::{claims_of, has_claims};
use crate::checks::support::findings::Findings;
use crate::engine::{Check, Context, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "volume-deleted-with-claim",
    title: "Volumes of StatefulSets outlive their claims",
    category: Category::Storage,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["ST-25"],
    remediation: "Use a StorageClass with reclaimPolicy: Retain.",
    rule: &PerWorkload(judge),
    page: include_str!("volume_deleted_with_claim.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if workload.kind != Kind::StatefulSet || !has_claims(workload) {
        return Verdict::not_applicable("it is no StatefulSet with claims");
    }
    let mut findings = Findings::default();
    for claim in claims_of(cx, workload).iter().filter(|claim| !claim.is_ephemeral()) {
        findings.look(cx, || {
            let class = claim.class(cx).found().filter(|class| class.reclaim_policy == "Delete")?;
            Some(claim.finding(format!(
                "{} gets its volume from StorageClass '{}', whose reclaimPolicy is Delete: whoever deletes the claim, or its \
                 namespace, deletes the data; use a class with reclaimPolicy: Retain",
                claim.words(),
                class.meta.name
            )))
        });
    }
    findings.verdict()
}
