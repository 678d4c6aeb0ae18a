//! token-mounted-needlessly: a key to the API server for programs that may do nothing there.

use crate::api::{Category, Level, Severity};
use crate::checks::support::access::grants_of;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Binding, BindingSubject, Found, Kind, ServiceAccount, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "token-mounted-needlessly",
    title: "A token is mounted only where its ServiceAccount has a role",
    category: Category::Identity,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["RE-30", "HA-11", "PE"],
    remediation: "Set automountServiceAccountToken: false in the pod template or in the ServiceAccount.",
    rule: &PerWorkload(judge),
    page: include_str!("token_mounted_needlessly.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    if spec.automount_service_account_token == Some(false) {
        return Verdict::Pass;
    }
    let account = spec.service_account();
    // First what teams write: a role settles it, and then nobody has to know the ServiceAccount.
    if grants_of(cx, &account).iter().any(|grant| !grant.is_default()) {
        return Verdict::Pass;
    }
    let asked_for = spec.automount_service_account_token == Some(true);
    let found = || cx.named::<ServiceAccount>(Kind::ServiceAccount, &account);
    if !asked_for && found().is_some_and(|found| found.automount_service_account_token == Some(false)) {
        return Verdict::Pass;
    }
    let near = near_grant(cx, &account).unwrap_or_default();
    let finding = Finding::new(format!(
        "a token of ServiceAccount '{account}' is mounted into its containers, though no binding grants the account a role\
         {near}: it only helps whoever breaks in; set automountServiceAccountToken: false"
    ));
    Verdict::fail(finding.field(workload.pod_field("automountServiceAccountToken")))
}

/// A binding that somebody may have meant for the account, and why it does not count.
fn near_grant(cx: &Context<'_>, account: &Text) -> Option<String> {
    let bindings: Vec<Found<'_, Binding>> = cx.beside(Kind::RoleBinding);
    bindings.into_iter().find_map(|binding| {
        let namesake = |s: &&BindingSubject| s.kind == "ServiceAccount" && s.name == *account;
        let subject = binding.facts.subjects.iter().find(namesake)?;
        let (name, theirs) = (&binding.meta.name, &subject.namespace);
        Some(format!(" (RoleBinding '{name}' names the one of namespace '{theirs}')"))
    })
}
