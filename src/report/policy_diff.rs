//! What would newly fail, and what would no longer fail, if some policies took the place of others.
//!
//! Pure. By `Newly` and `PreviewTotals`, as the status of a policy that is only previewed, so that the two cannot
//! differ. Not its job: which policies those are, or how the difference is shown (`output`).

use jiff::Timestamp;
use rayon::prelude::*;

use crate::api::ResultWord;
use crate::engine::Outcome;
use crate::model::{Inventory, SubjectKey};
use crate::policy::PolicySet;

use super::audit::{Judgement, judge};
use super::preview::{Newly, PreviewTotals};

/// What a change of policies changes.
#[derive(Debug, Default)]
pub struct PolicyDiff {
    /// What would newly fail.
    pub newly: Changes,
    /// What would no longer fail.
    pub no_longer: Changes,
}

/// One direction of a change.
#[derive(Debug, Default)]
pub struct Changes {
    /// In numbers.
    pub totals: PreviewTotals,
    /// Each subject that is concerned.
    pub subjects: Vec<Changed>,
}

/// What changes for one subject.
#[derive(Debug)]
pub struct Changed {
    /// The subject.
    pub key: SubjectKey,
    /// What fails on the one side only.
    pub newly: Newly,
    /// The failures of those checks, worst first.
    pub outcomes: Vec<Outcome>,
}

/// Compares what two sets of policies find. Those that are only previewed count on neither side.
pub fn policy_diff(inventory: &Inventory, old: &PolicySet, new: &PolicySet, now: Timestamp) -> PolicyDiff {
    let subjects: Vec<SubjectKey> = inventory.subjects().into_iter().collect();
    let compare = |key: &SubjectKey| {
        let (before, after) = (judge(inventory, old, key, now), judge(inventory, new, key, now));
        [changed(key, before.as_ref(), after.as_ref()), changed(key, after.as_ref(), before.as_ref())]
    };
    let compared: Vec<[Changed; 2]> = subjects.par_iter().map(compare).collect();
    let mut diff = PolicyDiff::default();
    for [newly, no_longer] in compared {
        diff.newly.add(newly);
        diff.no_longer.add(no_longer);
    }
    diff
}

/// What fails under `after` and did not under `before`.
fn changed(key: &SubjectKey, before: Option<&Judgement<'_>>, after: Option<&Judgement<'_>>) -> Changed {
    let newly = Newly::between(before, after);
    let all = after.into_iter().flat_map(|judgement| &judgement.evaluation.outcomes);
    let failing = all.filter(|o| o.result == ResultWord::Fail && newly.checks.contains(&o.check));
    let outcomes = failing.cloned().collect();
    Changed { key: key.clone(), newly, outcomes }
}

impl Changes {
    fn add(&mut self, changed: Changed) {
        self.totals.add(&changed.key, &changed.newly);
        if changed.newly != Newly::default() {
            self.subjects.push(changed);
        }
    }
}
