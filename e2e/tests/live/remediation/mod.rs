//! Remediation on a real control plane: what is made, for whom, how it makes room, and that nobody is worse off for it.
//!
//! Not here: the plans themselves (`tests/remedy`), or what only takes time (`controller::remediation_tests`).

mod case;
mod consent;
mod endings;
mod evictions;
mod pace;
mod reverts;
mod targets;
mod world;
mod yields;
