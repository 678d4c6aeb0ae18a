//! Remediation on a real control plane: what is made, for whom, how it makes room, and that nobody is worse off for it.
//!
//! Not here: the plans themselves (`tests/remedy`), or what only takes time (`controller::remediation_tests`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "allowed in tests; clippy does not see that the helpers here are parts of them"
)]

#[path = "../support/stand_in.rs"]
mod stand_in;
#[path = "../support/mod.rs"]
mod support;

mod consent;
mod endings;
mod pace;
mod reverts;
mod world;
mod yields;
