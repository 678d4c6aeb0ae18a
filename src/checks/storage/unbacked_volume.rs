//! unbacked-volume: data that nobody could bring back.

use crate::api::{Category, Level, Severity};
use crate::checks::support::backups::{KINDS, is_covered, near_schedule};
use crate::checks::support::claims::{NO_CLAIM, claims_of};
use crate::engine::{Check, Context, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "unbacked-volume",
    title: "Every volume is backed up",
    category: Category::Storage,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-23"],
    remediation: "Let a Velero or K8up Schedule, a ReplicationSource or a ScheduledBackup cover the claim.",
    rule: &PerWorkload(judge),
    page: include_str!("unbacked_volume.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    // The backups first: where they cover a claim whatever it is like, nobody has to see it.
    let mut claims = Vec::new();
    let unseen = cx.seen(|| claims = claims_of(cx, workload)).err();
    claims.retain(|claim| !claim.is_ephemeral());
    if claims.is_empty() {
        return Verdict::not_applicable(NO_CLAIM);
    }
    if !KINDS.iter().any(|kind| cx.serves(*kind)) {
        return Verdict::unknown(
            "nothing is known here that backs volumes up: no Velero, K8up, VolSync or CloudNativePG",
        );
    }
    claims.retain(|claim| !is_covered(cx, workload, claim));
    if let (false, Some(why)) = (claims.is_empty(), unseen) {
        return Verdict::unknown(why.to_string());
    }
    let findings = claims.iter().map(|claim| {
        let near = near_schedule(cx, workload, claim).map(|near| format!(" ({near})")).unwrap_or_default();
        claim.finding(format!(
            "no Velero Schedule, K8up Schedule, ReplicationSource or ScheduledBackup covers {}{near}: what is deleted or \
             overwritten by mistake is lost for good; back it up",
            claim.words()
        ))
    });
    findings.collect::<Vec<_>>().into()
}
