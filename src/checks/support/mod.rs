//! What several checks share. Not its job: verdicts.

pub(super) mod exposure;
pub(super) mod network;
pub(super) mod pause;
pub(super) mod secrets;
pub(super) mod selection;
pub(super) mod serving;
pub(super) mod sizing;
pub(super) mod words;
