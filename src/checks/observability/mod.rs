//! Checks of observability; each in a file of its own, with its page.

mod logs_to_files;
mod no_tracing;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[&no_tracing::CHECK, &logs_to_files::CHECK];
