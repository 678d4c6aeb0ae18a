//! All policies together, and the exemptions that others grant from them: which of them cover a subject.

use std::collections::BTreeMap;

use crate::api::{LabelSelector, Level, Match, ObjectMeta, PolicySpec, ProductionPolicy};
use crate::engine::{Catalogue, InForce};
use crate::model::{Inventory, Kind, SubjectKey, Text, WorkloadId};

use super::exempting::Objects;
use super::resolve::Policy;

/// The policies in force, by name.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    policies: BTreeMap<Text, Policy>,
    /// The ComplianceExemptions that there are.
    pub exemptions: Objects,
}

/// What begins the name of an attestation's result, of which there may be as many as people name practices.
const ATTESTATION: &str = "attestation-";

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
        let Some(space) = inventory.space(key.namespace()) else { return Vec::new() };
        let namespace = space.object();
        // Nothing can be written into a namespace that goes, and nothing in a live cluster has none.
        if namespace.map_or(inventory.is_live(), |n| n.meta.terminating) {
            return Vec::new();
        }
        let namespace_labels = namespace.map(|n| &n.meta.labels);
        let labels = match key {
            SubjectKey::Namespace(_) => None,
            SubjectKey::Workload(id) => match space.meta_of(id.kind, &id.name) {
                Some(meta) => Some(&meta.labels),
                None => return Vec::new(),
            },
        };
        // A kind that only policies know is judged under those that say so.
        let declared = match key {
            SubjectKey::Workload(WorkloadId { kind: Kind::Declared(kind), .. }) => Some(kind),
            _ => None,
        };
        let covers = |policy: &&Policy| {
            policy.enforced == enforced
                && declared.is_none_or(|kind| policy.kinds.contains(kind))
                && policy.selection.covers_namespace(key.namespace(), namespace_labels)
                && labels.is_none_or(|labels| policy.selection.covers_workload(labels))
        };
        self.policies.values().filter(covers).collect()
    }
}

/// Whether anything may give results of this name: a check, an attestation, or what is asked for.
pub(super) fn knows<'p>(
    catalogue: &Catalogue,
    check: &str,
    mut asked_for: impl Iterator<Item = &'p InForce>,
) -> bool {
    catalogue.get(check).is_some()
        || check.starts_with(ATTESTATION)
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
