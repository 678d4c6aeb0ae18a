//! Checks of requests and limits; each in a file of its own, with its page.

mod memory_limit_ratio;
mod missing_cpu_request;
mod missing_memory_limit;
mod missing_memory_request;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &missing_cpu_request::CHECK,
    &missing_memory_request::CHECK,
    &missing_memory_limit::CHECK,
    &memory_limit_ratio::CHECK,
];
