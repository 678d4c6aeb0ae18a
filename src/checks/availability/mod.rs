//! Checks of availability; each in a file of its own, with its page.

mod bare_pod;
mod missing_pod_disruption_budget;
mod missing_priority_class;
mod overlapping_pod_disruption_budgets;
mod pdb_blocks_eviction;
mod pdb_selects_nothing;
mod pdb_traps_unhealthy_pods;
mod replicas_not_spread;
mod workload_not_separated;
mod zones_not_spread;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &missing_pod_disruption_budget::CHECK,
    &pdb_blocks_eviction::CHECK,
    &overlapping_pod_disruption_budgets::CHECK,
    &pdb_selects_nothing::CHECK,
    &pdb_traps_unhealthy_pods::CHECK,
    &replicas_not_spread::CHECK,
    &zones_not_spread::CHECK,
    &bare_pod::CHECK,
    &missing_priority_class::CHECK,
    &workload_not_separated::CHECK,
];
