//! Checks of availability; each in a file of its own, with its page.

mod bare_pod;
mod missing_pod_disruption_budget;
mod pdb_blocks_eviction;
mod replicas_not_spread;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &missing_pod_disruption_budget::CHECK,
    &pdb_blocks_eviction::CHECK,
    &replicas_not_spread::CHECK,
    &bare_pod::CHECK,
];
