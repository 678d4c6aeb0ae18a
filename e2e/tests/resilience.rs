//! What happens when things go wrong, against a real control plane: killed controllers, missing rights, objects that
//! make no sense, lost leaders; and that nothing happens when nothing does.
//!
//! Not here: whether verdicts are right (the parity test), or whether the rights suffice (`install.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "allowed in tests; clippy does not see that the helpers here are parts of them"
)]

mod support;

#[path = "resilience/churn.rs"]
mod churn;
#[path = "resilience/idle.rs"]
mod idle;
#[path = "resilience/leaders.rs"]
mod leaders;
#[path = "resilience/sight.rs"]
mod sight;
