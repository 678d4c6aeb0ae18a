//! The exemptions that concern a subject, and what they came to there.
//!
//! Not its job: whether one holds (`exemption::decide`), or what an exemption comes to over all subjects (`standing`).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::api::ResultWord;
use crate::engine::{Exempt, Exempts, Outcome};
use crate::model::{Inventory, SubjectKey, Text};

use super::exemption::{Exemption, ExemptionId, Refusal, Standing, decide};
use super::grant;
use super::resolve::Policy;

/// The ComplianceExemptions that there are, by namespace and name.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    by_namespace: BTreeMap<Text, BTreeMap<Text, Arc<Exemption>>>,
}

impl Objects {
    /// Puts one in; returns the one whose place it takes.
    pub fn insert(&mut self, exemption: Arc<Exemption>) -> Option<Arc<Exemption>> {
        let ExemptionId::Object { namespace, name } = &exemption.id else { return None };
        let (namespace, name) = (namespace.clone(), name.clone());
        self.by_namespace.entry(namespace).or_default().insert(name, exemption)
    }

    /// Takes one out.
    pub fn remove(&mut self, namespace: &str, name: &str) -> Option<Arc<Exemption>> {
        let of_namespace = self.by_namespace.get_mut(namespace)?;
        let removed = of_namespace.remove(name);
        if of_namespace.is_empty() {
            self.by_namespace.remove(namespace);
        }
        removed
    }

    /// One of them.
    pub fn get(&self, namespace: &str, name: &str) -> Option<&Arc<Exemption>> {
        self.by_namespace.get(namespace)?.get(name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Exemption>> {
        self.by_namespace.values().flat_map(BTreeMap::values)
    }

    fn of(&self, namespace: &Text) -> impl Iterator<Item = &Arc<Exemption>> {
        self.by_namespace.get(namespace).into_iter().flat_map(BTreeMap::values)
    }
}

/// The exemptions that concern a subject, under the policies that cover it, at an instant.
#[derive(Debug)]
pub struct Exempting<'p> {
    candidates: Vec<Arc<Exemption>>,
    policies: &'p [&'p Policy],
    now: Timestamp,
}

/// What an exemption came to for one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The exemption.
    pub exemption: Arc<Exemption>,
    /// How many results are exempt by it.
    pub results: u32,
    /// How it stands under each policy that asks for something that it names.
    pub under: Vec<Under>,
}

/// How an exemption stands for one subject under one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Under {
    /// The policy.
    pub policy: Text,
    /// The best over what it names.
    pub standing: Standing,
    /// Why a part of it does not hold, if so.
    pub refusal: Option<Refusal>,
    /// How many results are exempt by it.
    pub results: u32,
}

impl<'p> Exempting<'p> {
    /// Finds them; `None` where there are none, as nearly everywhere.
    pub fn of(
        inventory: &Inventory,
        objects: &Objects,
        key: &SubjectKey,
        policies: &'p [&'p Policy],
        now: Timestamp,
    ) -> Option<Self> {
        let space = inventory.space(key.namespace())?;
        let namespace = space.object().map(|object| &object.meta);
        let own = match key {
            SubjectKey::Namespace(_) => None,
            SubjectKey::Workload(id) => space.meta_of(id.kind, &id.name),
        };
        let (of_namespace, labels) = (namespace.map(|meta| &meta.labels), own.map(|meta| &meta.labels));
        let selects = |exemption: &&Arc<Exemption>| exemption.whom.selects(key, of_namespace, labels);
        let entries = policies.iter().flat_map(|policy| &policy.exemptions);
        let mut candidates: Vec<Arc<Exemption>> =
            entries.chain(objects.of(key.namespace())).filter(selects).cloned().collect();
        let on_namespace = SubjectKey::Namespace(key.namespace().clone());
        let annotated = [(&on_namespace, namespace), (key, own)];
        for (on, meta) in annotated {
            let found = meta.map(|meta| grant::of_annotations(on, &meta.annotations)).unwrap_or_default();
            candidates.extend(found.into_iter().map(Arc::new));
        }
        (!candidates.is_empty()).then_some(Self { candidates, policies, now })
    }

    fn policy(&self, name: &Text) -> Option<&Policy> {
        self.policies.iter().copied().find(|policy| policy.name() == name)
    }

    /// How an exemption stands towards a check under a policy; `None` where it has nothing to say of it.
    fn standing(&self, exemption: &Exemption, policy: &Policy, check: &str) -> Option<Standing> {
        let concerned = concerns(exemption, policy.name()) && policy.is_meant(&exemption.checks, check);
        concerned.then(|| decide(exemption, &policy.permits, check, self.now).standing)
    }

    /// What each came to, once it is known what fails; and when that will change by the clock alone.
    pub fn applied(&self, outcomes: &[Outcome]) -> (Vec<Applied>, Option<Timestamp>) {
        let exempt: Vec<&Outcome> = outcomes.iter().filter(|o| o.result == ResultWord::Exempt).collect();
        let mut changes_at: Option<Timestamp> = None;
        let mut all = Vec::with_capacity(self.candidates.len());
        for exemption in &self.candidates {
            let mut under = Vec::new();
            let holds = |policy: &Policy, outcome: &Outcome| {
                outcome.policies.contains(policy.name())
                    && self.standing(exemption, policy, &outcome.check) == Some(Standing::InForce)
            };
            for policy in self.policies.iter().filter(|policy| concerns(exemption, policy.name())) {
                let named = policy.ruleset.checks.iter().map(|check| check.name());
                let named = named.filter(|name| policy.is_meant(&exemption.checks, name));
                let decisions = named.map(|name| decide(exemption, &policy.permits, name, self.now));
                let mut best: Option<Standing> = None;
                let mut refusal = None;
                for decision in decisions {
                    changes_at = [changes_at, decision.changes_at].into_iter().flatten().min();
                    if let Standing::Refused(why) = &decision.standing {
                        refusal.get_or_insert(why.clone());
                    }
                    best = best.into_iter().chain([decision.standing]).min();
                }
                let results = exempt.iter().filter(|outcome| holds(policy, outcome)).count();
                if let Some(standing) = best {
                    let policy = policy.name().clone();
                    under.push(Under { policy, standing, refusal, results: count(results) });
                }
            }
            let results = exempt.iter().filter(|o| self.policies.iter().any(|policy| holds(policy, o)));
            all.push(Applied { exemption: Arc::clone(exemption), results: count(results.count()), under });
        }
        (all, changes_at)
    }
}

/// Whether an exemption has anything to do with a policy: an entry has with its own.
fn concerns(exemption: &Exemption, policy: &Text) -> bool {
    match &exemption.id {
        ExemptionId::Entry { policy: own, .. } => own == policy,
        ExemptionId::Object { .. } | ExemptionId::Annotation { .. } => true,
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Exempts for Exempting<'_> {
    fn exempts(&self, policy: &Text, check: &str) -> Option<Arc<Exempt>> {
        let policy = self.policy(policy)?;
        let holds = |e: &&Arc<Exemption>| self.standing(e, policy, check) == Some(Standing::InForce);
        // Where there are several, the one that holds longest is named.
        let end = |e: &&Arc<Exemption>| (e.until.is_some(), std::cmp::Reverse(e.until));
        let by = self.candidates.iter().filter(holds).min_by_key(end)?;
        Some(Arc::new(Exempt { by: by.id.to_string(), reason: by.reason.clone(), until: by.until }))
    }
}
