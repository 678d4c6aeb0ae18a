//! What several checks share. Not its job: verdicts.

pub(super) mod words;
