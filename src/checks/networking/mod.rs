//! Checks of networking and load balancing; each in a file of its own, with its page.

mod missing_network_policy;
mod namespace_without_default_deny;
mod selector_does_not_match_template;
mod service_selects_nothing;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &service_selects_nothing::CHECK,
    &missing_network_policy::CHECK,
    &namespace_without_default_deny::CHECK,
    &selector_does_not_match_template::CHECK,
];
