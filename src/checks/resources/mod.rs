//! Checks of requests and limits; each in a file of its own, with its page.

mod autoscalers_conflict;
mod cpu_limit_ratio;
mod critical_workload_not_guaranteed;
mod memory_limit_ratio;
mod missing_cpu_limit;
mod missing_cpu_request;
mod missing_ephemeral_storage;
mod missing_memory_limit;
mod missing_memory_request;
mod no_resource_recommendation;
mod request_far_from_recommendation;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &missing_cpu_request::CHECK,
    &missing_memory_request::CHECK,
    &missing_memory_limit::CHECK,
    &missing_cpu_limit::CHECK,
    &memory_limit_ratio::CHECK,
    &cpu_limit_ratio::CHECK,
    &critical_workload_not_guaranteed::CHECK,
    &missing_ephemeral_storage::CHECK,
    &request_far_from_recommendation::CHECK,
    &no_resource_recommendation::CHECK,
    &autoscalers_conflict::CHECK,
];
