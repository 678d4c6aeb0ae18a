//! After a withdrawal nothing is made anew at once: what was in the way has to be gone for a while.
//!
//! So a workload that is scaled between one and two, or that recovers and fails, gets no budget that comes and goes.
//! It is withdrawn at once and made late. Not its job: what was in the way.

use jiff::{SignedDuration, Timestamp};

/// How long all has to be well.
const WELL_FOR: SignedDuration = SignedDuration::from_secs(300);

/// What is remembered of an object that was withdrawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    withdrawn: bool,
    well_since: Option<Timestamp>,
}

impl Recovery {
    /// It was withdrawn.
    pub fn withdrawn(&mut self) {
        *self = Self { withdrawn: true, well_since: None };
    }

    /// Nothing is in the way any more: until when to wait all the same, or `None` when that is over.
    pub fn well(&mut self, now: Timestamp) -> Option<Timestamp> {
        if !self.withdrawn {
            return None;
        }
        let since = *self.well_since.get_or_insert(now);
        let until = since.saturating_add(WELL_FOR).ok()?;
        if now < until {
            return Some(until);
        }
        *self = Self::default();
        None
    }

    /// Something is in the way.
    pub fn unwell(&mut self) {
        self.well_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_was_withdrawn_comes_back_after_five_good_minutes_in_a_row() {
        let mut recovery = Recovery::default();
        assert_eq!(recovery.well(at(0)), None, "what was never withdrawn waits for nothing");
        recovery.withdrawn();
        assert_eq!(recovery.well(at(10)), Some(at(310)));
        assert_eq!(recovery.well(at(200)), Some(at(310)));
        recovery.unwell();
        assert_eq!(recovery.well(at(309)), Some(at(609)));
        assert_eq!(recovery.well(at(609)), None);
        assert_eq!(recovery.well(at(610)), None);
    }
}
