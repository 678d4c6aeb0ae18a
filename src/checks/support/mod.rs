//! What several checks share. Not its job: verdicts.

pub(super) mod selection;
pub(super) mod words;
