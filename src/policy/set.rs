//! All policies together, and the exemptions that others grant from them: which of them cover a subject.

use std::collections::BTreeMap;

use crate::api::{ATTESTATION_PREFIX, LabelSelector, Level, Match, ObjectMeta, PolicySpec, ProductionPolicy};
use crate::engine::{Catalogue, InForce};
use crate::model::{Inventory, Needs, SubjectKey, Text};

use super::exempting::Objects;
use super::resolve::Policy;
use super::selection::{Candidate, NotCovered};

/// The policies in force, by name.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    policies: BTreeMap<Text, Policy>,
    /// The ComplianceExemptions that there are.
    pub exemptions: Objects,
}

impl PolicySet {
    /// Puts a policy in; returns the one whose place it takes.
    pub fn insert(&mut self, policy: Policy) -> Option<Policy> {
        self.policies.insert(policy.name().clone(), policy)
    }

    /// Takes a policy out.
    pub fn remove(&mut self, name: &str) -> Option<Policy> {
        self.policies.remove(name)
    }

    /// The policy of this name.
    pub fn get(&self, name: &str) -> Option<&Policy> {
        self.policies.get(name)
    }

    /// All policies, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.policies.values()
    }

    /// Whether anything may give results of this name.
    pub fn knows(&self, catalogue: &Catalogue, check: &str) -> bool {
        knows(catalogue, check, self.policies.values().flat_map(|policy| &policy.ruleset.checks))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// The objects that custom checks of the policies look at whole.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for policy in self.policies.values() {
            needs.merge(&policy.needs);
        }
        needs
    }

    /// The policies in force that cover a subject, by name.
    pub fn covering(&self, inventory: &Inventory, key: &SubjectKey) -> Vec<&Policy> {
        self.matching(inventory, key, true)
    }

    /// The policies that are only previewed and would cover a subject, by name.
    pub fn previewing(&self, inventory: &Inventory, key: &SubjectKey) -> Vec<&Policy> {
        match self.iter().all(|policy| policy.enforced) {
            true => Vec::new(),
            false => self.matching(inventory, key, false),
        }
    }

    fn matching(&self, inventory: &Inventory, key: &SubjectKey, enforced: bool) -> Vec<&Policy> {
        let Some(subject) = Candidate::of(inventory, key) else { return Vec::new() };
        let covers = |policy: &&Policy| policy.enforced == enforced && subject.refused_by(policy).is_none();
        self.policies.values().filter(covers).collect()
    }

    /// Every policy, by name, and why it does not cover a subject, if it does not. Empty where there is no subject
    /// that any could cover.
    pub fn standings(&self, inventory: &Inventory, key: &SubjectKey) -> Vec<(&Policy, Option<NotCovered>)> {
        let Some(subject) = Candidate::of(inventory, key) else { return Vec::new() };
        let standing = |policy: &'_ Policy| {
            let preview = || (!policy.enforced).then_some(NotCovered::Preview);
            subject.refused_by(policy).or_else(preview)
        };
        self.policies.values().map(|policy| (policy, standing(policy))).collect()
    }
}

/// Whether anything may give results of this name: a check, an attestation, or what is asked for.
pub(super) fn knows<'p>(
    catalogue: &Catalogue,
    check: &str,
    mut asked_for: impl Iterator<Item = &'p InForce>,
) -> bool {
    catalogue.get(check).is_some()
        // There may be as many as people name practices.
        || check.starts_with(ATTESTATION_PREFIX)
        || asked_for.any(|in_force| in_force.name() == check)
}

/// The policy that holds where nobody wrote one: a profile for everything.
pub fn default_policy(level: Level) -> ProductionPolicy {
    let metadata = ObjectMeta { name: level.as_str().to_lowercase(), ..ObjectMeta::default() };
    let everything = Match {
        namespace_selector: LabelSelector::default(),
        object_selector: None,
        exclude_namespaces: Vec::new(),
    };
    let mut spec = PolicySpec::covering(everything);
    spec.profile.level = level;
    ProductionPolicy { metadata, spec, status: None }
}
