//! workload-can-escalate: rights by which a program can get more rights.

use crate::api::{Category, Level, Severity};
use crate::checks::support::access::{Grant, grants_of};
use crate::checks::support::findings::Findings;
use crate::checks::support::powers::{powers_of, words_of};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "workload-can-escalate",
    title: "No workload has rights that lead to more rights",
    category: Category::Identity,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Take the rights that the program does not use out of its role, and narrow the others by name or namespace.",
    rule: &PerWorkload(judge),
    page: include_str!("workload_can_escalate.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let account = workload.template.spec.service_account();
    let mut findings = Findings::default();
    let mut over_all = None;
    for grant in grants_of(cx, &account) {
        findings.look(cx, || {
            let rules = grant.rules(cx);
            if rules.iter().any(|rule| rule.allows_all()) {
                over_all.get_or_insert_with(|| grant.words());
                return None;
            }
            let powers = powers_of(&rules, grant.is_cluster_wide());
            (!powers.is_empty()).then(|| problem(cx, &grant, &account, &words_of(&powers)))
        });
    }
    match (findings.verdict(), over_all) {
        // One cause is one finding, and this one has a check of its own.
        (Verdict::Pass, Some(words)) => {
            Verdict::not_applicable(format!("ServiceAccount '{account}' may do everything already ({words})"))
        }
        (verdict, _) => verdict,
    }
}

fn problem(cx: &Context<'_>, grant: &Grant<'_>, account: &Text, powers: &str) -> Finding {
    let finding = Finding::new(format!(
        "ServiceAccount '{account}' may {powers} {} ({}), so whoever breaks into one of its containers can get \
         more rights; grant it only what the program uses",
        grant.place(cx),
        grant.words()
    ));
    finding.object(grant.kind, &grant.binding.meta.name)
}
