//! The pace of writes: so many tokens, and each comes back a minute after the write that took it was answered.
//!
//! So there are never more writes within any minute than there are tokens, whatever came before. Not its job: which
//! write comes next.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// A bucket of tokens; by default without any.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    tokens: usize,
    /// Taken, and not answered yet.
    out: usize,
    /// When those come back that were answered, soonest first.
    back_at: VecDeque<Timestamp>,
}

impl Pace {
    /// A full bucket.
    pub fn new(per_minute: usize) -> Self {
        Self { tokens: per_minute, out: 0, back_at: VecDeque::new() }
    }

    /// Takes a token, if there is one.
    pub fn take(&mut self, now: Timestamp) -> bool {
        while self.back_at.front().is_some_and(|at| *at <= now) {
            self.back_at.pop_front();
        }
        let free = self.out + self.back_at.len() < self.tokens;
        self.out += usize::from(free);
        free
    }

    /// The write that took a token was answered.
    pub fn answered(&mut self, now: Timestamp) {
        self.out = self.out.saturating_sub(1);
        self.spent(now);
    }

    /// What took a token was not written after all.
    pub fn returned(&mut self) {
        self.out = self.out.saturating_sub(1);
    }

    /// There was a write at an instant, such as one of whoever wrote before us.
    pub fn spent(&mut self, at: Timestamp) {
        let back = at.saturating_add(MINUTE).unwrap_or(at);
        let place = self.back_at.partition_point(|known| *known <= back);
        self.back_at.insert(place, back);
    }

    /// When there will be a token, if none is left and no answer has to come first.
    pub fn next_at(&self, now: Timestamp) -> Option<Timestamp> {
        let waiting = (self.out + self.back_at.len()).checked_sub(self.tokens)?;
        self.back_at.get(waiting).copied().filter(|at| *at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn within_any_minute_there_are_never_more_writes_than_tokens() {
        let mut random = fastrand::Rng::with_seed(7);
        for per_minute in [1, 5, 60] {
            let mut pace = Pace::new(per_minute);
            let (mut now, mut open, mut sent) = (0, Vec::new(), Vec::new());
            while sent.len() < 600 {
                if random.bool() && pace.take(at(now)) {
                    // It is on its way for some time, and reaches the API server at any moment of it.
                    let (arrives, answered) = (now + random.i64(0..5), now + 5);
                    sent.push(arrives);
                    open.push(answered);
                } else {
                    now += random.i64(0..4);
                }
                open.retain(|answered| {
                    *answered > now || {
                        pace.answered(at(now));
                        false
                    }
                });
            }
            sent.sort_unstable();
            for window in sent.windows(per_minute + 1) {
                assert!(window[per_minute] - window[0] >= 60, "{per_minute} a minute: {window:?}");
            }
        }
    }

    #[test]
    fn it_says_when_there_will_be_a_token() {
        let mut pace = Pace::new(2);
        assert_eq!(pace.next_at(at(0)), None);
        assert!(pace.take(at(0)) && pace.take(at(0)) && !pace.take(at(0)));
        assert_eq!(pace.next_at(at(0)), None, "an answer has to come first");
        pace.answered(at(1));
        pace.answered(at(3));
        assert_eq!(pace.next_at(at(4)), Some(at(61)));
        assert!(!pace.take(at(60)) && pace.take(at(61)));
        pace.answered(at(61));
        assert_eq!(pace.next_at(at(62)), Some(at(63)));
    }

    #[test]
    fn what_was_written_before_counts() {
        let mut pace = Pace::new(2);
        pace.spent(at(50));
        pace.spent(at(40));
        assert!(!pace.take(at(60)));
        assert_eq!(pace.next_at(at(60)), Some(at(100)));
        assert!(pace.take(at(100)) && !pace.take(at(100)));
    }
}
