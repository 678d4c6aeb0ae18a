//! The reports of everything at once: what a cluster with this inventory and these policies would hold.
//!
//! Not its job: doing it bit by bit as things change (`controller`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::api::{ComplianceReport, Truth, WorkloadCounts};
use crate::engine::{Evaluation, Exempts, NothingExempt, Ruleset, evaluate_exempting};
use crate::model::{Inventory, Meta, SubjectKey, Text};
use crate::policy::{Applied, Exempting, Ledger, Policy, PolicySet};

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

/// What there is to say about everything at once.
#[derive(Debug)]
pub struct Audited<T = (SubjectKey, ComplianceReport)> {
    /// What was made of the report of every subject that a policy covers, by namespace and name.
    pub reports: Vec<T>,
    /// What each exemption came to.
    pub exemptions: Ledger,
}

/// The reports of every subject that a policy covers, by namespace and name.
pub fn audit(
    inventory: &Inventory,
    policies: &PolicySet,
    now: Timestamp,
) -> Vec<(SubjectKey, ComplianceReport)> {
    audit_all(inventory, policies, now).reports
}

/// Audits every subject that a policy covers.
pub fn audit_all(inventory: &Inventory, policies: &PolicySet, now: Timestamp) -> Audited {
    audit_each(inventory, policies, now, |key, report| (key.clone(), report))
}

/// Audits every subject that a policy covers. `present` makes of each report what is kept of it, side by side with the
/// others: reports are big, and all of them at once would be most of the memory.
pub fn audit_each<T: Send>(
    inventory: &Inventory,
    policies: &PolicySet,
    now: Timestamp,
    present: impl Fn(&SubjectKey, ComplianceReport) -> T + Sync,
) -> Audited<T> {
    let subjects = inventory.subjects();
    let is_namespace = |key: &&SubjectKey| matches!(key, SubjectKey::Namespace(_));
    let (namespaces, workloads): (Vec<_>, Vec<_>) = subjects.iter().partition(is_namespace);
    let subject = |key: &SubjectKey, rollup: Option<Rollup>| {
        let Judgement { policies, evaluation, exemptions } = judge(inventory, policies, key, now)?;
        let (verdicts, tally) = (evaluation.compliant.clone(), Tally::of(&evaluation.outcomes));
        let report = build(Material {
            key,
            meta: meta_of(inventory, key),
            evaluation,
            policies: &policies,
            workloads: rollup.map(|r| (r.counts, r.tally)),
            remediation: &BTreeMap::new(),
            halted: &[],
            known: None,
            now,
        });
        let place = (key.namespace().clone(), report.metadata.name.clone());
        Some(Subject { place, verdicts, tally, exemptions, kept: present(key, report) })
    };
    // Workloads first, side by side: a namespace's report sums them up.
    let mut all: Vec<_> = workloads.par_iter().filter_map(|key| subject(key, None)).collect();
    let mut rollups: BTreeMap<&Text, Rollup> = BTreeMap::new();
    for Subject { place: (namespace, _), verdicts, tally, .. } in &all {
        rollups.entry(namespace).or_default().add(verdicts, *tally);
    }
    let of_namespace =
        |key: &&SubjectKey| subject(key, Some(rollups.get(key.namespace()).copied().unwrap_or_default()));
    let of_namespaces: Vec<_> = namespaces.par_iter().filter_map(of_namespace).collect();
    all.extend(of_namespaces);
    all.sort_by(|a, b| a.place.cmp(&b.place));
    let mut ledger = Ledger::default();
    let enforced = policies.iter().filter(|policy| policy.enforced);
    let declared = enforced.flat_map(|policy| &policy.exemptions).chain(policies.exemptions.iter());
    for exemption in declared {
        ledger.note(exemption);
    }
    for applied in all.iter().flat_map(|subject| &subject.exemptions) {
        ledger.add(applied, None);
    }
    Audited { reports: all.into_iter().map(|subject| subject.kept).collect(), exemptions: ledger }
}

/// What one subject came to.
struct Subject<T> {
    /// Its namespace, and its report's name.
    place: (Text, String),
    verdicts: Vec<Truth>,
    tally: Tally,
    exemptions: Vec<Applied>,
    kept: T,
}

/// What is judged of a subject.
#[derive(Debug)]
pub struct Judgement<'p> {
    /// The policies that cover it, by name.
    pub policies: Vec<&'p Policy>,
    /// What they find.
    pub evaluation: Evaluation,
    /// What the exemptions that are for it came to.
    pub exemptions: Vec<Applied>,
}

/// Judges a subject under the policies that cover it; `None` when none does or the subject is gone.
pub fn judge<'p>(
    inventory: &Inventory,
    policies: &'p PolicySet,
    key: &SubjectKey,
    now: Timestamp,
) -> Option<Judgement<'p>> {
    judge_under(inventory, policies, policies.covering(inventory, key), key, now)
}

/// Judges a subject under these policies; `None` when there is none or the subject is gone.
pub(super) fn judge_under<'p>(
    inventory: &Inventory,
    policies: &'p PolicySet,
    covering: Vec<&'p Policy>,
    key: &SubjectKey,
    now: Timestamp,
) -> Option<Judgement<'p>> {
    if covering.is_empty() {
        return None;
    }
    let rulesets: Vec<&Ruleset> = covering.iter().map(|policy| &policy.ruleset).collect();
    let exempting = Exempting::of(inventory, &policies.exemptions, key, &covering, now);
    let exempts = exempting.as_ref().map_or(&NothingExempt as &dyn Exempts, |exempting| exempting);
    let mut evaluation = evaluate_exempting(inventory, key, &rulesets, exempts, now)?;
    let mut exemptions = Vec::new();
    if let Some(exempting) = &exempting {
        let (applied, changes_at) = exempting.applied(&evaluation.outcomes);
        evaluation.recheck_at = [evaluation.recheck_at, changes_at].into_iter().flatten().min();
        exemptions = applied;
    }
    Some(Judgement { policies: covering, evaluation, exemptions })
}

/// The metadata of a subject.
pub fn meta_of<'i>(inventory: &'i Inventory, key: &SubjectKey) -> Option<&'i Meta> {
    let space = inventory.space(key.namespace())?;
    match key {
        SubjectKey::Namespace(_) => space.object().map(|namespace| &namespace.meta),
        SubjectKey::Workload(id) => space.meta_of(id.kind, &id.name),
    }
}
