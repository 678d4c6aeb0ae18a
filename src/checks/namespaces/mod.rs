//! Checks of namespaces; each in a file of its own, with its page.

mod namespace_environment_unlabelled;
mod namespace_without_limit_range;
mod namespace_without_resource_quota;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &namespace_without_limit_range::CHECK,
    &namespace_without_resource_quota::CHECK,
    &namespace_environment_unlabelled::CHECK,
];
