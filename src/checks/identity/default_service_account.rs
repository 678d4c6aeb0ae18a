//! default-service-account: an identity that a workload shares with every other of its namespace.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "default-service-account",
    title: "Every workload runs as a ServiceAccount of its own",
    category: Category::Identity,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Create a ServiceAccount for the workload and name it in serviceAccountName.",
    rule: &PerWorkload(judge),
    page: include_str!("default_service_account.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if workload.template.spec.service_account() != "default" {
        return Verdict::Pass;
    }
    let finding = Finding::new(
        "its pods run as ServiceAccount 'default', as does every pod of the namespace that names none: a role that is \
         granted to one of them is granted to all; create a ServiceAccount for it and name that in serviceAccountName",
    );
    Verdict::fail(finding.field(workload.pod_field("serviceAccountName")))
}
