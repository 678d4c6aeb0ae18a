//! What rests on things far away, which touch nobody when they change: it is looked at again now and then.
//!
//! Not its job: what that is (`model::Relations`).

use jiff::{SignedDuration, Timestamp};

use super::super::queue::Lane;
use super::Pipeline;
use crate::model::SubjectKey;

/// Findings whose wording rests on what is elsewhere are looked at again at most so often.
const HINTS_EVERY: SignedDuration = SignedDuration::from_secs(5);

impl Pipeline {
    /// Notes whether what was found of a subject rests on what is elsewhere.
    pub(super) fn hint(&mut self, key: &SubjectKey, hinted: bool) {
        if hinted {
            self.hinted.insert(key.clone());
        } else {
            self.hinted.remove(key);
        }
    }

    /// Puts the hinted into the background lane, if that is due.
    pub(super) fn hints_are_due(&mut self, now: Timestamp) -> bool {
        if !self.hints_stale || self.hints_not_before.is_some_and(|at| now < at) {
            return false;
        }
        self.hints_stale = false;
        self.hints_not_before = now.saturating_add(HINTS_EVERY).ok();
        for key in &self.hinted {
            self.queue.push(key.clone(), Lane::Background);
        }
        !self.hinted.is_empty()
    }
}
