//! What several checks share. Not its job: verdicts.

pub(super) mod secrets;
pub(super) mod words;
