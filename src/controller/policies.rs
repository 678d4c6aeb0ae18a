//! The policies that the cluster holds, and what their statuses should say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::api::{PolicySpec, PolicyStatus};
use crate::cluster::Seen;
use crate::engine::Catalogue;
use crate::model::Text;
use crate::policy::{Policy, PolicyError, PolicySet, resolve};
use crate::report::{PolicyTotals, Remediated, add_remediation, rejected, status};

use super::input::{PolicyObject, Unread};

/// A status is written at most so often.
const STATUS_EVERY: SignedDuration = SignedDuration::from_secs(2);

/// A policy that the cluster holds.
#[derive(Debug)]
struct Held {
    generation: i64,
    spec: Option<Box<PolicySpec>>,
    errors: Vec<PolicyError>,
    unreadable: Option<String>,
    status: Option<PolicyStatus>,
    touched: bool,
    not_before: Option<Timestamp>,
    in_flight: bool,
}

/// All of them, by name.
#[derive(Debug, Default)]
pub(super) struct Policies {
    held: BTreeMap<Text, Held>,
    unseen: Option<BTreeSet<Text>>,
}

impl Policies {
    /// Takes in what the watch saw; returns the policies, old and new, whose subjects are to be looked at again.
    pub(super) fn take(
        &mut self,
        seen: Seen<PolicyObject>,
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

    fn apply(&mut self, object: PolicyObject, set: &mut PolicySet, catalogue: &Catalogue) -> Vec<Policy> {
        let PolicyObject { name, policy } = object;
        let policy = match policy {
            // One that goes is gone.
            Ok(policy) if policy.metadata.deletion_timestamp.is_some() => return self.remove(&name, set),
            Ok(policy) => policy,
            Err(Unread { error, generation, status }) => {
                let unreadable = Some(error.to_string());
                if let Some(known) = self.held.get_mut(&name)
                    && known.unreadable == unreadable
                    && known.generation == generation
                {
                    known.touched |= known.status != status;
                    known.status = status;
                    return Vec::new();
                }
                self.hold(&name, Held { unreadable, status, ..held(generation) });
                return set.remove(&name).into_iter().collect();
            }
        };
        let generation = policy.metadata.generation;
        if let Some(known) = self.held.get_mut(&name)
            && known.spec.as_deref() == Some(&policy.spec)
            && known.generation == generation
        {
            known.touched |= known.status != policy.status;
            known.status.clone_from(&policy.status);
            return Vec::new();
        }
        let resolved = resolve(&policy, catalogue);
        let status = policy.status;
        let mut held = Held { spec: Some(Box::new(policy.spec)), status, ..held(generation) };
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
        self.hold(&name, held);
        changed
    }

    /// Puts a policy in place of what it was before. A status that is being written goes first, so that the one of
    /// the older generation cannot be the last to arrive.
    fn hold(&mut self, name: &Text, new: Held) {
        let (in_flight, not_before) =
            self.held.get(name).map_or((false, None), |old| (old.in_flight, old.not_before));
        self.held.insert(name.clone(), Held { in_flight, not_before, ..new });
    }

    fn remove(&mut self, name: &Text, set: &mut PolicySet) -> Vec<Policy> {
        self.held.remove(name);
        set.remove(name).into_iter().collect()
    }

    /// What these policies cover has changed.
    pub(super) fn touch<'a>(&mut self, names: impl Iterator<Item = &'a Text>) {
        for name in names {
            if let Some(held) = self.held.get_mut(name) {
                held.touched = true;
            }
        }
    }

    /// Looks at every status again.
    pub(super) fn touch_all(&mut self) {
        for held in self.held.values_mut() {
            held.touched = true;
        }
    }

    /// The next status that has to be written.
    pub(super) fn next_status(
        &mut self,
        set: &PolicySet,
        mut sums: impl FnMut(&Text) -> (PolicyTotals, Remediated),
        blind: &[String],
        now: Timestamp,
    ) -> Option<(Text, PolicyStatus)> {
        for (name, held) in &mut self.held {
            let due = held.not_before.is_none_or(|at| at <= now);
            if !held.touched || held.in_flight || !due {
                continue;
            }
            held.touched = false;
            let before = held.status.as_ref();
            let wanted = match (set.get(name), &held.unreadable) {
                (Some(policy), _) => {
                    let (totals, remediated) = sums(name);
                    let mut status = status(policy, &totals, blind, &set.overruled(policy), before, now);
                    add_remediation(&mut status, policy, &remediated, before, now);
                    status
                }
                (None, Some(why)) => rejected(held.generation, std::slice::from_ref(why), before, now),
                (None, None) => rejected(held.generation, &held.errors, before, now),
            };
            if before != Some(&wanted) {
                held.in_flight = true;
                held.not_before = now.saturating_add(STATUS_EVERY).ok();
                return Some((name.clone(), wanted));
            }
        }
        None
    }

    /// When the next status may be written.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let waiting = self.held.values().filter(|held| held.touched && !held.in_flight);
        waiting.filter_map(|held| held.not_before).min()
    }

    pub(super) fn written(&mut self, name: &Text, status: PolicyStatus) {
        if let Some(held) = self.held.get_mut(name) {
            held.in_flight = false;
            held.status = Some(status);
        }
    }

    pub(super) fn failed(&mut self, name: &Text, now: Timestamp) {
        if let Some(held) = self.held.get_mut(name) {
            held.in_flight = false;
            held.touched = true;
            held.not_before = now.saturating_add(STATUS_EVERY).ok();
        }
    }
}

fn held(generation: i64) -> Held {
    Held {
        generation,
        spec: None,
        errors: Vec::new(),
        unreadable: None,
        status: None,
        touched: true,
        not_before: None,
        in_flight: false,
    }
}
