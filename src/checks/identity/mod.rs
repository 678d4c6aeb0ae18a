//! Checks of identity and access; each in a file of its own, with its page.

mod dangling_role_binding;
mod default_service_account;
mod role_grants_escalation;
mod service_account_missing;
mod token_mounted_needlessly;
mod wildcard_role;
mod workload_can_escalate;
mod workload_is_cluster_admin;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &default_service_account::CHECK,
    &service_account_missing::CHECK,
    &token_mounted_needlessly::CHECK,
    &workload_is_cluster_admin::CHECK,
    &workload_can_escalate::CHECK,
    &wildcard_role::CHECK,
    &role_grants_escalation::CHECK,
    &dangling_role_binding::CHECK,
];
