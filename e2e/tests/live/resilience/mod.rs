//! What happens when things go wrong, against a real control plane: killed controllers, missing rights, objects that
//! make no sense, lost leaders; and that nothing happens when nothing does.
//!
//! Not here: whether verdicts are right (the parity test), or whether the rights suffice (`install.rs`).

mod churn;
mod idle;
mod leaders;
mod sight;
