//! All policies together: which of them cover a subject.

use std::collections::BTreeMap;

use crate::api::{LabelSelector, Level, Match, ObjectMeta, PolicySpec, ProductionPolicy};
use crate::model::{Inventory, Kind, SubjectKey, Text, WorkloadId};

use super::resolve::Policy;

/// The policies in force, by name.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    policies: BTreeMap<Text, Policy>,
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

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// The policies that cover a subject, by name.
    pub fn covering(&self, inventory: &Inventory, key: &SubjectKey) -> Vec<&Policy> {
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
            declared.is_none_or(|kind| policy.kinds.contains(kind))
                && policy.selection.covers_namespace(key.namespace(), namespace_labels)
                && labels.is_none_or(|labels| policy.selection.covers_workload(labels))
        };
        self.policies.values().filter(covers).collect()
    }
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
