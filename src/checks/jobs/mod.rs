//! Checks of Jobs and CronJobs; each in a file of its own, with its page.

mod cron_job_overlaps;
mod cron_job_schedule_invalid;
mod cron_job_without_deadline;
mod job_never_cleaned_up;
mod job_never_ends;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &cron_job_without_deadline::CHECK,
    &cron_job_overlaps::CHECK,
    &job_never_ends::CHECK,
    &job_never_cleaned_up::CHECK,
    &cron_job_schedule_invalid::CHECK,
];
