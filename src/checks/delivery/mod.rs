//! Checks of delivery and labels; each in a file of its own, with its page.

mod default_namespace_used;
mod missing_owner;
mod missing_recommended_labels;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] =
    &[&missing_recommended_labels::CHECK, &default_namespace_used::CHECK, &missing_owner::CHECK];
