//! What a check may look at: the relations of its subject, and the time.

use std::cell::Cell;
use std::ops::Deref;

use jiff::{SignedDuration, Timestamp};

use crate::model::{Inventory, Relations, Text};

/// What a check may look at. The time is passed in; the earliest instant at which an answer about time would
/// change is remembered, so that the subject is looked at again just then.
#[derive(Debug)]
pub struct Context<'a> {
    relations: Relations<'a>,
    now: Timestamp,
    recheck_at: Cell<Option<Timestamp>>,
}

impl<'a> Context<'a> {
    /// The view of a namespace at an instant.
    pub fn new(inventory: &'a Inventory, namespace: &'a Text, now: Timestamp) -> Self {
        Self { relations: Relations::of(inventory, namespace), now, recheck_at: Cell::new(None) }
    }

    /// Whether `seconds` have passed since an instant.
    pub fn has_passed(&self, since: Timestamp, seconds: u32) -> bool {
        let Ok(then) = since.checked_add(SignedDuration::from_secs(i64::from(seconds))) else { return false };
        if self.now >= then {
            return true;
        }
        let earlier = self.recheck_at.get().is_none_or(|known| then < known);
        if earlier {
            self.recheck_at.set(Some(then));
        }
        false
    }

    /// The earliest instant at which an answer of `has_passed` will change.
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
