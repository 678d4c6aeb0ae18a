//! What a check may look at: the relations of its subject, and the time.

use std::cell::Cell;
use std::ops::Deref;

use jiff::{SignedDuration, Timestamp};

use crate::api::Evidence;
use crate::model::{Inventory, Relations, Text};

/// What a check may look at. The time is passed in; the earliest instant at which an answer about time would
/// change is remembered, so that the subject is looked at again just then.
#[derive(Debug)]
pub struct Context<'a> {
    relations: Relations<'a>,
    now: Timestamp,
    recheck_at: Cell<Option<Timestamp>>,
    evidence: Cell<Option<Evidence>>,
}

impl<'a> Context<'a> {
    /// The view of a namespace at an instant.
    pub fn new(inventory: &'a Inventory, namespace: &'a Text, now: Timestamp) -> Self {
        let relations = Relations::of(inventory, namespace);
        Self { relations, now, recheck_at: Cell::default(), evidence: Cell::default() }
    }

    /// Whether `seconds` have passed since an instant.
    pub fn has_passed(&self, since: Timestamp, seconds: u32) -> bool {
        let Ok(then) = since.checked_add(SignedDuration::from_secs(i64::from(seconds))) else { return false };
        if self.now >= then {
            return true;
        }
        self.recheck(then);
        false
    }

    /// What is to be said at this instant. Whoever asks says when that changes though nothing else does.
    pub fn at_this_instant<T>(&self, say: impl FnOnce(Timestamp) -> (T, Option<Timestamp>)) -> T {
        let (said, changes_at) = say(self.now);
        if let Some(then) = changes_at {
            self.recheck(then);
        }
        said
    }

    fn recheck(&self, then: Timestamp) {
        let earlier = self.recheck_at.get().is_none_or(|known| then < known);
        if earlier {
            self.recheck_at.set(Some(then));
        }
    }

    /// Notes what the verdict rests on, where that is not plain.
    pub fn rests_on(&self, evidence: Evidence) {
        self.evidence.set(Some(evidence));
    }

    /// What was noted of what the verdict rests on, and forgets it.
    pub(super) fn take_evidence(&self) -> Option<Evidence> {
        self.evidence.take()
    }

    /// The earliest instant at which an answer about time will change.
    pub fn recheck_at(&self) -> Option<Timestamp> {
        self.recheck_at.get()
    }
}

impl<'a> Deref for Context<'a> {
    type Target = Relations<'a>;
    fn deref(&self) -> &Relations<'a> {
        &self.relations
    }
}
