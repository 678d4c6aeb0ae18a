//! Whether somebody takes away what we make: three times within ten minutes, and we stop.
//!
//! It stays so until somebody says that it is to be otherwise, by changing the policy. Not its job: noticing that an
//! object is gone.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

const WITHIN: SignedDuration = SignedDuration::from_secs(600);
const REVERTS: usize = 3;

/// What became of one object so far.
#[derive(Clone, Debug, Default)]
pub struct Contest {
    reverts: VecDeque<Timestamp>,
    /// What was asked when it became one; as long as just that is asked, nothing is made.
    contested: Option<String>,
}

impl Contest {
    /// Somebody took it away. `asked`: by whom it was asked for, down to the version. Whether that makes it contested.
    pub fn reverted(&mut self, asked: &str, now: Timestamp) -> bool {
        self.reverts.push_back(now);
        self.reverts.retain(|at| now.duration_since(*at) <= WITHIN);
        if self.reverts.len() >= REVERTS && !self.is_contested(asked) {
            self.remember(asked);
            return true;
        }
        false
    }

    /// Takes it as contested, as whoever wrote before us did.
    pub fn remember(&mut self, asked: &str) {
        self.reverts.clear();
        self.contested = Some(asked.to_owned());
    }

    /// Whether nothing is to be made as long as this is asked.
    pub fn is_contested(&self, asked: &str) -> bool {
        self.contested.as_deref() == Some(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn three_reverts_in_ten_minutes_and_not_four_in_an_hour() {
        let mut contest = Contest::default();
        assert!(!contest.reverted("p/1", at(0)) && !contest.reverted("p/1", at(300)));
        assert!(!contest.reverted("p/1", at(901)), "the first was more than ten minutes before");
        assert!(!contest.reverted("p/1", at(1000)));
        assert!(contest.reverted("p/1", at(1200)));
        assert!(contest.is_contested("p/1"));
    }

    #[test]
    fn a_changed_policy_tries_again() {
        let mut contest = Contest::default();
        for second in 0..3 {
            contest.reverted("p/1", at(second));
        }
        assert!(contest.is_contested("p/1") && !contest.is_contested("p/2"));
        assert!(!contest.reverted("p/2", at(5)) && !contest.reverted("p/2", at(6)));
        assert!(contest.reverted("p/2", at(7)));
    }
}
