//! What was last found about each subject: enough to sum up, nothing of the results themselves.
//!
//! Pure. Not its job: finding it.

use std::collections::BTreeMap;

use crate::api::Truth;
use crate::model::{Inventory, Kind, SubjectKey, Text, WorkloadId};
use crate::policy::{Applied, ExemptionId, Policy, Used};
use crate::report::{Judgement, Newly, PolicyTotals, PreviewTotals, Previewed, Rollup, Tally};

/// What a subject came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Judged {
    verdicts: Vec<Truth>,
    tally: Tally,
    totals: Vec<(Text, PolicyTotals)>,
    previews: Vec<(Text, Newly)>,
    /// Nearly no subject has any.
    exemptions: Box<[Applied]>,
    /// Under policies that are only previewed.
    previewed_exemptions: Box<[Applied]>,
}

impl Judged {
    /// What there is to keep of a subject: what policies in force find (`None` when none covers it), and what those
    /// would find that are only previewed.
    pub(super) fn of(
        key: &SubjectKey,
        in_force: Option<&Judgement<'_>>,
        previews: &[Previewed<'_>],
    ) -> Option<Self> {
        if in_force.is_none() && previews.is_empty() {
            return None;
        }
        let is_workload = matches!(key, SubjectKey::Workload(_));
        let totals = |judgement: &Judgement<'_>| -> Vec<(Text, PolicyTotals)> {
            let Judgement { policies, evaluation, exemptions: _ } = judgement;
            let of_policy = |(policy, verdict): (&&Policy, &Truth)| {
                let mut totals = PolicyTotals::default();
                let named = evaluation.outcomes.iter().filter(|o| o.policies.contains(policy.name()));
                totals.add(is_workload, *verdict, named);
                (policy.name().clone(), totals)
            };
            policies.iter().zip(&evaluation.compliant).map(of_policy).collect()
        };
        let previewed = || previews.iter().map(|preview| &preview.judgement);
        Some(Self {
            verdicts: in_force.map(|found| found.evaluation.compliant.clone()).unwrap_or_default(),
            tally: in_force.map(|found| Tally::of(&found.evaluation.outcomes)).unwrap_or_default(),
            totals: in_force.into_iter().chain(previewed()).flat_map(totals).collect(),
            previews: previews.iter().map(|p| (p.policy.name().clone(), p.newly.clone())).collect(),
            exemptions: in_force.map(|found| found.exemptions.as_slice().into()).unwrap_or_default(),
            previewed_exemptions: previewed().flat_map(|found| &found.exemptions).cloned().collect(),
        })
    }

    fn policies(&self) -> impl Iterator<Item = Text> {
        self.totals.iter().map(|(policy, _)| policy.clone())
    }

    fn exemptions(&self) -> impl Iterator<Item = ExemptionId> {
        self.exemptions.iter().map(|applied| applied.exemption.id.clone())
    }
}

/// Whose sums a change of what a subject came to changes.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// Policies.
    pub(super) policies: Vec<Text>,
    /// Exemptions.
    pub(super) exemptions: Vec<ExemptionId>,
}

/// What all subjects came to.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    by_subject: BTreeMap<SubjectKey, Judged>,
}

impl Verdicts {
    /// Notes what a subject came to, or that it is gone. Returns whose sums that changes; `None` when it changes
    /// nothing.
    pub(super) fn set(&mut self, key: &SubjectKey, judged: Option<Judged>) -> Option<Moved> {
        if self.by_subject.get(key) == judged.as_ref() {
            return None;
        }
        let mut moved = Moved::default();
        let mut note = |judged: &Judged| {
            moved.policies.extend(judged.policies());
            moved.exemptions.extend(judged.exemptions());
        };
        judged.iter().for_each(&mut note);
        let before = match judged {
            Some(judged) => self.by_subject.insert(key.clone(), judged),
            None => self.by_subject.remove(key),
        };
        before.iter().for_each(&mut note);
        Some(moved)
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

    /// What the exemptions came to, subject by subject, under whatever policy.
    pub(super) fn applied(&self) -> impl Iterator<Item = &Applied> {
        self.by_subject
            .values()
            .flat_map(|judged| judged.exemptions.iter().chain(&judged.previewed_exemptions))
    }

    /// What those came to that can concern an exemption: all, or those of its namespace.
    fn near<'a>(&'a self, id: &'a ExemptionId) -> Box<dyn Iterator<Item = &'a Judged> + 'a> {
        let namespace = match id {
            ExemptionId::Entry { .. } => return Box::new(self.by_subject.values()),
            ExemptionId::Object { namespace, .. } => namespace,
            ExemptionId::Annotation { on, .. } => on.namespace(),
        };
        let first = WorkloadId {
            namespace: namespace.clone(),
            kind: Kind::ALL.first().copied().unwrap_or(Kind::Deployment),
            name: Text::default(),
        };
        let workloads = self.by_subject.range(SubjectKey::Workload(first)..);
        let workloads = workloads.take_while(move |(key, _)| key.namespace() == namespace);
        let own = self.by_subject.get(&SubjectKey::Namespace(namespace.clone()));
        Box::new(own.into_iter().chain(workloads.map(|(_, judged)| judged)))
    }

    /// What an exemption came to for each subject that it is for, under the policies in force.
    pub(super) fn applied_of<'a>(&'a self, id: &'a ExemptionId) -> impl Iterator<Item = &'a Applied> {
        self.near(id).flat_map(|judged| &judged.exemptions).filter(move |a| a.exemption.id == *id)
    }

    /// What an exemption came to over all subjects.
    pub(super) fn used(&self, id: &ExemptionId) -> Used {
        let mut used = Used::default();
        self.applied_of(id).for_each(|applied| used.add(applied, None));
        used
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
