//! Checks of scaling; each in a file of its own, with its page.

mod autoscaler_target_missing;
mod missing_autoscaler;
mod too_few_replicas;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] =
    &[&too_few_replicas::CHECK, &missing_autoscaler::CHECK, &autoscaler_target_missing::CHECK];
