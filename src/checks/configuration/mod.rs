//! Checks of configuration; each in a file of its own, with its page.

mod secret_in_environment;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[&secret_in_environment::CHECK];
