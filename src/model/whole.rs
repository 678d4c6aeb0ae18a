//! Objects kept whole, as compact JSON beside their records: only those that some policy's custom checks can see.
//!
//! Not its job: which those are (`policy`), what is left out of one (`decode::whole`), or parsing one (`json`).

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use super::{Kind, Record, Text};

/// How much of an object is kept beside its record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keep {
    /// Nothing.
    #[default]
    Nothing,
    /// All but its status, which changes all the time.
    Desired,
    /// All of it.
    All,
}

impl Keep {
    /// All of it, or all but its status.
    pub fn with_status(status: bool) -> Self {
        if status { Self::All } else { Self::Desired }
    }
}

/// Of which kinds how much is to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    workloads: Keep,
    kinds: BTreeMap<Kind, Keep>,
    /// Whom the API server calls has to be known.
    callbacks: bool,
}

impl Needs {
    /// Keeps a kind.
    pub fn add(&mut self, kind: Kind, keep: Keep) {
        let kept = self.kinds.entry(kind).or_default();
        *kept = keep.max(*kept);
    }

    /// Keeps every kind of workload.
    pub fn add_workloads(&mut self, keep: Keep) {
        self.workloads = keep.max(self.workloads);
    }

    /// Needs to know whom the API server calls.
    pub fn add_callbacks(&mut self) {
        self.callbacks = true;
    }

    /// Whether it has to be known whom the API server calls.
    pub fn callbacks(&self) -> bool {
        self.callbacks
    }

    /// Keeps what others need as well.
    pub fn merge(&mut self, other: &Self) {
        self.callbacks |= other.callbacks;
        self.add_workloads(other.workloads);
        for (kind, keep) in &other.kinds {
            self.add(*kind, *keep);
        }
    }

    /// How much is kept of a kind.
    pub fn of(&self, kind: Kind) -> Keep {
        let every = if kind.is_workload() { self.workloads } else { Keep::Nothing };
        self.kinds.get(&kind).copied().unwrap_or_default().max(every)
    }

    /// Whether nothing is kept of any kind.
    pub fn is_empty(&self) -> bool {
        self.workloads == Keep::Nothing && self.kinds.values().all(|keep| *keep == Keep::Nothing)
    }

    /// Whether all that others need is kept.
    pub fn covers(&self, other: &Self) -> bool {
        let kept = |kind: &Kind| self.of(*kind) >= other.of(*kind);
        self.callbacks >= other.callbacks && self.workloads >= other.workloads && other.kinds.keys().all(kept)
    }
}

impl Record {
    /// Whether anybody could ask for all of the object: not of what stands between a workload and its pods.
    pub fn may_be_kept_whole(&self) -> bool {
        match self {
            Self::Link(_) => false,
            Self::Pod { workload, .. } => workload.is_some(),
            _ => true,
        }
    }
}

/// The objects of one kind.
#[derive(Clone, Debug, Default)]
struct OfKind {
    /// How much of every object is here; what a listing in progress brings may be more.
    complete: Keep,
    texts: HashMap<(Text, Text), Arc<str>>,
}

/// What is kept. A cluster's namespace is in no namespace.
#[derive(Clone, Debug, Default)]
pub(super) struct Wholes {
    kinds: BTreeMap<Kind, OfKind>,
}

impl Wholes {
    /// Puts one in, or takes it out; whether that changed anything.
    pub(super) fn set(&mut self, kind: Kind, namespace: &Text, name: &Text, new: Option<Arc<str>>) -> bool {
        // Where nobody has custom checks this is all there is to do.
        if new.is_none() && self.kinds.is_empty() {
            return false;
        }
        let place = (namespace.clone(), name.clone());
        let Some(new) = new else {
            return self.kinds.get_mut(&kind).is_some_and(|of_kind| of_kind.texts.remove(&place).is_some());
        };
        let texts = &mut self.kinds.entry(kind).or_default().texts;
        if texts.get(&place) == Some(&new) {
            return false;
        }
        texts.insert(place, new);
        true
    }

    pub(super) fn get(&self, kind: Kind, namespace: &Text, name: &Text) -> Option<&str> {
        let texts = &self.kinds.get(&kind)?.texts;
        texts.get(&(namespace.clone(), name.clone())).map(AsRef::as_ref)
    }

    /// Notes how much of every object of a kind is here.
    pub(super) fn complete(&mut self, kind: Kind, keep: Keep) {
        if keep > Keep::Nothing || self.kinds.contains_key(&kind) {
            self.kinds.entry(kind).or_default().complete = keep;
        }
    }

    /// How much of every object of a kind is here.
    pub(super) fn is_complete(&self, kind: Kind) -> Keep {
        self.kinds.get(&kind).map_or(Keep::Nothing, |of_kind| of_kind.complete)
    }

    /// Drops what nobody needs.
    pub(super) fn keep_only(&mut self, needs: &Needs) {
        self.kinds.retain(|kind, _| needs.of(*kind) > Keep::Nothing);
    }

    /// How many are kept.
    pub(super) fn count(&self) -> usize {
        self.kinds.values().map(|of_kind| of_kind.texts.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_add_up() {
        let (mut needs, mut more) = (Needs::default(), Needs::default());
        assert!(needs.is_empty() && needs.covers(&more));
        needs.add(Kind::Service, Keep::Desired);
        more.add(Kind::Service, Keep::All);
        more.add_workloads(Keep::Desired);
        assert!(!needs.covers(&more));
        needs.merge(&more);
        assert!(needs.covers(&more) && !needs.is_empty());
        assert_eq!(
            [Kind::Service, Kind::Job, Kind::Namespace].map(|kind| needs.of(kind)),
            [Keep::All, Keep::Desired, Keep::Nothing]
        );
    }

    #[test]
    fn what_is_kept_goes_when_nobody_needs_it() {
        let (mut wholes, name) = (Wholes::default(), Text::new("api"));
        assert!(wholes.set(Kind::Service, &name, &name, Some("{}".into())));
        assert!(!wholes.set(Kind::Service, &name, &name, Some("{}".into())));
        wholes.complete(Kind::Service, Keep::All);
        assert_eq!(wholes.get(Kind::Service, &name, &name), Some("{}"));
        let mut needs = Needs::default();
        needs.add(Kind::Service, Keep::Desired);
        wholes.keep_only(&needs);
        assert_eq!((wholes.count(), wholes.is_complete(Kind::Service)), (1, Keep::All));
        wholes.keep_only(&Needs::default());
        assert_eq!((wholes.count(), wholes.is_complete(Kind::Service)), (0, Keep::Nothing));
    }
}
