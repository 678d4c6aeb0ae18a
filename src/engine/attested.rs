//! What of all that is said to have been done counts at an instant, and when that changes.
//!
//! ONE function decides, for the controller and the command line, for reports and for the status of an attestation.
//! Not its job: who says it (`model`), or who asks for it (`policy`).

use jiff::{SignedDuration, Timestamp};

use super::Context;
use crate::api::Evidence;
use crate::model::{Done, Workload};

/// How something that was done stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It went well and counts, up to the instant, where there is one, at which it ends.
    Counts(Option<Timestamp>),
    /// It went wrong.
    Failed,
    /// It is older than it may be, since this instant.
    TooOld(Timestamp),
    /// It has expired, as it said itself it would at this instant.
    Expired(Timestamp),
    /// It is still to come.
    ToCome,
}

/// The instant at which it is too old: from then on it is older than so many days of 24 hours, or just as old.
fn too_old_at(done: &Done, max_age_days: Option<u32>) -> Option<Timestamp> {
    let age = SignedDuration::from_hours(24 * i64::from(max_age_days?));
    // An age beyond all time never comes.
    done.at.checked_add(age).ok()
}

/// When it stops counting: by its age or by what it says itself, whichever comes first.
pub fn ends_at(done: &Done, max_age_days: Option<u32>) -> Option<Timestamp> {
    [too_old_at(done, max_age_days), done.expires].into_iter().flatten().min()
}

/// How something that was done stands at an instant. It begins to count at its own instant and ends before its last.
pub fn standing(done: &Done, max_age_days: Option<u32>, now: Timestamp) -> Standing {
    let ends = ends_at(done, max_age_days);
    if done.at > now {
        Standing::ToCome
    } else if !done.passed {
        Standing::Failed
    } else {
        match ends.filter(|ends| *ends <= now) {
            None => Standing::Counts(ends),
            Some(ends) if done.expires == Some(ends) => Standing::Expired(ends),
            Some(ends) => Standing::TooOld(ends),
        }
    }
}

/// Which of several decides, and when that may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// The place of the one that decides, and how it stands; `None` when there is none.
    pub decides: Option<(usize, Standing)>,
    /// The next instant at which any of them stands otherwise.
    pub changes_at: Option<Timestamp>,
}

/// Weighs what people say was done: a failure voids whatever was done before it, or at the same instant; of the rest
/// one that counts is enough.
pub fn weigh_claims(all: &[Done], max_age_days: Option<u32>, now: Timestamp) -> Weighed {
    let past = || all.iter().enumerate().filter(|(_, done)| done.at <= now);
    let failed = past().filter(|(_, done)| !done.passed).max_by_key(|(_, done)| done.at);
    let since = failed.map(|(_, done)| done.at);
    let passed = || past().filter(|(_, done)| done.passed && since.is_none_or(|at| done.at > at));
    let stands = |(at, done): (usize, &Done)| (at, standing(done, max_age_days, now));
    // Of those that count the one that does so longest; else the newest of whatever sort is there.
    let counting = passed().map(stands).filter_map(|(at, standing)| match standing {
        Standing::Counts(ends) => Some((ends.is_none(), ends, at)),
        _ => None,
    });
    let counting = counting.max().map(|(_, ends, at)| (at, Standing::Counts(ends)));
    let newest = || passed().max_by_key(|(_, done)| done.at).or(failed).map(stands);
    let first_to_come = || all.iter().enumerate().min_by_key(|(_, done)| done.at).map(stands);
    Weighed {
        decides: counting.or_else(newest).or_else(first_to_come),
        changes_at: changes_at(all, max_age_days, now),
    }
}

/// Weighs what was seen to be done: the newest decides, well or ill; none that is too old or still to come does.
pub fn weigh_runs(all: &[Done], max_age_days: Option<u32>, now: Timestamp) -> Weighed {
    let young = |(_, done): &(usize, &Done)| {
        done.at <= now && too_old_at(done, max_age_days).is_none_or(|end| now < end)
    };
    let newest = all.iter().enumerate().filter(young).max_by_key(|(_, done)| (done.at, !done.passed));
    Weighed {
        decides: newest.map(|(at, done)| (at, standing(done, max_age_days, now))),
        changes_at: changes_at(all, max_age_days, now),
    }
}

/// The next instant at which any of several begins to count or ceases to.
fn changes_at(all: &[Done], max_age_days: Option<u32>, now: Timestamp) -> Option<Timestamp> {
    let instants = all.iter().flat_map(|done| [Some(done.at), ends_at(done, max_age_days)]);
    instants.flatten().filter(|instant| *instant > now).min()
}

impl Context<'_> {
    /// Whether somebody attests a practice of a workload, however long ago, for checks that take a word for it. What
    /// the verdict then rests on is noted.
    pub fn attests(&self, workload: &Workload, practice: &str) -> bool {
        let done: Vec<Done> = self.claims_of(workload, practice).made.iter().map(|(_, done)| *done).collect();
        let counts = self.at_this_instant(|now| {
            let Weighed { decides, changes_at } = weigh_claims(&done, None, now);
            (matches!(decides, Some((_, Standing::Counts(_)))), changes_at)
        });
        if counts {
            self.rests_on(Evidence::Attested);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn done(second: i64, passed: bool, expires: Option<i64>) -> Done {
        Done { at: at(second), passed, expires: expires.map(at) }
    }

    const DAY: i64 = 86_400;

    #[test]
    fn an_attestation_counts_from_its_own_instant_up_to_its_last() {
        let claim = done(1000, true, None);
        for (now, wanted) in [
            (999, Standing::ToCome),
            (1000, Standing::Counts(Some(at(1000 + 2 * DAY)))),
            (1000 + 2 * DAY - 1, Standing::Counts(Some(at(1000 + 2 * DAY)))),
            (1000 + 2 * DAY, Standing::TooOld(at(1000 + 2 * DAY))),
        ] {
            assert_eq!(standing(&claim, Some(2), at(now)), wanted, "{now}");
        }
        assert_eq!(standing(&claim, None, at(i64::from(u32::MAX))), Standing::Counts(None));
        let expires = done(1000, true, Some(1500));
        assert_eq!(standing(&expires, Some(2), at(1499)), Standing::Counts(Some(at(1500))));
        assert_eq!(standing(&expires, Some(2), at(1500)), Standing::Expired(at(1500)));
        assert_eq!(
            standing(&done(1000, true, Some(1000 + 3 * DAY)), Some(2), at(4 * DAY)),
            Standing::TooOld(at(1000 + 2 * DAY))
        );
        assert_eq!(standing(&done(1000, false, None), Some(2), at(1000)), Standing::Failed);
    }

    #[test]
    fn a_failure_voids_what_was_done_before_it() {
        let decides = |all: &[Done], now| weigh_claims(all, Some(1), at(now)).decides;
        let (old, failure, new) = (done(100, true, None), done(200, false, None), done(300, true, None));
        assert_eq!(decides(&[old, failure], 150), Some((0, Standing::Counts(Some(at(100 + DAY))))));
        assert_eq!(decides(&[old, failure], 200), Some((1, Standing::Failed)));
        assert_eq!(decides(&[old, failure, new], 299), Some((1, Standing::Failed)));
        assert_eq!(decides(&[old, failure, new], 300), Some((2, Standing::Counts(Some(at(300 + DAY))))));
        // The newer one is too old, and the failure voids the older: nothing passes.
        assert_eq!(decides(&[old, failure, new], 300 + DAY), Some((2, Standing::TooOld(at(300 + DAY)))));
        assert_eq!(decides(&[done(200, true, None), failure], 250), Some((1, Standing::Failed)));
        assert_eq!(decides(&[new], 100), Some((0, Standing::ToCome)));
        assert_eq!(decides(&[], 100), None);
    }

    #[test]
    fn one_that_counts_is_enough() {
        // The newest has expired by its own word; an older one still counts.
        let all = [done(100, true, None), done(200, true, Some(300))];
        let weighed = weigh_claims(&all, Some(1), at(300));
        assert_eq!(weighed.decides, Some((0, Standing::Counts(Some(at(100 + DAY))))));
        assert_eq!(weighed.changes_at, Some(at(100 + DAY)));
    }

    #[test]
    fn the_newest_run_decides_and_old_ones_do_not() {
        let (failed, passed) = (done(100, false, None), done(200, true, None));
        let weigh = |all: &[Done], now| weigh_runs(all, Some(1), at(now));
        assert_eq!(weigh(&[passed, failed], 250).decides, Some((0, Standing::Counts(Some(at(200 + DAY))))));
        assert_eq!(weigh(&[failed], 99).decides, None);
        assert_eq!(weigh(&[failed], 100 + DAY - 1).decides, Some((0, Standing::Failed)));
        assert_eq!(weigh(&[failed], 100 + DAY - 1).changes_at, Some(at(100 + DAY)));
        assert_eq!(weigh(&[failed], 100 + DAY).decides, None);
        assert_eq!(weigh(&[done(100, true, None), failed], 100).decides, Some((1, Standing::Failed)));
    }
}
