//! Checks of observability; each in a file of its own, with its page.

mod logs_to_files;
mod metrics_not_scraped;
mod monitor_selects_nothing;
mod no_alert_rules;
mod no_dashboard;
mod no_service_level_objective;
mod no_tracing;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &metrics_not_scraped::CHECK,
    &monitor_selects_nothing::CHECK,
    &no_alert_rules::CHECK,
    &no_dashboard::CHECK,
    &no_service_level_objective::CHECK,
    &no_tracing::CHECK,
    &logs_to_files::CHECK,
];
