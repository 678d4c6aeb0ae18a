//! volume-not-expandable: volumes that cannot grow.

use crate::api::{Category, Level, Severity};
use crate::checks::support::claims::{NO_CLAIM, claims_of, has_claims};
use crate::checks::support::findings::Findings;
use crate::engine::{Check, Context, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "volume-not-expandable",
    title: "Volumes can be expanded",
    category: Category::Storage,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["SE-22", "ST-26"],
    remediation: "Use a StorageClass with allowVolumeExpansion: true.",
    rule: &PerWorkload(judge),
    page: include_str!("volume_not_expandable.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !has_claims(workload) {
        return Verdict::not_applicable(NO_CLAIM);
    }
    let mut findings = Findings::default();
    // What ends with its pod need not grow.
    for claim in claims_of(cx, workload).iter().filter(|claim| !claim.is_ephemeral()) {
        findings.look(cx, || {
            let class = claim.class(cx).found().filter(|class| !class.allow_volume_expansion)?;
            Some(claim.finding(format!(
                "{} gets its volume from StorageClass '{}', which has no allowVolumeExpansion: when it is full, it can only be \
                 replaced and everything copied; set allowVolumeExpansion: true, or use a class that has it",
                claim.words(),
                class.meta.name
            )))
        });
    }
    findings.verdict()
}
