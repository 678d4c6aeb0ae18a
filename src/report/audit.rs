//! The reports of everything at once: what a cluster with this inventory and these policies would hold.
//!
//! Not its job: doing it bit by bit as things change (`controller`).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::api::{ComplianceReport, Truth, WorkloadCounts};
use crate::engine::{Evaluation, Ruleset, evaluate};
use crate::model::{Inventory, Meta, SubjectKey, Text};
use crate::policy::{Policy, PolicySet};

use super::build::{Material, build};
use super::tally::Tally;

/// What the workloads of a namespace come to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rollup {
    /// How many there are.
    pub counts: WorkloadCounts,
    /// All their results.
    pub tally: Tally,
}

impl Rollup {
    /// Adds a workload's results.
    pub fn add(&mut self, verdicts: &[Truth], tally: Tally) {
        self.counts.total += 1;
        let fails = verdicts.contains(&Truth::False);
        self.counts.non_compliant += i32::from(fails);
        self.counts.unknown += i32::from(!fails && verdicts.contains(&Truth::Unknown));
        self.tally += tally;
    }
}

/// The reports of every subject that a policy covers, by namespace and name.
pub fn audit(
    inventory: &Inventory,
    policies: &PolicySet,
    now: Timestamp,
) -> Vec<(SubjectKey, ComplianceReport)> {
    let mut reports = Vec::new();
    let mut rollups: BTreeMap<Text, Rollup> = BTreeMap::new();
    let subjects = inventory.subjects();
    // Workloads first: a namespace's report sums them up.
    let is_namespace = |key: &&SubjectKey| matches!(key, SubjectKey::Namespace(_));
    let (namespaces, workloads): (Vec<_>, Vec<_>) = subjects.iter().partition(is_namespace);
    for key in workloads.into_iter().chain(namespaces) {
        let Some((policies, evaluation)) = judge(inventory, policies, key, now) else { continue };
        let rollup = match key {
            SubjectKey::Workload(id) => {
                let tally = Tally::of(&evaluation.outcomes);
                rollups.entry(id.namespace.clone()).or_default().add(&evaluation.compliant, tally);
                None
            }
            SubjectKey::Namespace(name) => Some(rollups.get(name).copied().unwrap_or_default()),
        };
        let material = Material {
            key,
            meta: meta_of(inventory, key),
            evaluation: &evaluation,
            policies: &policies,
            workloads: rollup.map(|r| (r.counts, r.tally)),
            known: None,
            now,
        };
        reports.push((key.clone(), build(&material)));
    }
    reports.sort_by(|(_, a), (_, b)| {
        (&a.metadata.namespace, &a.metadata.name).cmp(&(&b.metadata.namespace, &b.metadata.name))
    });
    reports
}

/// The policies that cover a subject, and what they find; `None` when none does or the subject is gone.
pub fn judge<'p>(
    inventory: &Inventory,
    policies: &'p PolicySet,
    key: &SubjectKey,
    now: Timestamp,
) -> Option<(Vec<&'p Policy>, Evaluation)> {
    let covering = policies.covering(inventory, key);
    if covering.is_empty() {
        return None;
    }
    let rulesets: Vec<&Ruleset> = covering.iter().map(|policy| &policy.ruleset).collect();
    let evaluation = evaluate(inventory, key, &rulesets, now)?;
    Some((covering, evaluation))
}

/// The metadata of a subject.
pub fn meta_of<'i>(inventory: &'i Inventory, key: &SubjectKey) -> Option<&'i Meta> {
    let space = inventory.space(key.namespace())?;
    match key {
        SubjectKey::Namespace(_) => space.object().map(|namespace| &namespace.meta),
        SubjectKey::Workload(id) => space.meta_of(id.kind, &id.name),
    }
}
