//! Objects that are kept whole: how they come in and go, and whom a change of one touches.
//!
//! Not its job: what is kept (`whole`), or looking at it (`relations::whole`).

use std::sync::Arc;

use super::{Inventory, Touched, space_of};
use crate::model::{Facts, Keep, Kind, Needs, Record, Text};

impl Inventory {
    /// Puts an object in, and all of it where that is kept.
    pub fn apply_whole(&mut self, record: Record, whole: Option<Arc<str>>) -> Touched {
        let (kind, namespace, name) = place_of(&record);
        let changed = self.wholes.set(kind, &namespace, &name, whole);
        let mut touched = self.apply(record);
        if changed {
            touched.extend(self.touched_by_whole(kind, &namespace, &name));
        }
        touched
    }

    /// Puts an object in before anything is judged, and all of it where that is kept.
    pub fn fill_whole(&mut self, record: Record, whole: Option<Arc<str>>) {
        if let Some(whole) = whole {
            let (kind, namespace, name) = place_of(&record);
            self.wholes.set(kind, &namespace, &name, Some(whole));
        }
        self.fill(record);
    }

    /// A kind was listed in full, and so much of each of its objects was kept.
    pub fn complete_whole(&mut self, kind: Kind, keep: Keep) {
        self.wholes.complete(kind, keep);
    }

    /// Everything was put in, and so much of it was kept.
    pub fn kept_whole(&mut self, needs: &Needs) {
        for kind in Kind::all() {
            self.wholes.complete(kind, needs.of(kind));
        }
    }

    /// Whether so much of every object is here as is needed of a kind.
    pub fn is_whole(&self, kind: Kind, needs: &Needs) -> bool {
        self.wholes.is_complete(kind) >= needs.of(kind)
    }

    /// Drops what nobody needs to see whole.
    pub fn keep_only(&mut self, needs: &Needs) {
        self.wholes.keep_only(needs);
    }

    /// How many objects are kept whole.
    pub fn count_whole(&self) -> usize {
        self.wholes.count()
    }

    pub(super) fn forget_whole(&mut self, kind: Kind, namespace: &Text, name: &Text) {
        let namespace = if kind == Kind::Namespace { name } else { namespace };
        self.wholes.set(kind, namespace, name, None);
    }

    /// All of an object, as JSON.
    pub(in crate::model) fn whole(&self, kind: Kind, namespace: &Text, name: &Text) -> Option<&str> {
        self.wholes.get(kind, namespace, name)
    }

    /// How much of every object of a kind is here.
    pub(in crate::model) fn wholes_of(&self, kind: Kind) -> Keep {
        self.wholes.is_complete(kind)
    }

    /// Whom an object concerns of which something has changed that its record does not hold. Where the record has
    /// changed as well, whom the old one concerned is touched already.
    fn touched_by_whole(&self, kind: Kind, namespace: &Text, name: &Text) -> Touched {
        if Facts::are_kept_of(kind) {
            return self.subjects_in(namespace);
        }
        let Some(space) = self.spaces.get(namespace) else { return Touched::new() };
        self.touched(namespace, space.touched_by_whole(kind, name))
    }
}

fn place_of(record: &Record) -> (Kind, Text, Text) {
    (record.kind(), space_of(record.kind(), record.meta()), record.meta().name.clone())
}
