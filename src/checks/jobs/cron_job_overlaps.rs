//! cron-job-overlaps: two runs of one CronJob at a time.

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "cron-job-overlaps",
    title: "Runs of a CronJob do not overlap",
    category: Category::Jobs,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Set concurrencyPolicy to Forbid, or to Replace where only the newest run counts.",
    rule: &PerWorkload(judge),
    page: include_str!("cron_job_overlaps.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let Some(cron) = workload.job.as_ref().and_then(|job| job.cron.as_ref()) else {
        return Verdict::not_applicable("only a CronJob has a schedule");
    };
    // What the API server fills in.
    let allows = cron.concurrency_policy.is_empty() || cron.concurrency_policy == "Allow";
    let message = "concurrencyPolicy is Allow, the default: a run that takes longer than usual is joined by the next, both \
                   work on the same data, and slow runs pile up until the node is full; set it to Forbid or Replace";
    allows.then(|| Finding::new(message).field("spec.concurrencyPolicy")).into()
}
