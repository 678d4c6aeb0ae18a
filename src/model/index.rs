//! Two indexes that make selectors cheap in both directions within one namespace.
//!
//! `Selected` answers "which objects select these labels" and `Workloads` "which workloads does this selector select"
//! without looking at every object. Both only narrow down; the selector itself always has the last word.
//! Not its job: what a match means.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;

use super::{DisruptionBudget, Kind, Labels, Meta, NetworkPolicy, Selector, Service, Text, Workload};

/// An object that selects pods.
pub trait Selects {
    /// Its metadata.
    fn meta(&self) -> &Meta;
    /// Its selector; `None` selects nothing.
    fn selector(&self) -> Option<&Selector>;
}

impl Selects for Service {
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn selector(&self) -> Option<&Selector> {
        self.selector.as_ref()
    }
}

impl Selects for DisruptionBudget {
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn selector(&self) -> Option<&Selector> {
        self.selector.as_ref()
    }
}

impl Selects for NetworkPolicy {
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn selector(&self) -> Option<&Selector> {
        Some(&self.pod_selector)
    }
}

type Pair = (Text, Text);

/// Objects that select pods, by name, found by the labels that they select.
#[derive(Clone, Debug)]
pub struct Selected<T> {
    objects: BTreeMap<Text, T>,
    by_pair: HashMap<Pair, BTreeSet<Text>>,
    without_pair: BTreeSet<Text>,
}

impl<T> Default for Selected<T> {
    fn default() -> Self {
        Self { objects: BTreeMap::new(), by_pair: HashMap::new(), without_pair: BTreeSet::new() }
    }
}

impl<T: Selects> Selected<T> {
    /// The object of this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.objects.get(name)
    }

    /// All objects, by name.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.objects.values()
    }

    /// The names of all objects.
    pub fn names(&self) -> impl Iterator<Item = &Text> {
        self.objects.keys()
    }

    /// The objects that select pods made from a template with these labels, by name.
    pub fn selecting(&self, labels: &Labels) -> impl Iterator<Item = &T> {
        let by_pair = labels.iter().filter_map(|(k, v)| self.by_pair.get(&(k.clone(), v.clone())));
        let names: BTreeSet<&Text> = by_pair.flatten().chain(&self.without_pair).collect();
        names
            .into_iter()
            .filter_map(|name| self.objects.get(name))
            .filter(|object| object.selector().is_some_and(|s| s.matches_template(labels)))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Puts an object in; returns the one whose place it takes.
    pub fn insert(&mut self, object: T) -> Option<T> {
        let name = object.meta().name.clone();
        let old = self.remove(&name);
        match self.pair_of(object.selector()) {
            Some(pair) => self.by_pair.entry(pair).or_default().insert(name.clone()),
            None => self.without_pair.insert(name.clone()),
        };
        self.objects.insert(name, object);
        old
    }

    /// Takes an object out.
    pub fn remove(&mut self, name: &str) -> Option<T> {
        let old = self.objects.remove(name)?;
        self.without_pair.remove(name);
        // Which pair it was filed under depends on what stood there then, so all of its pairs are asked.
        for (key, value) in old.selector().into_iter().flat_map(|s| s.match_labels.iter()) {
            let pair = (key.clone(), value.clone());
            if let Some(names) = self.by_pair.get_mut(&pair)
                && names.remove(name)
                && names.is_empty()
            {
                self.by_pair.remove(&pair);
            }
        }
        Some(old)
    }

    /// The pair of a selector with the fewest objects so far: `part-of: shop` stands in every selector,
    /// `app: checkout` in one. Keys that controllers add are no use, templates do not show them.
    fn pair_of(&self, selector: Option<&Selector>) -> Option<Pair> {
        let labels = &selector?.match_labels;
        let shown = labels.iter().filter(|(key, _)| !super::labels::added_by_controllers(key));
        let pairs = shown.map(|(k, v)| (k.clone(), v.clone()));
        pairs.min_by_key(|pair| self.by_pair.get(pair).map_or(0, BTreeSet::len))
    }
}

/// A workload within its namespace.
pub type Local = (Kind, Text);

/// The workloads of a namespace, found by name and by the labels of their pods.
#[derive(Clone, Debug, Default)]
pub struct Workloads {
    by_name: BTreeMap<Local, Arc<Workload>>,
    by_pair: HashMap<Pair, BTreeSet<Local>>,
}

impl Workloads {
    /// The workload of this kind and name.
    pub fn get(&self, key: &Local) -> Option<&Arc<Workload>> {
        self.by_name.get(key)
    }

    /// All of them, subjects or not, by kind and name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Workload>> {
        self.by_name.values()
    }

    /// The names of those of one kind.
    pub fn names(&self, kind: Kind) -> impl Iterator<Item = Text> {
        self.by_name.keys().filter(move |(k, _)| *k == kind).map(|(_, name)| name.clone())
    }

    /// Puts one in, or takes it out.
    pub fn set(&mut self, key: &Local, new: Option<Workload>) {
        if let Some(old) = self.by_name.remove(key) {
            for (label, value) in old.pod_labels().iter() {
                let pair = (label.clone(), value.clone());
                if let Some(filed) = self.by_pair.get_mut(&pair)
                    && filed.remove(key)
                    && filed.is_empty()
                {
                    self.by_pair.remove(&pair);
                }
            }
        }
        if let Some(new) = new {
            for (label, value) in new.pod_labels().iter() {
                self.by_pair.entry((label.clone(), value.clone())).or_default().insert(key.clone());
            }
            self.by_name.insert(key.clone(), Arc::new(new));
        }
    }

    /// Those whose pods a selector selects, by kind and name.
    pub fn selected(&self, selector: &Selector) -> Vec<&Arc<Workload>> {
        let shown = selector.match_labels.iter().filter(|(key, _)| !super::labels::added_by_controllers(key));
        let filed = shown.map(|(k, v)| self.by_pair.get(&(k.clone(), v.clone())));
        let matching = |w: &&Arc<Workload>| selector.matches_template(w.pod_labels());
        // A pair that nobody has makes the set empty; a selector without pairs has to look at all.
        match filed.min_by_key(|filed| filed.map_or(0, BTreeSet::len)) {
            Some(smallest) => {
                let filed = smallest.into_iter().flatten();
                filed.filter_map(|key| self.by_name.get(key)).filter(matching).collect()
            }
            None => self.by_name.values().filter(matching).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(k, v)| (Text::new(k), Text::new(v))).collect()
    }

    fn budget(name: &str, selector: Option<&[(&str, &str)]>) -> DisruptionBudget {
        DisruptionBudget {
            meta: Meta { name: Text::new(name), ..Meta::default() },
            selector: selector.map(|pairs| Selector::of_labels(labels(pairs))),
            min_available: None,
            max_unavailable: None,
            always_evicts_unhealthy: false,
            made: None,
        }
    }

    fn selecting(index: &Selected<DisruptionBudget>, pairs: &[(&str, &str)]) -> Vec<String> {
        index.selecting(&labels(pairs)).map(|b| b.meta.name.to_string()).collect()
    }

    #[test]
    fn finds_exactly_the_selecting_objects() {
        let mut index = Selected::default();
        index.insert(budget("a", Some(&[("app", "a"), ("part-of", "shop")])));
        index.insert(budget("b", Some(&[("app", "b"), ("part-of", "shop")])));
        index.insert(budget("all", Some(&[])));
        index.insert(budget("none", None));
        assert_eq!(selecting(&index, &[("app", "a"), ("part-of", "shop")]), ["a", "all"]);
        assert_eq!(selecting(&index, &[("part-of", "shop")]), ["all"]);
    }

    #[test]
    fn forgets_what_was_replaced() {
        let mut index = Selected::default();
        index.insert(budget("a", Some(&[("app", "a")])));
        let old = index.insert(budget("a", Some(&[("app", "b")])));
        assert!(old.is_some());
        assert!(selecting(&index, &[("app", "a")]).is_empty());
        assert_eq!(selecting(&index, &[("app", "b")]), ["a"]);
        index.remove("a");
        assert!(selecting(&index, &[("app", "b")]).is_empty() && index.by_pair.is_empty());
    }
}
