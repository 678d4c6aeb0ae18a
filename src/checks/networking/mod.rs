//! Checks of networking and load balancing; each in a file of its own, with its page.

mod egress_not_restricted;
mod egress_policy_blocks_dns;
mod external_ip_claimed;
mod missing_network_policy;
mod missing_service;
mod namespace_without_default_deny;
mod node_port_exposed;
mod selector_collision;
mod selector_does_not_match_template;
mod service_selects_nothing;
mod service_session_state;
mod service_target_port_unknown;
mod stateful_set_without_headless_service;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &service_selects_nothing::CHECK,
    &missing_network_policy::CHECK,
    &namespace_without_default_deny::CHECK,
    &egress_not_restricted::CHECK,
    &service_target_port_unknown::CHECK,
    &node_port_exposed::CHECK,
    &external_ip_claimed::CHECK,
    &selector_collision::CHECK,
    &stateful_set_without_headless_service::CHECK,
    &missing_service::CHECK,
    &service_session_state::CHECK,
    &egress_policy_blocks_dns::CHECK,
    &selector_does_not_match_template::CHECK,
];
