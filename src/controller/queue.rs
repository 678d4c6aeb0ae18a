//! What is to be looked at next: two lanes, and a clock.
//!
//! What just changed goes before what is only to be looked at again. A subject stands in a lane once, however often
//! it is touched. Not its job: looking.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use jiff::Timestamp;

use crate::model::SubjectKey;

/// Which lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Something about it just changed.
    Urgent,
    /// It is one of very many: a start, a policy, a full pass.
    Background,
}

/// The lanes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    urgent: VecDeque<SubjectKey>,
    background: VecDeque<SubjectKey>,
    in_urgent: HashSet<SubjectKey>,
    in_background: HashSet<SubjectKey>,
    timers: BTreeMap<Timestamp, BTreeSet<SubjectKey>>,
    timed: BTreeMap<SubjectKey, Timestamp>,
}

impl Queue {
    /// Puts a subject into a lane, unless it stands in one that is as fast.
    pub(super) fn push(&mut self, key: SubjectKey, lane: Lane) {
        if self.in_urgent.contains(&key) {
            return;
        }
        match lane {
            Lane::Urgent => {
                // Its place in the other lane is skipped when it comes up.
                self.in_background.remove(&key);
                self.in_urgent.insert(key.clone());
                self.urgent.push_back(key);
            }
            Lane::Background => {
                if self.in_background.insert(key.clone()) {
                    self.background.push_back(key);
                }
            }
        }
    }

    /// Puts a subject into its lane at an instant, or sooner if that was asked for before.
    pub(super) fn push_at(&mut self, key: SubjectKey, at: Timestamp) {
        match self.timed.get(&key) {
            Some(sooner) if *sooner <= at => return,
            Some(later) => {
                let later = *later;
                self.forget(&key, later);
            }
            None => {}
        }
        self.timed.insert(key.clone(), at);
        self.timers.entry(at).or_default().insert(key);
    }

    fn forget(&mut self, key: &SubjectKey, at: Timestamp) {
        if let Some(keys) = self.timers.get_mut(&at) {
            keys.remove(key);
            if keys.is_empty() {
                self.timers.remove(&at);
            }
        }
    }

    /// The next subject.
    pub(super) fn pop(&mut self, now: Timestamp) -> Option<SubjectKey> {
        while let Some(entry) = self.timers.first_entry() {
            if *entry.key() > now {
                break;
            }
            for key in entry.remove() {
                self.timed.remove(&key);
                // A namespace sums up its workloads, so it waits until they were looked at.
                let lane = match key {
                    SubjectKey::Namespace(_) => Lane::Background,
                    SubjectKey::Workload(_) => Lane::Urgent,
                };
                self.push(key, lane);
            }
        }
        if let Some(key) = self.urgent.pop_front() {
            self.in_urgent.remove(&key);
            return Some(key);
        }
        while let Some(key) = self.background.pop_front() {
            if self.in_background.remove(&key) {
                return Some(key);
            }
        }
        None
    }

    /// When the clock brings the next subject.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.timers.first_key_value().map(|(at, _)| *at)
    }

    /// How many subjects stand in each lane.
    pub(super) fn depth(&self, lane: Lane) -> usize {
        match lane {
            Lane::Urgent => self.in_urgent.len(),
            Lane::Background => self.in_background.len(),
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> SubjectKey {
        SubjectKey::Namespace(name.into())
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_just_changed_goes_first_and_once() {
        let mut queue = Queue::default();
        for name in ["a", "b", "c"] {
            queue.push(key(name), Lane::Background);
        }
        queue.push(key("c"), Lane::Urgent);
        queue.push(key("c"), Lane::Urgent);
        queue.push(key("c"), Lane::Background);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop(at(0))).collect();
        assert_eq!(order, [key("c"), key("a"), key("b")]);
        assert_eq!((queue.depth(Lane::Urgent), queue.depth(Lane::Background)), (0, 0));
    }

    #[test]
    fn the_sooner_of_two_instants_counts() {
        let mut queue = Queue::default();
        queue.push_at(key("a"), at(20));
        queue.push_at(key("a"), at(10));
        queue.push_at(key("a"), at(30));
        assert_eq!(queue.next_due(), Some(at(10)));
        assert_eq!(queue.pop(at(9)), None);
        assert_eq!(queue.pop(at(10)), Some(key("a")));
        assert_eq!((queue.pop(at(60)), queue.next_due()), (None, None));
    }
}
