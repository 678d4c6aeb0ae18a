//! The circuit breaker: where something is wrong with the cluster or with us, nothing is made until it is not.
//!
//! Not its job: withdrawing what does harm. That goes on, each time after a look at what is really there.

use std::collections::VecDeque;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

/// How long it stays open the first time; it doubles each time that it opens again, up to `LONGEST`.
const FIRST: SignedDuration = SignedDuration::from_secs(60);
const LONGEST: SignedDuration = SignedDuration::from_secs(1800);
/// So many refusals in a row.
const REFUSALS: u32 = 3;
/// Of so many objects at least, so great a part vanishes in so short a time.
const FEW: usize = 9;
const PART: usize = 3;
const WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// Why it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trip {
    /// The API server showed an older state than it had shown before, as after a restore of etcd.
    WentBack {
        /// The resourceVersion that was seen before.
        from: u64,
        /// The one that it shows now.
        to: u64,
    },
    /// Many objects went at once: the workloads that are remedied, or what was made for them.
    Vanished {
        /// How many.
        gone: usize,
        /// Of how many.
        of: usize,
    },
    /// An admission webhook, or a policy of the API server's own, refuses what we write.
    Rejected(String),
    /// The controller has not the right to write.
    Forbidden(String),
}

impl fmt::Display for Trip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WentBack { from, to } => write!(
                f,
                "the API server went back from resourceVersion {from} to {to}, as after a restore of etcd, so what the \
                 controller knows may be wrong; restart the controller"
            ),
            Self::Vanished { gone, of } => write!(f, "{gone} of {of} objects went within a minute"),
            Self::Rejected(why) => write!(f, "what is written is refused: {why}"),
            Self::Forbidden(why) => write!(f, "the controller may not write: {why}"),
        }
    }
}

/// Whether anything may be made.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    open: Option<Open>,
    /// How often in a row it opened without a write that succeeded.
    times: u32,
    refusals: u32,
    vanished: VecDeque<Timestamp>,
}

#[derive(Clone, Debug)]
struct Open {
    why: Trip,
    /// `None`: as long as this process lives.
    until: Option<Timestamp>,
}

impl Breaker {
    /// Opens it.
    pub fn trip(&mut self, why: Trip, now: Timestamp) {
        if matches!(self.open, Some(Open { until: None, .. })) {
            return;
        }
        let wait = FIRST.saturating_mul(1 << self.times.min(10)).min(LONGEST);
        let until = match why {
            Trip::WentBack { .. } => None,
            _ => Some(now.saturating_add(wait).unwrap_or(now)),
        };
        self.times = self.times.saturating_add(1);
        self.refusals = 0;
        self.vanished.clear();
        self.open = Some(Open { why, until });
    }

    /// A write was refused, for a reason that others will be refused for as well.
    pub fn refused(&mut self, why: Trip, now: Timestamp) {
        // While it is open only what does harm is tried, again and again: that is no sign that the wait was too short.
        if self.open(now).is_some() {
            return;
        }
        self.refusals += 1;
        if self.refusals >= REFUSALS || self.times > 0 {
            self.trip(why, now);
        }
    }

    /// A write succeeded.
    pub fn succeeded(&mut self) {
        self.refusals = 0;
        self.times = 0;
    }

    /// An object went that nobody here took away; so many are left.
    pub fn vanished(&mut self, left: usize, now: Timestamp) {
        self.vanished.push_back(now);
        self.vanished.retain(|at| now.duration_since(*at) <= WITHIN);
        let gone = self.vanished.len();
        let of = gone + left;
        if of >= FEW && gone * PART >= of {
            self.trip(Trip::Vanished { gone, of }, now);
        }
    }

    /// Why nothing may be made, and until when.
    pub fn open(&self, now: Timestamp) -> Option<(&Trip, Option<Timestamp>)> {
        let open = self.open.as_ref().filter(|open| open.until.is_none_or(|until| now < until))?;
        Some((&open.why, open.until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn rejected() -> Trip {
        Trip::Rejected("no".to_owned())
    }

    #[test]
    fn three_refusals_in_a_row_open_it_and_each_time_for_longer() {
        let mut breaker = Breaker::default();
        breaker.refused(rejected(), at(0));
        breaker.refused(rejected(), at(1));
        breaker.succeeded();
        breaker.refused(rejected(), at(2));
        breaker.refused(rejected(), at(3));
        assert!(breaker.open(at(3)).is_none());
        breaker.refused(rejected(), at(4));
        assert_eq!(breaker.open(at(4)).unwrap().1, Some(at(64)));
        assert!(breaker.open(at(64)).is_none());
        // What does harm is tried all the same while it is open, and makes nothing wait for longer.
        breaker.refused(rejected(), at(63));
        assert_eq!(breaker.open(at(63)).unwrap().1, Some(at(64)));
        // It only tries.
        breaker.refused(rejected(), at(65));
        assert_eq!(breaker.open(at(65)).unwrap().1, Some(at(185)));
        assert!(breaker.open(at(185)).is_none());
        breaker.succeeded();
        breaker.refused(rejected(), at(200));
        assert!(breaker.open(at(200)).is_none());
    }

    #[test]
    fn a_third_that_vanishes_within_a_minute_opens_it() {
        let mut breaker = Breaker::default();
        for (second, left) in [(0, 11), (1, 10), (2, 9)] {
            breaker.vanished(left, at(second));
        }
        assert!(breaker.open(at(2)).is_none(), "3 of 12");
        breaker.vanished(8, at(3));
        assert_eq!(breaker.open(at(3)).unwrap().0, &Trip::Vanished { gone: 4, of: 12 });

        let mut slow = Breaker::default();
        for minute in 0..12 {
            slow.vanished(usize::try_from(11 - minute).unwrap(), at(61 * minute));
        }
        assert!(slow.open(at(800)).is_none(), "one a minute is everyday life");

        let mut few = Breaker::default();
        few.vanished(1, at(0));
        few.vanished(0, at(0));
        assert!(few.open(at(0)).is_none(), "of few, one is soon a third");
    }

    #[test]
    fn a_cluster_that_went_back_is_not_trusted_any_more() {
        let mut breaker = Breaker::default();
        breaker.trip(Trip::WentBack { from: 9, to: 3 }, at(0));
        breaker.trip(rejected(), at(1));
        assert!(matches!(breaker.open(at(1_000_000)), Some((Trip::WentBack { .. }, None))));
    }
}
