//! Statuses that the cluster holds, and when each may be written: the same for every kind that has one.
//!
//! Pure. Not its job: what a status says.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// A status is written at most so often.
const EVERY: SignedDuration = SignedDuration::from_secs(2);

/// The statuses of one kind, by what names an object.
#[derive(Debug)]
pub(super) struct Statuses<K, S> {
    held: BTreeMap<K, Held<S>>,
}

#[derive(Debug)]
struct Held<S> {
    status: Option<S>,
    touched: bool,
    not_before: Option<Timestamp>,
    in_flight: bool,
}

impl<K, S> Default for Statuses<K, S> {
    fn default() -> Self {
        Self { held: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, S: PartialEq> Statuses<K, S> {
    /// Notes an object as the watch shows it. `changed`: whether it says anything else than before.
    /// A status that is being written goes first, so that the one of the older generation cannot be the last to arrive.
    pub(super) fn hold(&mut self, key: &K, status: Option<S>, changed: bool) {
        match self.held.get_mut(key) {
            Some(held) => {
                held.touched |= changed || held.status != status;
                held.status = status;
            }
            None => {
                let held = Held { status, touched: true, not_before: None, in_flight: false };
                self.held.insert(key.clone(), held);
            }
        }
    }

    /// The object is gone.
    pub(super) fn remove(&mut self, key: &K) {
        self.held.remove(key);
    }

    /// What a status rests on has changed.
    pub(super) fn touch(&mut self, key: &K) {
        if let Some(held) = self.held.get_mut(key) {
            held.touched = true;
        }
    }

    /// Looks at every status again.
    pub(super) fn touch_all(&mut self) {
        for held in self.held.values_mut() {
            held.touched = true;
        }
    }

    /// The next status that has to be written. `wanted`: what one should be, given what it is.
    pub(super) fn next(
        &mut self,
        now: Timestamp,
        wanted: impl Fn(&K, Option<&S>) -> Option<S>,
    ) -> Option<(K, S)> {
        for (key, held) in &mut self.held {
            let due = held.not_before.is_none_or(|at| at <= now);
            if !held.touched || held.in_flight || !due {
                continue;
            }
            held.touched = false;
            let before = held.status.as_ref();
            let Some(wanted) = wanted(key, before) else { continue };
            if before != Some(&wanted) {
                held.in_flight = true;
                held.not_before = now.saturating_add(EVERY).ok();
                return Some((key.clone(), wanted));
            }
        }
        None
    }

    /// When the next status may be written.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let waiting = self.held.values().filter(|held| held.touched && !held.in_flight);
        waiting.filter_map(|held| held.not_before).min()
    }

    /// It was written. An answer about an object that is gone, and stands there again, says nothing of the new one.
    pub(super) fn written(&mut self, key: &K, status: S) {
        if let Some(held) = self.held.get_mut(key).filter(|held| held.in_flight) {
            held.in_flight = false;
            held.status = Some(status);
        }
    }

    /// It could not be written.
    pub(super) fn failed(&mut self, key: &K, now: Timestamp) {
        if let Some(held) = self.held.get_mut(key).filter(|held| held.in_flight) {
            held.in_flight = false;
            held.touched = true;
            held.not_before = now.saturating_add(EVERY).ok();
        }
    }
}
