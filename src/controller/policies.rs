//! The policies that the cluster holds, and what their statuses should say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::api::{PolicySpec, PolicyStatus, ProductionPolicy};
use crate::cluster::Seen;
use crate::engine::Catalogue;
use crate::model::Text;
use crate::policy::{Policy, PolicyError, PolicySet, resolve};
use crate::report::{PolicySums, rejected, status};

use super::input::{Ours, Unread};
use super::statuses::Statuses;

/// A policy that the cluster holds.
#[derive(Debug)]
struct Held {
    generation: i64,
    spec: Option<Box<PolicySpec>>,
    errors: Vec<PolicyError>,
    unreadable: Option<String>,
}

/// All of them, by name.
#[derive(Debug, Default)]
pub(super) struct Policies {
    held: BTreeMap<Text, Held>,
    pub(super) statuses: Statuses<Text, PolicyStatus>,
    unseen: Option<BTreeSet<Text>>,
}

impl Policies {
    /// Takes in what the watch saw; returns the policies, old and new, whose subjects are to be looked at again.
    pub(super) fn take(
        &mut self,
        seen: Seen<Ours<ProductionPolicy>>,
        set: &mut PolicySet,
        catalogue: &Catalogue,
    ) -> Vec<Policy> {
        match seen {
            Seen::Begin => {
                self.unseen = Some(self.held.keys().cloned().collect());
                Vec::new()
            }
            Seen::Applied(object) => {
                if let Some(unseen) = &mut self.unseen {
                    unseen.remove(&object.name);
                }
                self.apply(object, set, catalogue)
            }
            Seen::Deleted { name, .. } => self.remove(&name, set),
            Seen::Finish => {
                let gone = self.unseen.take().unwrap_or_default();
                gone.iter().flat_map(|name| self.remove(name, set)).collect()
            }
            Seen::NotServed | Seen::Denied(_) => Vec::new(),
        }
    }

    fn apply(
        &mut self,
        object: Ours<ProductionPolicy>,
        set: &mut PolicySet,
        catalogue: &Catalogue,
    ) -> Vec<Policy> {
        let Ours { namespace: _, name, object } = object;
        let policy = match object {
            // One that goes is gone.
            Ok(policy) if policy.metadata.deletion_timestamp.is_some() => return self.remove(&name, set),
            Ok(policy) => policy,
            Err(Unread { error, metadata, status }) => {
                let (unreadable, generation) = (Some(error.to_string()), metadata.generation);
                let known = self.held.get(&name);
                let same = known.is_some_and(|k| k.unreadable == unreadable && k.generation == generation);
                self.statuses.hold(&name, status, !same);
                if same {
                    return Vec::new();
                }
                self.held.insert(name.clone(), Held { unreadable, ..held(generation) });
                return set.remove(&name).into_iter().collect();
            }
        };
        let generation = policy.metadata.generation;
        let known = self.held.get(&name);
        let same =
            known.is_some_and(|k| k.spec.as_deref() == Some(&policy.spec) && k.generation == generation);
        self.statuses.hold(&name, policy.status.clone(), !same);
        if same {
            return Vec::new();
        }
        let resolved = resolve(&policy, catalogue);
        let mut held = Held { spec: Some(Box::new(policy.spec)), ..held(generation) };
        let changed = match resolved {
            Ok(policy) => {
                let old = set.insert(policy.clone());
                old.into_iter().chain([policy]).collect()
            }
            Err(errors) => {
                held.errors = errors;
                set.remove(&name).into_iter().collect()
            }
        };
        self.held.insert(name, held);
        changed
    }

    fn remove(&mut self, name: &Text, set: &mut PolicySet) -> Vec<Policy> {
        self.held.remove(name);
        self.statuses.remove(name);
        set.remove(name).into_iter().collect()
    }

    /// The next status that has to be written. `sums`: what a policy's subjects and exemptions add up to.
    pub(super) fn next_status(
        &mut self,
        set: &PolicySet,
        sums: impl Fn(&Policy) -> PolicySums,
        blind: &[String],
        now: Timestamp,
    ) -> Option<(Text, PolicyStatus)> {
        let held = &self.held;
        self.statuses.next(now, |name, before| {
            let held = held.get(name)?;
            Some(match (set.get(name), &held.unreadable) {
                (Some(policy), _) => {
                    status(policy, &sums(policy), blind, &set.overruled(policy), before, now)
                }
                (None, Some(why)) => rejected(held.generation, std::slice::from_ref(why), before, now),
                (None, None) => rejected(held.generation, &held.errors, before, now),
            })
        })
    }
}

fn held(generation: i64) -> Held {
    Held { generation, spec: None, errors: Vec::new(), unreadable: None }
}
