//! cron-job-schedule-invalid: a CronJob that never runs.

use crate::api::{Category, Level, Severity};
use crate::data::{is_time_zone, time_zone_like};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{CronSettings, Schedule, Workload};

pub(super) static CHECK: Check = Check {
    id: "cron-job-schedule-invalid",
    title: "CronJobs have a schedule and a time zone that Kubernetes can read",
    category: Category::Jobs,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Write five fields (minute, hour, day of month, month, day of week) and a time zone of the IANA database.",
    rule: &PerWorkload(judge),
    page: include_str!("cron_job_schedule_invalid.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let Some(cron) = workload.job.as_ref().and_then(|job| job.cron.as_ref()) else {
        return Verdict::not_applicable("only a CronJob has a schedule");
    };
    schedule(cron).into_iter().chain(time_zone(cron)).collect::<Vec<_>>().into()
}

fn schedule(cron: &CronSettings) -> Option<Finding> {
    let text = &cron.schedule;
    let message = match Schedule::parse(text, is_time_zone) {
        Err(problem) => format!(
            "schedule '{text}' cannot be read: {problem}; no run ever starts; write minute, hour, day of month, month and \
             day of week, as in '0 3 * * *'"
        ),
        // It can be read, and runs where it is; since 1.29 the API server lets no new one in.
        Ok(_) if text.contains("TZ") => format!(
            "schedule '{text}' sets a time zone, which the API server refuses in every new CronJob; move it to timeZone"
        ),
        Ok(_) => return None,
    };
    Some(Finding::new(message).field("spec.schedule"))
}

fn time_zone(cron: &CronSettings) -> Option<Finding> {
    let zone = cron.time_zone.as_ref()?;
    if is_time_zone(zone) {
        return None;
    }
    let hint = match time_zone_like(zone) {
        Some(meant) => format!("write '{meant}'"),
        None => "write a name of the IANA database, such as 'Europe/Berlin' or 'Etc/UTC'".to_owned(),
    };
    let message =
        format!("there is no time zone '{zone}': the API server refuses it, and no run ever starts; {hint}");
    Some(Finding::new(message).field("spec.timeZone"))
}
