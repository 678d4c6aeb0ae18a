//! Counts of results, and the score that they give.

use crate::api::{ResultWord, Severity, Summary};
use crate::engine::Outcome;

/// Counts of results that can be added up over subjects, so that a roll-up is never an average of averages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The counts.
    pub summary: Summary,
    passed_weight: u64,
    failed_weight: u64,
}

impl Tally {
    /// Counts results.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut tally = Self::default();
        for outcome in outcomes {
            let summary = &mut tally.summary;
            match outcome.result {
                ResultWord::Pass => {
                    summary.pass += 1;
                    tally.passed_weight += outcome.severity.weight();
                }
                ResultWord::Fail => {
                    summary.fail += 1;
                    *failures(summary, outcome.severity) += 1;
                    tally.failed_weight += outcome.severity.weight();
                }
                ResultWord::Exempt => summary.exempt += 1,
                ResultWord::NotApplicable => summary.not_applicable += 1,
                ResultWord::Unknown => summary.unknown += 1,
            }
        }
        tally
    }

    /// `floor(100 x weight of what passes / weight of what passes or fails)`; 100 only when nothing fails.
    pub fn score(&self) -> i32 {
        let judged = self.passed_weight + self.failed_weight;
        if judged == 0 {
            // Only failures without weight, or nothing at all.
            return if self.summary.fail == 0 { 100 } else { 99 };
        }
        let score = i32::try_from(100 * self.passed_weight / judged).unwrap_or(0);
        if self.summary.fail == 0 { score } else { score.min(99) }
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        let (a, b) = (&mut self.summary, other.summary);
        a.pass += b.pass;
        a.fail += b.fail;
        a.exempt += b.exempt;
        a.not_applicable += b.not_applicable;
        a.unknown += b.unknown;
        a.critical += b.critical;
        a.high += b.high;
        a.medium += b.medium;
        a.low += b.low;
        a.info += b.info;
        self.passed_weight += other.passed_weight;
        self.failed_weight += other.failed_weight;
    }
}

fn failures(summary: &mut Summary, severity: Severity) -> &mut i32 {
    match severity {
        Severity::Critical => &mut summary.critical,
        Severity::High => &mut summary.high,
        Severity::Medium => &mut summary.medium,
        Severity::Low => &mut summary.low,
        Severity::Info => &mut summary.info,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(result: ResultWord, severity: Severity) -> Outcome {
        Outcome {
            check: "x".into(),
            result,
            severity,
            message: "".into(),
            container: None,
            object: None,
            field: None,
            evidence: None,
            policies: std::sync::Arc::default(),
            exempt: None,
        }
    }

    #[test]
    fn the_score_is_a_ratio_of_weights() {
        let all = [
            outcome(ResultWord::Pass, Severity::Critical),
            outcome(ResultWord::Fail, Severity::High),
            outcome(ResultWord::NotApplicable, Severity::High),
            outcome(ResultWord::Unknown, Severity::High),
            outcome(ResultWord::Exempt, Severity::Critical),
        ];
        let tally = Tally::of(&all);
        assert_eq!(tally.score(), 58);
        let summary = tally.summary;
        assert_eq!((summary.fail, summary.high, summary.unknown, summary.exempt), (1, 1, 1, 1));
        assert_eq!(summary.critical, 0, "what is exempt is no failure");
    }

    #[test]
    fn a_hundred_means_that_nothing_fails() {
        assert_eq!(Tally::default().score(), 100);
        assert_eq!(Tally::of(&[outcome(ResultWord::Fail, Severity::Info)]).score(), 99);
        let mut many = vec![outcome(ResultWord::Pass, Severity::Critical); 1000];
        many.push(outcome(ResultWord::Fail, Severity::Info));
        assert_eq!(Tally::of(&many).score(), 99);
    }
}
