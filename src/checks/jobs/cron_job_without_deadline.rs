//! cron-job-without-deadline: a run that starts hours after its time.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "cron-job-without-deadline",
    title: "CronJobs do not start runs long after their time",
    category: Category::Jobs,
    severity: Severity::Low,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Set startingDeadlineSeconds to how late a run may still start.",
    rule: &PerWorkload(judge),
    page: include_str!("cron_job_without_deadline.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let Some(cron) = workload.job.as_ref().and_then(|job| job.cron.as_ref()) else {
        return Verdict::not_applicable("only a CronJob has a schedule");
    };
    let message = "the CronJob has no startingDeadlineSeconds: a run that was missed while the control plane was away or \
                   the last run still went on is started later, at whatever hour that is; set it to how late a run may start";
    cron.starting_deadline_seconds
        .is_none()
        .then(|| Finding::new(message).field("spec.startingDeadlineSeconds"))
        .into()
}
