//! wildcard-role: roles that allow what nobody has thought of.

use crate::api::{Category, Level, Severity};
use crate::checks::support::access::is_of_the_system;
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Found, Kind, PolicyRule, RoleRules, Text};

pub(super) static CHECK: Check = Check {
    id: "wildcard-role",
    title: "Roles name the verbs and resources that they allow",
    category: Category::Identity,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["RE-30", "HA-11", "PE"],
    remediation: "List the verbs and resources that are used in place of '*'.",
    rule: &PerNamespace(judge),
    page: include_str!("wildcard_role.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let mut roles: Vec<Found<'_, RoleRules>> = cx.beside(Kind::Role);
    roles.retain(|role| !is_of_the_system(&role.meta.name));
    if roles.is_empty() {
        return Verdict::not_applicable(format!("namespace '{}' has no Role of its own", cx.namespace()));
    }
    roles.iter().filter_map(wildcard).collect::<Vec<_>>().into()
}

/// The first rule of a role with a wildcard; one finding a role, since one look at it mends all.
fn wildcard(role: &Found<'_, RoleRules>) -> Option<Finding> {
    let every = |list: &[Text]| list.iter().any(|item| *item == "*");
    let of = |rule: &PolicyRule| match (every(&rule.verbs), every(&rule.resources)) {
        (true, true) => Some(("verbs", "every verb on every resource".to_owned())),
        (true, false) => Some(("verbs", format!("every verb on {}", some(&rule.resources, "resources")))),
        (false, true) => Some(("resources", format!("{} on every resource", some(&rule.verbs, "verbs")))),
        (false, false) => None,
    };
    let mut rules = role.rules.iter().enumerate();
    let (index, (list, what)) = rules.find_map(|(index, rule)| Some((index, of(rule)?)))?;
    let name = &role.meta.name;
    let finding = Finding::new(format!(
        "Role '{name}' allows {what} by '*', which also grants what nobody has thought of and what a later version \
         brings; list the verbs and resources that are used"
    ));
    Some(finding.object(Kind::Role, name).field(format!("rules[{index}].{list}")))
}

/// A short list as it is, of a long one the length.
fn some(items: &[Text], noun: &str) -> String {
    if items.len() <= 3 { quoted_list(items) } else { format!("{} {noun}", items.len()) }
}
