//! job-never-ends: a job that hangs and that nothing stops.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Kind, Workload};

pub(super) static CHECK: Check = Check {
    id: "job-never-ends",
    title: "Jobs are stopped when they take too long",
    category: Category::Jobs,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Set activeDeadlineSeconds to a few times what the work takes.",
    rule: &PerWorkload(judge),
    page: include_str!("job_never_ends.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let Some(job) = &workload.job else {
        return Verdict::not_applicable(format!("a {} has no deadline of a Job", workload.kind));
    };
    // A pod that is stopped by its own deadline counts as failed, and a Job ends after so many failures.
    if job.active_deadline_seconds.or(workload.template.spec.active_deadline_seconds).is_some() {
        return Verdict::Pass;
    }
    let (subject, field) = match workload.kind {
        Kind::CronJob => ("a run of the CronJob", "spec.jobTemplate.spec.activeDeadlineSeconds"),
        _ => ("the Job", "spec.activeDeadlineSeconds"),
    };
    let message = format!(
        "{subject} has no activeDeadlineSeconds: when its program hangs, it holds its node's room and its locks until \
         somebody notices; set it to a few times what the work takes"
    );
    Verdict::fail(Finding::new(message).field(field))
}
