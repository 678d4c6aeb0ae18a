//! Holds the objects that stand beside workloads, by kind, namespace and name.
//!
//! Not its job: whom a change touches (`inventory`), or what is known of a kind as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Kind, Text};
use super::{Beside, Reach};

/// Namespace (empty for cluster-scoped objects) and name.
type Place = (Text, Text);

/// The objects of one kind.
#[derive(Clone, Debug, Default)]
struct OfKind {
    objects: BTreeMap<Place, Beside>,
    /// Those that reach beyond their namespace.
    far: BTreeSet<Place>,
    /// Those that could not be read, and why: whatever they say could concern everybody.
    unreadable: BTreeMap<Place, String>,
}

/// The objects that stand beside workloads.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Objects(BTreeMap<Kind, OfKind>);

impl Objects {
    /// Puts one in (or why it cannot be read), or takes it out; how far the change reaches, `None` without a change.
    pub(in crate::model) fn set(
        &mut self,
        kind: Kind,
        namespace: &Text,
        name: &Text,
        new: Option<Result<Beside, String>>,
    ) -> Option<Reach> {
        let place = (namespace.clone(), name.clone());
        let of_kind = self.0.entry(kind).or_default();
        let (object, reason) = match new {
            Some(Ok(object)) => (Some(object), None),
            Some(Err(reason)) => (None, Some(reason)),
            None => (None, None),
        };
        let same = of_kind.objects.get(&place) == object.as_ref()
            && of_kind.unreadable.get(&place) == reason.as_ref();
        let mut reach = None;
        if !same {
            of_kind.far.remove(&place);
            let unreadable = of_kind.unreadable.remove(&place).is_some() || reason.is_some();
            let unread = match Beside::stays_at_home(kind) {
                true => Reach::Namespace,
                false => Reach::Cluster,
            };
            let before = of_kind.objects.remove(&place).map(|object| object.reach());
            let after = object.as_ref().map(Beside::reach);
            let is_far = after == Some(Reach::Cluster);
            let each = [before, after, unreadable.then_some(unread)].into_iter().flatten();
            reach = each.reduce(Reach::and);
            if is_far {
                of_kind.far.insert(place.clone());
            }
            match (object, reason) {
                (Some(object), _) => drop(of_kind.objects.insert(place, object)),
                (None, Some(reason)) => drop(of_kind.unreadable.insert(place, reason)),
                (None, None) => {}
            }
        }
        if of_kind.objects.is_empty() && of_kind.unreadable.is_empty() {
            self.0.remove(&kind);
        }
        reach
    }

    /// The name of one that could not be read and may concern a namespace, and why.
    pub(in crate::model) fn unreadable(&self, kind: Kind, namespace: &Text) -> Option<(&Text, &str)> {
        let concerns = |place: &Place| !Beside::stays_at_home(kind) || place.0 == *namespace;
        let ((_, name), reason) = self.0.get(&kind)?.unreadable.iter().find(|(place, _)| concerns(place))?;
        Some((name, reason))
    }

    /// How many of each kind could not be read; kinds without are left out.
    pub(in crate::model) fn count_unreadable(&self) -> BTreeMap<Kind, usize> {
        let counts = self.0.iter().map(|(kind, of_kind)| (*kind, of_kind.unreadable.len()));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Whether there is any of a kind.
    pub(in crate::model) fn has(&self, kind: Kind) -> bool {
        self.0.contains_key(&kind)
    }

    /// The kinds of which there is any.
    pub(in crate::model) fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.0.keys().copied()
    }

    /// The one of this namespace and name.
    pub(in crate::model) fn get(&self, kind: Kind, namespace: &Text, name: &Text) -> Option<&Beside> {
        self.0.get(&kind)?.objects.get(&(namespace.clone(), name.clone()))
    }

    /// Those of one namespace, by name.
    pub(in crate::model) fn within<'a>(
        &'a self,
        kind: Kind,
        namespace: &'a Text,
    ) -> impl Iterator<Item = &'a Beside> {
        let of_kind = self.0.get(&kind).into_iter();
        let objects = of_kind.flat_map(move |of_kind| {
            // The empty text comes before every other.
            of_kind.objects.range((namespace.clone(), Text::default())..)
        });
        objects.take_while(move |((at, _), _)| at == namespace).map(|(_, object)| object)
    }

    /// Those that reach beyond their namespace, by namespace and name.
    pub(in crate::model) fn far(&self, kind: Kind) -> impl Iterator<Item = &Beside> {
        let of_kind = self.0.get(&kind).into_iter();
        of_kind.flat_map(|of_kind| of_kind.far.iter().filter_map(|place| of_kind.objects.get(place)))
    }

    /// All of a kind: only to word findings, since there may be very many.
    pub(in crate::model) fn all(&self, kind: Kind) -> impl Iterator<Item = &Beside> {
        self.0.get(&kind).into_iter().flat_map(|of_kind| of_kind.objects.values())
    }

    /// The places of all of a kind.
    pub(in crate::model) fn places(&self, kind: Kind) -> impl Iterator<Item = &Place> {
        let of_kind = self.0.get(&kind).into_iter();
        of_kind.flat_map(|of_kind| of_kind.objects.keys().chain(of_kind.unreadable.keys()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Meta;
    use super::super::{Facts, Presence, PriorityClass};
    use super::*;

    fn account(namespace: &str, name: &str) -> Beside {
        let meta = Meta { namespace: namespace.into(), name: name.into(), ..Meta::default() };
        Beside { kind: Kind::Secret, meta, facts: Facts::Presence(Box::new(Presence)) }
    }

    #[test]
    fn a_namespace_holds_its_own_and_no_other() {
        let mut objects = Objects::default();
        for (namespace, name) in [("a", "x"), ("a", "y"), ("ab", "z"), ("b", "x")] {
            let new = account(namespace, name);
            let reach = objects.set(Kind::Secret, &namespace.into(), &name.into(), Some(Ok(new)));
            assert_eq!(reach, Some(Reach::Namespace));
        }
        let a = Text::new("a");
        let names: Vec<&str> =
            objects.within(Kind::Secret, &a).map(|object| object.meta.name.as_str()).collect();
        assert_eq!(names, ["x", "y"]);
        let again = objects.set(Kind::Secret, &a, &"x".into(), Some(Ok(account("a", "x"))));
        assert_eq!(again, None);
    }

    #[test]
    fn what_is_cluster_scoped_reaches_everybody_until_it_is_gone() {
        let (mut objects, nowhere, name) = (Objects::default(), Text::default(), Text::new("high"));
        let meta = Meta { name: name.clone(), ..Meta::default() };
        let facts = Facts::PriorityClass(Box::new(PriorityClass { global_default: false }));
        let class = Beside { kind: Kind::PriorityClass, meta, facts };
        assert_eq!(objects.set(Kind::PriorityClass, &nowhere, &name, Some(Ok(class))), Some(Reach::Cluster));
        assert_eq!(objects.far(Kind::PriorityClass).count(), 1);
        assert_eq!(objects.set(Kind::PriorityClass, &nowhere, &name, None), Some(Reach::Cluster));
        assert!(!objects.has(Kind::PriorityClass));
    }
}
