//! Tests against a real control plane, each file a module of this one program: it is linked once, and what waits in
//! one test is time for another. Each test has a cluster of its own, and shares with its neighbours only the machine.
//!
//! Not its job: what needs no cluster (`tests/`), or the cluster itself (`e2e/src`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "allowed in tests; clippy does not see that the helpers here are parts of them"
)]

mod api;
mod attestations;
mod commands;
mod custom_checks;
mod declared;
mod demo;
mod disruption;
mod effective;
mod embedded;
mod exemptions;
mod install;
mod oracle;
mod parity;
mod policies;
mod relations;
mod remediation;
mod remediation_network;
mod resilience;
mod support;
