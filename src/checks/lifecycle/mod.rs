//! Checks of how pods end; each in a file of its own, with its page.

mod grace_period_too_short;
mod missing_prestop_hook;
mod shell_swallows_signals;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] =
    &[&missing_prestop_hook::CHECK, &grace_period_too_short::CHECK, &shell_swallows_signals::CHECK];
