//! The reports of everything at once: what a cluster with this inventory and these policies would hold.
//!
//! Not its job: doing it bit by bit as things change (`controller`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use rayon::prelude::*;

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
    let subjects = inventory.subjects();
    let is_namespace = |key: &&SubjectKey| matches!(key, SubjectKey::Namespace(_));
    let (namespaces, workloads): (Vec<_>, Vec<_>) = subjects.iter().partition(is_namespace);
    let report = |key: &SubjectKey, rollup: Option<Rollup>| {
        let (policies, evaluation) = judge(inventory, policies, key, now)?;
        let material = Material {
            key,
            meta: meta_of(inventory, key),
            evaluation: &evaluation,
            policies: &policies,
            workloads: rollup.map(|r| (r.counts, r.tally)),
            remediation: &BTreeMap::new(),
            known: None,
            now,
        };
        let report = build(&material);
        Some((evaluation.compliant, Tally::of(&evaluation.outcomes), (key.clone(), report)))
    };
    // Workloads first, side by side: a namespace's report sums them up.
    let judged: Vec<_> = workloads.par_iter().filter_map(|key| report(key, None)).collect();
    let mut rollups: BTreeMap<Text, Rollup> = BTreeMap::new();
    let mut reports = Vec::with_capacity(judged.len());
    for (verdicts, tally, (key, report)) in judged {
        rollups.entry(key.namespace().clone()).or_default().add(&verdicts, tally);
        reports.push((key, report));
    }
    let of_namespace = |key: &&SubjectKey| {
        let rollup = rollups.get(key.namespace()).copied().unwrap_or_default();
        Some(report(key, Some(rollup))?.2)
    };
    reports.extend(namespaces.par_iter().filter_map(of_namespace).collect::<Vec<_>>());
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
