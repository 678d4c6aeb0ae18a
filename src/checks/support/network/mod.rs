//! What network policies of every API together do to pods.
//!
//! Not its job: verdicts, or reading policies (`model::network`).

pub(crate) mod applied;
pub(crate) mod dns;
pub(crate) mod near;
pub(crate) mod stance;
