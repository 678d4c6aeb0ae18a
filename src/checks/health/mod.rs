//! Checks of health; each in a file of its own, with its page.

mod liveness_equals_readiness;
mod missing_liveness_probe;
mod missing_readiness_probe;
mod missing_startup_probe;
mod probe_port_unknown;
mod probe_too_eager;
mod workload_unavailable;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &missing_readiness_probe::CHECK,
    &missing_liveness_probe::CHECK,
    &missing_startup_probe::CHECK,
    &liveness_equals_readiness::CHECK,
    &probe_port_unknown::CHECK,
    &probe_too_eager::CHECK,
    &workload_unavailable::CHECK,
];
