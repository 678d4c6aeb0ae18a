//! Checks of rollouts; each in a file of its own, with its page.

mod no_min_ready_seconds;
mod no_progressive_delivery;
mod no_rollback_history;
mod recreate_strategy;
mod rollout_deadlocks_on_volume;
mod rollout_drops_capacity;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &recreate_strategy::CHECK,
    &rollout_deadlocks_on_volume::CHECK,
    &rollout_drops_capacity::CHECK,
    &no_rollback_history::CHECK,
    &no_progressive_delivery::CHECK,
    &no_min_ready_seconds::CHECK,
];
