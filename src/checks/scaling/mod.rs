//! Checks of scaling; each in a file of its own, with its page.

mod autoscaler_cannot_scale;
mod autoscaler_fights_manifest;
mod autoscaler_scales_down_at_once;
mod autoscaler_target_missing;
mod autoscaler_without_requests;
mod duplicate_autoscaler;
mod missing_autoscaler;
mod too_few_replicas;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &too_few_replicas::CHECK,
    &missing_autoscaler::CHECK,
    &autoscaler_cannot_scale::CHECK,
    &autoscaler_target_missing::CHECK,
    &autoscaler_without_requests::CHECK,
    &autoscaler_fights_manifest::CHECK,
    &autoscaler_scales_down_at_once::CHECK,
    &duplicate_autoscaler::CHECK,
];
