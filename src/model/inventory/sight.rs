//! What is known of the kinds as a whole: what is here in full, what is not there, and what nobody can see.
//!
//! Not its job: the objects themselves (`inventory`).

use std::collections::BTreeMap;

use super::super::space::Space;
use super::super::{Facts, Kind, Provider, Text};
use super::{Inventory, Touched};

/// What is known of a kind as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Every object is here.
    Full,
    /// The API is not served, so there are no such objects.
    Absent,
    /// Nobody knows, and why.
    None(Text),
    /// It is never asked for, and why.
    Withheld(Text),
}

impl Inventory {
    /// Whether every object of the kind that concerns a namespace is known; otherwise why not.
    /// `found`: at least one that the question could be about is there.
    pub(in crate::model) fn sight(&self, kind: Kind, namespace: &Text, found: bool) -> Sight {
        let unreadable = match Facts::are_kept_of(kind) {
            true => self.objects.unreadable(kind, namespace),
            false => self.spaces.get(namespace).and_then(|space| space.unreadable_of(kind)),
        };
        if let Some((name, reason)) = unreadable {
            return Sight::None(format!("{kind} '{name}' {reason}").into());
        }
        if self.live {
            return self.sights.get(&kind).cloned().unwrap_or(Sight::Full);
        }
        if self.complete || found || kind.info().provider == Provider::Team {
            return Sight::Full;
        }
        let what = match kind {
            Kind::Namespace => format!("Namespace '{namespace}' is not"),
            _ if kind.info().namespaced => format!("no {kind} of namespace '{namespace}' is"),
            _ => format!("no {kind} is"),
        };
        let why = format!("{what} in the input (--complete says that it is everything)").into();
        // Nobody puts Secrets, or what a platform keeps for the cluster as a whole, beside their manifests.
        let elsewhere = kind == Kind::Secret || (!kind.info().namespaced && kind != Kind::Namespace);
        if elsewhere { Sight::Withheld(why) } else { Sight::None(why) }
    }

    /// Whether the API of a kind is there: in a cluster whether it is served, offline whether the input uses it.
    pub(in crate::model) fn serves(&self, kind: Kind) -> bool {
        if self.live { self.sights.get(&kind) != Some(&Sight::Absent) } else { self.objects.has(kind) }
    }

    /// How many objects of each kind could not be read.
    pub fn count_unreadable(&self) -> BTreeMap<Kind, usize> {
        let mut counts = self.objects.count_unreadable();
        for ((kind, _), _) in self.spaces.values().flat_map(Space::unreadable) {
            *counts.entry(*kind).or_default() += 1;
        }
        counts
    }

    /// Whether all objects of a kind that can be read are here.
    pub fn is_seen(&self, kind: Kind) -> bool {
        !matches!(self.sights.get(&kind), Some(Sight::None(_)))
    }

    /// Why some kinds cannot be seen at all.
    pub fn blind(&self) -> impl Iterator<Item = &Text> {
        self.sights.values().filter_map(|sight| match sight {
            Sight::None(why) => Some(why),
            Sight::Full | Sight::Absent | Sight::Withheld(_) => None,
        })
    }

    /// Notes what is known of a kind as a whole. Touches every subject when that changed.
    pub fn set_sight(&mut self, kind: Kind, sight: Sight) -> Touched {
        match self.sights.insert(kind, sight.clone()) {
            Some(old) if old == sight => Touched::new(),
            _ => self.subjects(),
        }
    }
}
