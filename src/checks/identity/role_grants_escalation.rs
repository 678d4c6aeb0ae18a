//! role-grants-escalation: roles that wait for somebody to get more rights by them.

use crate::api::{Category, Level, Severity};
use crate::checks::support::access::is_of_the_system;
use crate::checks::support::powers::{Power, powers_of, words_of};
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Found, Kind, RoleRules};

pub(super) static CHECK: Check = Check {
    id: "role-grants-escalation",
    title: "No Role has rights that lead to more rights",
    category: Category::Identity,
    severity: Severity::Medium,
    profile: Level::Strict,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Take these rights out of the Role, or give them to people only, for as long as they need them.",
    rule: &PerNamespace(judge),
    page: include_str!("role_grants_escalation.md"),
};

/// What no Role should grant to whomever. Deploying is what Roles of pipelines are for, so that is not among it.
const JUDGED: &[Power] = &[
    Power::Bind,
    Power::Escalate,
    Power::Impersonate,
    Power::MakeTokens,
    Power::RunCommands,
    Power::ReadSecrets,
];

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let mut roles: Vec<Found<'_, RoleRules>> = cx.beside(Kind::Role);
    roles.retain(|role| !is_of_the_system(&role.meta.name));
    if roles.is_empty() {
        return Verdict::not_applicable(format!("namespace '{}' has no Role of its own", cx.namespace()));
    }
    roles.iter().filter_map(problem).collect::<Vec<_>>().into()
}

fn problem(role: &Found<'_, RoleRules>) -> Option<Finding> {
    let mut powers = powers_of(&role.rules.iter().collect::<Vec<_>>(), false);
    powers.retain(|power| JUDGED.contains(power));
    let name = &role.meta.name;
    (!powers.is_empty()).then(|| {
        let finding = Finding::new(format!(
            "Role '{name}' allows whoever it is bound to, now or later, to {}, and so to get more rights than it grants; \
             take that out, or narrow it by resourceNames",
            words_of(&powers)
        ));
        finding.object(Kind::Role, name).field("rules")
    })
}
