//! When an exemption needs a look though nothing else happens: a week before its end, and at its end.
//!
//! What is noted here may be gone or changed by the time that it comes up; whoever takes it out looks. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::policy::ExemptionId;

/// So long before its end, an exemption is spoken of.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So long after that instant it still is, by a controller that was not there: as long as a cluster keeps Events, so
/// that none is written twice.
const LATE: SignedDuration = SignedDuration::from_hours(1);

/// What came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It ends in a week, at this instant.
    Soon(Timestamp),
    /// It is over.
    Over,
}

/// Two exemptions are spoken of with at least so much between them: many end at the turn of a year, and there is a
/// limit to how many Events are written in a second.
const APART: SignedDuration = SignedDuration::from_millis(100);

/// Which exemption, and when it ends.
type End = (ExemptionId, Timestamp);

/// The ends of exemptions.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    ends: BTreeMap<Timestamp, BTreeSet<End>>,
    /// A week before.
    soon: BTreeMap<Timestamp, BTreeSet<End>>,
    known: BTreeMap<ExemptionId, Timestamp>,
    silent_until: Option<Timestamp>,
}

impl Calendar {
    /// Notes when an exemption ends.
    pub(super) fn note(&mut self, id: &ExemptionId, until: Option<Timestamp>) {
        let Some(until) = until else {
            self.known.remove(id);
            return;
        };
        if self.known.insert(id.clone(), until) == Some(until) {
            return;
        }
        let soon = until.saturating_sub(AHEAD).unwrap_or(until);
        self.soon.entry(soon).or_default().insert((id.clone(), until));
        self.ends.entry(until).or_default().insert((id.clone(), until));
    }

    /// What comes up next.
    pub(super) fn pop(&mut self, now: Timestamp) -> Option<(ExemptionId, Due)> {
        while let Some((_, (id, until))) = first(&mut self.ends, now) {
            // Otherwise its end was moved, or taken away.
            if self.known.get(&id) == Some(&until) {
                self.known.remove(&id);
                return Some((id, Due::Over));
            }
        }
        if self.silent_until.is_some_and(|at| now < at) {
            return None;
        }
        while let Some((at, (id, until))) = first(&mut self.soon, now) {
            let in_time = at.saturating_add(LATE).is_ok_and(|late| now < late);
            if in_time && self.known.get(&id) == Some(&until) {
                self.silent_until = now.saturating_add(APART).ok();
                return Some((id, Due::Soon(until)));
            }
        }
        None
    }

    /// When something comes up next.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let first = |of: &BTreeMap<Timestamp, BTreeSet<End>>| of.first_key_value().map(|(at, _)| *at);
        let soon = first(&self.soon).map(|at| self.silent_until.map_or(at, |silent| at.max(silent)));
        [first(&self.ends), soon].into_iter().flatten().min()
    }
}

/// Takes out the first of what is due.
fn first(of: &mut BTreeMap<Timestamp, BTreeSet<End>>, now: Timestamp) -> Option<(Timestamp, End)> {
    let mut entry = of.first_entry().filter(|entry| *entry.key() <= now)?;
    let (at, end) = (*entry.key(), entry.get_mut().pop_first());
    if entry.get().is_empty() {
        entry.remove();
    }
    Some((at, end?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: i64 = 7 * 24 * 3600;
    const HOUR: i64 = 3600;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn id(name: &str) -> ExemptionId {
        ExemptionId::Object { namespace: "shop".into(), name: name.into() }
    }

    fn due(calendar: &mut Calendar, second: i64) -> Vec<(ExemptionId, Due)> {
        std::iter::from_fn(|| calendar.pop(at(second))).collect()
    }

    #[test]
    fn an_end_comes_up_a_week_before_and_when_it_is_there() {
        let mut calendar = Calendar::default();
        calendar.note(&id("a"), Some(at(WEEK)));
        assert_eq!(calendar.next_due(), Some(at(0)));
        assert_eq!(due(&mut calendar, -1), []);
        assert_eq!(due(&mut calendar, 0), [(id("a"), Due::Soon(at(WEEK)))]);
        // Seen again, it is the same.
        calendar.note(&id("a"), Some(at(WEEK)));
        assert_eq!((due(&mut calendar, WEEK - 1), calendar.next_due()), (vec![], Some(at(WEEK))));
        assert_eq!(due(&mut calendar, WEEK), [(id("a"), Due::Over)]);
        assert_eq!((due(&mut calendar, 2 * WEEK), calendar.next_due()), (vec![], None));
    }

    #[test]
    fn many_that_end_at_once_are_spoken_of_one_after_the_other() {
        let mut calendar = Calendar::default();
        for name in ["a", "b", "c"] {
            calendar.note(&id(name), Some(at(WEEK)));
        }
        let mut told = Vec::new();
        let mut now = at(0);
        while let Some(due) = calendar.next_due().filter(|due| *due < at(WEEK)) {
            now = now.max(due);
            told.extend(
                std::iter::from_fn(|| calendar.pop(now)).map(|_| now.duration_since(at(0)).as_millis()),
            );
        }
        assert_eq!(told, [0, 100, 200]);
        // Ends wait for nothing.
        assert_eq!(due(&mut calendar, WEEK).len(), 3);
    }

    #[test]
    fn who_comes_an_hour_late_says_nothing_any_more() {
        for (late, wanted) in [(HOUR - 1, 1), (HOUR, 0)] {
            let mut calendar = Calendar::default();
            calendar.note(&id("a"), Some(at(WEEK)));
            assert_eq!(due(&mut calendar, late).len(), wanted, "{late}");
        }
    }

    #[test]
    fn an_end_that_is_moved_comes_up_where_it_is_now() {
        let mut calendar = Calendar::default();
        calendar.note(&id("a"), Some(at(WEEK)));
        calendar.note(&id("a"), Some(at(WEEK + 10)));
        calendar.note(&id("b"), Some(at(WEEK)));
        calendar.note(&id("b"), None);
        assert_eq!(due(&mut calendar, 9), []);
        assert_eq!(due(&mut calendar, 10), [(id("a"), Due::Soon(at(WEEK + 10)))]);
        assert_eq!(due(&mut calendar, WEEK + 10), [(id("a"), Due::Over)]);
    }
}
