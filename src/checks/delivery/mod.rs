//! Checks of the category; each in a file of its own, with its page.

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[];
