//! Checks of delivery and labels; each in a file of its own, with its page.

mod default_namespace_used;
mod invalid_object;
mod missing_owner;
mod missing_recommended_labels;
mod not_delivered_by_pipeline;
mod removed_api_version;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &not_delivered_by_pipeline::CHECK,
    &missing_recommended_labels::CHECK,
    &removed_api_version::CHECK,
    &invalid_object::CHECK,
    &default_namespace_used::CHECK,
    &missing_owner::CHECK,
];
