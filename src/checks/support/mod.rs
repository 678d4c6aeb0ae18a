//! What several checks share. Not its job: verdicts.

pub(super) mod access;
pub(super) mod findings;
pub(super) mod pause;
pub(super) mod powers;
pub(super) mod references;
pub(super) mod secrets;
pub(super) mod selection;
pub(super) mod serving;
pub(super) mod sizing;
pub(super) mod words;
