//! Checks of storage and state; each in a file of its own, with its page.

mod ephemeral_stateful_set;
mod unbounded_empty_dir;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[&ephemeral_stateful_set::CHECK, &unbounded_empty_dir::CHECK];
