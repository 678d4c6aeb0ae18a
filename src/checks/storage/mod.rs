//! Checks of storage and state; each in a file of its own, with its page.

mod ephemeral_stateful_set;
mod local_volume_without_replicas;
mod stateful_deployment;
mod storage_class_missing;
mod storage_class_unset;
mod unbacked_volume;
mod unbounded_empty_dir;
mod volume_deleted_with_claim;
mod volume_not_expandable;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &stateful_deployment::CHECK,
    &unbacked_volume::CHECK,
    &ephemeral_stateful_set::CHECK,
    &storage_class_unset::CHECK,
    &storage_class_missing::CHECK,
    &volume_not_expandable::CHECK,
    &unbounded_empty_dir::CHECK,
    &local_volume_without_replicas::CHECK,
    &volume_deleted_with_claim::CHECK,
];
