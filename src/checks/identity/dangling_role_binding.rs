//! dangling-role-binding: bindings of what is not there.

use crate::api::{Category, Level, Severity};
use crate::checks::support::access::{is_bootstrap_cluster_role, is_bootstrap_role, is_of_the_system};
use crate::checks::support::findings::Findings;
use crate::engine::{Check, Context, Finding, NoParams, PerNamespace, Sees, Verdict};
use crate::model::{Binding, BindingSubject, Found, Kind, RoleRef, RoleRules, ServiceAccount};

pub(super) static CHECK: Check = Check {
    id: "dangling-role-binding",
    title: "Every RoleBinding binds a role and ServiceAccounts that exist",
    category: Category::Identity,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Correct the name, create what is missing, or delete the RoleBinding.",
    rule: &PerNamespace(judge),
    page: include_str!("dangling_role_binding.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams) -> Verdict {
    let mut bindings: Vec<Found<'_, Binding>> = cx.beside(Kind::RoleBinding);
    // The control plane makes some for accounts that not every cluster has.
    bindings.retain(|binding| !is_of_the_system(&binding.meta.name));
    if bindings.is_empty() {
        return Verdict::not_applicable(format!(
            "namespace '{}' has no RoleBinding of its own",
            cx.namespace()
        ));
    }
    let mut findings = Findings::default();
    for binding in bindings {
        findings.look(cx, || missing_role(cx, binding));
        for (index, subject) in binding.subjects.iter().enumerate() {
            findings.look(cx, || missing_account(cx, binding, (index, subject)));
        }
    }
    findings.verdict()
}

fn missing_role(cx: &Context<'_>, binding: Found<'_, Binding>) -> Option<Finding> {
    let role = &binding.role;
    let (kind, known) = match role.kind.as_str() {
        "ClusterRole" => (Kind::ClusterRole, is_bootstrap_cluster_role(&role.name)),
        _ => (Kind::Role, is_bootstrap_role(cx.namespace(), &role.name)),
    };
    if known || cx.named::<RoleRules>(kind, &role.name).is_some() {
        return None;
    }
    let near = if kind == Kind::Role { namesake(cx, role) } else { String::new() };
    let finding = Finding::new(format!(
        "RoleBinding '{}' binds {kind} '{}', which does not exist{near}: it grants nothing, until somebody makes a role of \
         that name; correct roleRef, create the role, or delete the binding",
        binding.meta.name, role.name
    ));
    Some(finding.object(Kind::RoleBinding, &binding.meta.name).field("roleRef"))
}

/// What the binding may have been meant for.
fn namesake(cx: &Context<'_>, role: &RoleRef) -> String {
    let cluster_role = || cx.named::<RoleRules>(Kind::ClusterRole, &role.name).is_some();
    if is_bootstrap_cluster_role(&role.name) || cx.seen(cluster_role) == Ok(true) {
        return " (there is a ClusterRole of that name)".to_owned();
    }
    match cx.beside_elsewhere(Kind::Role, &role.name).first() {
        Some(namespace) => format!(" (it does in namespace '{namespace}')"),
        None => String::new(),
    }
}

fn missing_account(
    cx: &Context<'_>,
    binding: Found<'_, Binding>,
    (index, subject): (usize, &BindingSubject),
) -> Option<Finding> {
    let name = &subject.name;
    // Kubernetes makes the account 'default' in every namespace.
    if subject.kind != "ServiceAccount" || *name == "default" {
        return None;
    }
    let own = subject.namespace.is_empty();
    let namespace = if own { cx.namespace() } else { &subject.namespace };
    if cx.named_in::<ServiceAccount>(Kind::ServiceAccount, namespace, name).is_some() {
        return None;
    }
    let near = match cx.beside_elsewhere(Kind::ServiceAccount, name).first() {
        Some(there) if there != &namespace => format!(" (there is one in namespace '{there}')"),
        _ => String::new(),
    };
    let finding = Finding::new(format!(
        "RoleBinding '{}' binds ServiceAccount '{name}' of namespace '{namespace}', which does not exist{near}: whoever may \
         create it there gets {} '{}'; correct the subject, or take it out",
        binding.meta.name, binding.role.kind, binding.role.name
    ));
    Some(finding.object(Kind::RoleBinding, &binding.meta.name).field(format!("subjects[{index}]")))
}
