//! Checks of networking and load balancing; each in a file of its own, with its page.

mod egress_not_restricted;
mod egress_policy_blocks_dns;
mod external_ip_claimed;
mod ingress_backend_missing;
mod ingress_host_claimed_twice;
mod ingress_host_unset;
mod ingress_without_fallback;
mod ingress_without_tls;
mod load_balancer_exposed;
mod missing_network_policy;
mod missing_service;
mod namespace_without_default_deny;
mod network_policy_peer_selects_nothing;
mod network_policy_selects_nothing;
mod no_uptime_probe;
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
    &missing_service::CHECK,
    &service_selects_nothing::CHECK,
    &service_target_port_unknown::CHECK,
    &service_session_state::CHECK,
    &ingress_backend_missing::CHECK,
    &ingress_without_tls::CHECK,
    &ingress_without_fallback::CHECK,
    &ingress_host_claimed_twice::CHECK,
    &ingress_host_unset::CHECK,
    &node_port_exposed::CHECK,
    &external_ip_claimed::CHECK,
    &load_balancer_exposed::CHECK,
    &missing_network_policy::CHECK,
    &egress_not_restricted::CHECK,
    &namespace_without_default_deny::CHECK,
    &egress_policy_blocks_dns::CHECK,
    &network_policy_selects_nothing::CHECK,
    &network_policy_peer_selects_nothing::CHECK,
    &stateful_set_without_headless_service::CHECK,
    &selector_collision::CHECK,
    &selector_does_not_match_template::CHECK,
    &no_uptime_probe::CHECK,
];
