//! service-account-missing: pods that are refused because their ServiceAccount is not there.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, ServiceAccount, Workload};

pub(super) static CHECK: Check = Check {
    id: "service-account-missing",
    title: "Every workload names a ServiceAccount that exists",
    category: Category::Identity,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["PE"],
    remediation: "Create the ServiceAccount in the workload's namespace, or correct its name.",
    rule: &PerWorkload(judge),
    page: include_str!("service_account_missing.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let account = workload.template.spec.service_account();
    // Kubernetes makes it in every namespace, and makes it again when somebody deletes it.
    if account == "default" || cx.named::<ServiceAccount>(Kind::ServiceAccount, &account).is_some() {
        return Verdict::Pass;
    }
    let elsewhere = cx.beside_elsewhere(Kind::ServiceAccount, &account);
    let near = match elsewhere.as_slice() {
        [] => String::new(),
        [one] => format!(" (there is one in namespace '{one}')"),
        many => format!(" (there is one in namespaces {})", quoted_list(many.iter().take(3))),
    };
    let finding = Finding::new(format!(
        "namespace '{}' has no ServiceAccount '{account}'{near}, so the API server refuses every pod of the workload; \
         create it, or correct serviceAccountName",
        cx.namespace()
    ));
    Verdict::fail(finding.field(workload.pod_field("serviceAccountName")))
}
