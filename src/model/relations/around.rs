//! Looks at what stands beside workloads: by name, within a namespace, and as far as objects reach.
//!
//! Not its job: what the objects mean for a subject.

use super::super::{Beside, Kept, Kind, Meta, Selector, Text, Workload};
use super::Relations;

/// An object that stands beside workloads, with its facts as their own type.
#[derive(Debug)]
pub struct Found<'a, T> {
    /// Its metadata.
    pub meta: &'a Meta,
    /// What else is kept of it.
    pub facts: &'a T,
}

impl<T> Clone for Found<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Found<'_, T> {}

impl<T> std::ops::Deref for Found<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.facts
    }
}

pub(super) fn found<T: Kept>(object: &Beside) -> Option<Found<'_, T>> {
    T::of(&object.facts).map(|facts| Found { meta: &object.meta, facts })
}

impl<'a> Relations<'a> {
    /// Whether the API of a kind is there: in a cluster whether it is served, offline whether the input uses it.
    /// A cluster where that may not be asked is a blind look, like every other.
    pub fn serves(&self, kind: Kind) -> bool {
        let serves = self.inventory.serves(kind);
        if !serves {
            self.beyond_sight();
        }
        if self.inventory.is_live() {
            self.look(kind, false);
        }
        serves
    }

    /// The Argo Rollout that uses the workload's template (`spec.workloadRef`) and so runs pods in its place.
    pub fn rollout_of(&self, workload: &Workload) -> Option<&'a Text> {
        let key = (workload.kind, workload.meta.name.clone());
        let rollout = self.space.and_then(|space| space.borrowers_of(&key).next()).map(|(_, name)| name);
        self.look(Kind::Rollout, rollout.is_some());
        rollout
    }

    /// The objects of a kind in the namespace, by name.
    pub fn beside<T: Kept>(&self, kind: Kind) -> Vec<Found<'a, T>> {
        let objects: Vec<_> =
            self.inventory.objects().within(kind, self.namespace).filter_map(found).collect();
        self.look(kind, !objects.is_empty());
        objects
    }

    /// The objects of a kind that may concern the namespace: its own, those of other namespaces that reach beyond
    /// theirs, and the cluster's.
    pub fn reaching<T: Kept>(&self, kind: Kind) -> Vec<Found<'a, T>> {
        let objects = self.inventory.objects();
        let own = objects.within(kind, self.namespace);
        let far = objects.far(kind).filter(|object| object.meta.namespace != *self.namespace);
        let reaching: Vec<_> = own.chain(far).filter_map(found).collect();
        self.look(kind, !reaching.is_empty());
        reaching
    }

    /// The object of a kind and name: in the namespace, or in the cluster where the kind is cluster-scoped.
    pub fn named<T: Kept>(&self, kind: Kind, name: &Text) -> Option<Found<'a, T>> {
        let nowhere = Text::default();
        let namespace = if kind.info().namespaced { self.namespace } else { &nowhere };
        let object = self.inventory.objects().get(kind, namespace, name);
        self.look(kind, object.is_some());
        object.and_then(found)
    }

    /// The object of a kind and name in whatever namespace. Objects elsewhere do not touch the subject when they
    /// change unless they reach beyond their namespace, so such a look is repeated now and then.
    pub fn named_in<T: Kept>(&self, kind: Kind, namespace: &Text, name: &Text) -> Option<Found<'a, T>> {
        if namespace != self.namespace {
            self.hint();
        }
        let object = self.inventory.objects().get(kind, namespace, name);
        self.look(kind, object.is_some());
        object.and_then(found)
    }

    /// The other namespaces that have an object of this kind and name: only to word a finding.
    pub fn beside_elsewhere(&self, kind: Kind, name: &Text) -> Vec<&'a Text> {
        self.hint();
        let namesakes = self.inventory.objects().all(kind).filter(|object| object.meta.name == *name);
        let namespaces = namesakes.map(|object| &object.meta.namespace);
        namespaces.filter(|namespace| *namespace != self.namespace).collect()
    }

    /// The objects of a kind whose labels a selector selects: in the namespace, or in the cluster where the kind is
    /// cluster-scoped.
    pub fn labelled<T: Kept>(&self, kind: Kind, selector: &Selector) -> Vec<Found<'a, T>> {
        let objects = self.inventory.objects();
        let own = objects.within(kind, self.namespace);
        let far = objects.far(kind).filter(|_| !kind.info().namespaced);
        let fits = |object: &&Beside| selector.matches(&object.meta.labels);
        let labelled: Vec<_> = own.chain(far).filter(fits).filter_map(found).collect();
        self.look(kind, !labelled.is_empty());
        labelled
    }

    /// What a look says, or why it could not see. For checks that look for several things of which each alone is a
    /// finding: what one look could not see does not unsay what another has seen. A check that then finds nothing has
    /// to answer `Unknown` with the reason.
    pub fn seen<R>(&self, look: impl FnOnce() -> R) -> Result<R, Text> {
        let before = self.blind.take();
        let answer = look();
        let blind = self.blind.replace(before).into_iter().next();
        blind.map_or(Ok(answer), Err)
    }
}
