//! What was last found about each subject: enough to sum up, nothing of the results themselves.
//!
//! Pure. Not its job: finding it.

use std::collections::BTreeMap;

use crate::api::Truth;
use crate::engine::Evaluation;
use crate::model::{Inventory, SubjectKey, Text};
use crate::policy::Policy;
use crate::report::{Newly, PolicyTotals, PreviewTotals, Previewed, Rollup, Tally};

/// What a subject came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Judged {
    verdicts: Vec<Truth>,
    tally: Tally,
    totals: Vec<(Text, PolicyTotals)>,
    previews: Vec<(Text, Newly)>,
}

impl Judged {
    pub(super) fn of(key: &SubjectKey, policies: &[&Policy], evaluation: &Evaluation) -> Self {
        let is_workload = matches!(key, SubjectKey::Workload(_));
        let of_policy = |(policy, verdict): (&&Policy, &Truth)| {
            let mut totals = PolicyTotals::default();
            let named = evaluation.outcomes.iter().filter(|o| o.policies.contains(policy.name()));
            totals.add(is_workload, *verdict, named);
            (policy.name().clone(), totals)
        };
        Self {
            verdicts: evaluation.compliant.clone(),
            tally: Tally::of(&evaluation.outcomes),
            totals: policies.iter().zip(&evaluation.compliant).map(of_policy).collect(),
            previews: Vec::new(),
        }
    }

    /// What there is to keep of a subject: what policies in force find (`None` when none covers it), and what those
    /// would find that are only previewed.
    pub(super) fn with_previews(
        key: &SubjectKey,
        judged: Option<Self>,
        previews: &[Previewed<'_>],
    ) -> Option<Self> {
        if judged.is_none() && previews.is_empty() {
            return None;
        }
        let nothing = || Self {
            verdicts: Vec::new(),
            tally: Tally::default(),
            totals: Vec::new(),
            previews: Vec::new(),
        };
        let mut judged = judged.unwrap_or_else(nothing);
        for Previewed { policy, evaluation, newly } in previews {
            judged.totals.extend(Self::of(key, &[policy], evaluation).totals);
            judged.previews.push((policy.name().clone(), newly.clone()));
        }
        Some(judged)
    }

    fn policies(&self) -> impl Iterator<Item = Text> {
        self.totals.iter().map(|(policy, _)| policy.clone())
    }
}

/// What all subjects came to.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    by_subject: BTreeMap<SubjectKey, Judged>,
}

impl Verdicts {
    /// Notes what a subject came to, or that it is gone. Returns the policies whose sums that changes; `None` when
    /// it changes nothing.
    pub(super) fn set(&mut self, key: &SubjectKey, judged: Option<Judged>) -> Option<Vec<Text>> {
        if self.by_subject.get(key) == judged.as_ref() {
            return None;
        }
        let after: Vec<Text> = judged.iter().flat_map(Judged::policies).collect();
        let before = match judged {
            Some(judged) => self.by_subject.insert(key.clone(), judged),
            None => self.by_subject.remove(key),
        };
        Some(before.iter().flat_map(Judged::policies).chain(after).collect())
    }

    /// The sum over the workloads of a namespace.
    pub(super) fn rollup(&self, inventory: &Inventory, namespace: &Text) -> Rollup {
        let mut rollup = Rollup::default();
        for key in inventory.subjects_in(namespace) {
            if let (SubjectKey::Workload(_), Some(judged)) = (&key, self.by_subject.get(&key))
                && !judged.verdicts.is_empty()
            {
                rollup.add(&judged.verdicts, judged.tally);
            }
        }
        rollup
    }

    /// The sum over the subjects of a policy.
    pub(super) fn totals(&self, policy: &Text) -> PolicyTotals {
        let mut sum = PolicyTotals::default();
        for (_, totals) in self.by_subject.values().flat_map(|j| &j.totals).filter(|(name, _)| name == policy)
        {
            sum.merge(totals);
        }
        sum
    }

    /// What would newly fail under a policy that is only previewed.
    pub(super) fn preview(&self, policy: &Text) -> PreviewTotals {
        let mut sum = PreviewTotals::default();
        for (key, judged) in &self.by_subject {
            for (_, newly) in judged.previews.iter().filter(|(name, _)| name == policy) {
                sum.add(key, newly);
            }
        }
        sum
    }
}
