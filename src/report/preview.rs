//! What would newly fail: under a policy that is only previewed, or under other policies than those in force.
//!
//! Pure. Not its job: telling it (`status`, `output`), or changing any report: a preview never does.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::api::{ResultWord, Truth};
use crate::model::{Inventory, SubjectKey};
use crate::policy::{Policy, PolicySet};

use super::audit::{Judgement, judge_under};

/// What a change of policies makes worse for one subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Newly {
    /// The subject is not compliant, and was not known to be.
    pub fails: bool,
    /// The checks that fail at or above the threshold of a policy, and did not.
    pub checks: BTreeSet<Cow<'static, str>>,
}

impl Newly {
    /// What `after` makes worse than `before`; `None` where no policy covers the subject.
    pub fn between(before: Option<&Judgement<'_>>, after: Option<&Judgement<'_>>) -> Self {
        let fails = |judgement: Option<&Judgement<'_>>| {
            judgement.is_some_and(|judgement| judgement.evaluation.compliant.contains(&Truth::False))
        };
        let (old, new) = (failing(before), failing(after));
        Self { fails: fails(after) && !fails(before), checks: new.difference(&old).cloned().collect() }
    }
}

/// The checks that fail at or above the threshold of a policy that asks for them.
fn failing(judgement: Option<&Judgement<'_>>) -> BTreeSet<Cow<'static, str>> {
    let Some(Judgement { policies, evaluation, exemptions: _ }) = judgement else { return BTreeSet::new() };
    let outcomes = evaluation.outcomes.iter().filter(|outcome| outcome.result == ResultWord::Fail);
    let at_bar = outcomes.filter(|outcome| {
        let mut asking = policies.iter().filter(|policy| outcome.policies.contains(policy.name()));
        asking.any(|policy| outcome.severity >= policy.ruleset.threshold)
    });
    at_bar.map(|outcome| outcome.check.clone()).collect()
}

/// What a policy that is only previewed finds about a subject.
#[derive(Debug)]
pub struct Previewed<'p> {
    /// The policy.
    pub policy: &'p Policy,
    /// What it finds, alone.
    pub judgement: Judgement<'p>,
    /// What of that is new.
    pub newly: Newly,
}

/// What the policies that are only previewed find about a subject, beside what those in force find.
pub fn preview<'p>(
    inventory: &Inventory,
    policies: &'p PolicySet,
    key: &SubjectKey,
    now: Timestamp,
    in_force: Option<&Judgement<'_>>,
) -> Vec<Previewed<'p>> {
    let previewed = policies.previewing(inventory, key).into_iter().filter_map(|policy| {
        let judgement = judge_under(inventory, policies, vec![policy], key, now)?;
        let newly = Newly::between(in_force, Some(&judgement));
        Some(Previewed { policy, judgement, newly })
    });
    previewed.collect()
}

/// What all subjects add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreviewTotals {
    /// Workloads that would newly fail.
    pub workloads: i32,
    /// Namespaces whose own checks would newly fail.
    pub namespaces: i32,
    /// On how many subjects each check would newly fail.
    pub checks: BTreeMap<Cow<'static, str>, i32>,
}

impl PreviewTotals {
    /// Adds a subject.
    pub fn add(&mut self, key: &SubjectKey, newly: &Newly) {
        let count = match key {
            SubjectKey::Workload(_) => &mut self.workloads,
            SubjectKey::Namespace(_) => &mut self.namespaces,
        };
        *count += i32::from(newly.fails);
        for check in &newly.checks {
            *self.checks.entry(check.clone()).or_default() += 1;
        }
    }

    /// The checks, those that fail most first, then by name.
    pub fn most_first(&self) -> Vec<(&str, i32)> {
        let mut checks: Vec<(&str, i32)> = self.checks.iter().map(|(check, n)| (&**check, *n)).collect();
        checks.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        checks
    }
}
