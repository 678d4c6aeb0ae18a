//! Checks of configuration; each in a file of its own, with its page.

mod duplicate_environment_variable;
mod hard_coded_configuration;
mod secret_as_environment_variable;
mod secret_in_environment;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &secret_in_environment::CHECK,
    &secret_as_environment_variable::CHECK,
    &hard_coded_configuration::CHECK,
    &duplicate_environment_variable::CHECK,
];
