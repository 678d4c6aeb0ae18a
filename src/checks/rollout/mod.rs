//! Checks of rollouts; each in a file of its own, with its page.

mod recreate_strategy;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[&recreate_strategy::CHECK];
