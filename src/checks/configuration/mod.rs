//! Checks of configuration; each in a file of its own, with its page.

mod duplicate_environment_variable;
mod hard_coded_configuration;
mod missing_config_reference;
mod secret_as_environment_variable;
mod secret_in_config_map;
mod secret_in_environment;
mod secret_not_managed_externally;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &secret_in_environment::CHECK,
    &secret_in_config_map::CHECK,
    &secret_not_managed_externally::CHECK,
    &missing_config_reference::CHECK,
    &secret_as_environment_variable::CHECK,
    &hard_coded_configuration::CHECK,
    &duplicate_environment_variable::CHECK,
];
