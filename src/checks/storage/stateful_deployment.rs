//! stateful-deployment: replicas that want one volume that only one node can have.

use crate::api::{Category, Level, Severity};
use crate::checks::support::claims::{Form, NO_CLAIM, claims_of, has_claims};
use crate::engine::{Check, Context, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "stateful-deployment",
    title: "Replicas do not share a volume that one node can mount",
    category: Category::Storage,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-19", "ST-20", "SE-01"],
    remediation: "Use a StatefulSet with volumeClaimTemplates, or a volume with access mode ReadWriteMany.",
    rule: &PerWorkload(judge),
    page: include_str!("stateful_deployment.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !matches!(workload.kind, Kind::Deployment | Kind::Rollout) {
        return Verdict::not_applicable("only the pods of a Deployment or Rollout share their claims");
    }
    if !has_claims(workload) {
        return Verdict::not_applicable(NO_CLAIM);
    }
    let Some(floor) = cx.floor(workload).filter(|floor| floor.replicas > 1) else { return Verdict::Pass };
    let findings = claims_of(cx, workload).into_iter().filter_map(|claim| {
        let Form::Named(Some(found)) = claim.form else { return None };
        found.access.single_node.then(|| {
            claim.finding(format!(
                "all its pods ({}) mount {}, which only one node at a time can mount: pods on another node never \
                 start, and those on the same one write over each other; use a StatefulSet with volumeClaimTemplates",
                floor.describe(),
                claim.words()
            ))
        })
    });
    findings.collect::<Vec<_>>().into()
}
