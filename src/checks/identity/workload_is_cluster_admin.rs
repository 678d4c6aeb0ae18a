//! workload-is-cluster-admin: a container whose fall is the fall of the cluster.

use crate::api::{Category, Level, Severity};
use crate::checks::support::access::{Grant, grants_of};
use crate::checks::support::findings::Findings;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "workload-is-cluster-admin",
    title: "No workload may do everything",
    category: Category::Identity,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["RE-30", "HA-11", "PE"],
    remediation: "Bind the ServiceAccount to a role with only the verbs and resources that the program uses.",
    rule: &PerWorkload(judge),
    page: include_str!("workload_is_cluster_admin.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let account = workload.template.spec.service_account();
    let mut findings = Findings::default();
    for grant in grants_of(cx, &account) {
        findings.look(cx, || {
            grant.rules(cx).iter().any(|rule| rule.allows_all()).then(|| problem(cx, &grant, &account))
        });
    }
    findings.verdict()
}

fn problem(cx: &Context<'_>, grant: &Grant<'_>, account: &Text) -> Finding {
    let what = if grant.is_cluster_wide() { "the cluster" } else { "that namespace" };
    let finding = Finding::new(format!(
        "ServiceAccount '{account}' may do everything {} ({}), so whoever breaks into one of its containers owns {what}; \
         grant it a role with only what the program uses",
        grant.place(cx),
        grant.words()
    ));
    let finding = finding.object(grant.kind, &grant.binding.meta.name);
    if grant.is_cluster_wide() { finding } else { finding.severity(Severity::High) }
}
