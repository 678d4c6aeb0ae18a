//! Everything known about one namespace, and which subjects a change of it touches.
//!
//! Not its job: what is known of kinds as a whole (`inventory`), or judging (`checks`).

mod neighbours;
mod owned;
mod templates;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::index::{Local, Selected, Selects, Workloads};
use super::{
    Autoscaler, DisruptionBudget, Kind, LimitRange, Link, LivePod, Meta, Namespace, NetworkPolicy, Record,
    ResourceQuota, Service, Text, VolumeClaim, Workload,
};

/// A subject within its namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Touch {
    /// The namespace's own report.
    Namespace,
    /// A workload's report.
    Workload(Local),
    /// Every report of the namespace.
    Everything,
}

pub(super) type Touches = BTreeSet<Touch>;

/// An object that could not be read: its metadata, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What could be read.
    pub meta: Meta,
    /// What is wrong with the rest.
    pub reason: String,
}

/// The contents of one namespace.
#[derive(Clone, Debug, Default)]
pub struct Space {
    pub(super) object: Option<Namespace>,
    pub(super) workloads: Workloads,
    pub(super) services: Selected<Service>,
    pub(super) budgets: Selected<DisruptionBudget>,
    pub(super) network_policies: Selected<NetworkPolicy>,
    pub(super) autoscalers: BTreeMap<Local, Autoscaler>,
    pub(super) limit_ranges: BTreeMap<Text, LimitRange>,
    pub(super) resource_quotas: BTreeMap<Text, ResourceQuota>,
    pub(super) volume_claims: BTreeMap<Text, VolumeClaim>,
    pub(super) pods: BTreeMap<Text, LivePod>,
    pub(super) unreadable: BTreeMap<Local, Unreadable>,
    links: BTreeMap<Local, Link>,
    /// Owner to owned, for pods and links.
    owned: BTreeMap<Local, BTreeSet<Local>>,
    /// Workload to the Rollouts that use its template.
    borrowers: BTreeMap<Local, BTreeSet<Local>>,
    /// Target to the autoscalers that name it.
    scaled: BTreeMap<Local, BTreeSet<Local>>,
}

impl Space {
    /// The Namespace object, where it is known.
    pub fn object(&self) -> Option<&Namespace> {
        self.object.as_ref()
    }

    /// The workloads that are subjects, by kind and name.
    pub fn subjects(&self) -> impl Iterator<Item = &Arc<Workload>> {
        self.workloads.iter().filter(|workload| workload.is_subject())
    }

    /// The budgets that say that Seaworthy made them, by name.
    pub fn made_budgets(&self) -> impl Iterator<Item = &DisruptionBudget> {
        self.budgets.iter().filter(|budget| budget.made.is_some())
    }

    /// The network policies that say that Seaworthy made them, by name.
    pub fn made_network_policies(&self) -> impl Iterator<Item = &NetworkPolicy> {
        self.network_policies.iter().filter(|policy| policy.made.is_some())
    }

    /// The workload of this kind and name, subject or not.
    pub fn workload(&self, kind: Kind, name: &Text) -> Option<&Arc<Workload>> {
        self.workloads.get(&(kind, name.clone()))
    }

    /// The metadata of the object of this kind and name, readable or not.
    pub fn meta_of(&self, kind: Kind, name: &Text) -> Option<&Meta> {
        let key = (kind, name.clone());
        let unreadable = || self.unreadable.get(&key).map(|unreadable| &unreadable.meta);
        self.workloads.get(&key).map(|workload| &workload.meta).or_else(unreadable)
    }

    /// Why the object of this kind and name could not be read, if it could not.
    pub fn unreadable_reason(&self, kind: Kind, name: &Text) -> Option<&str> {
        self.unreadable.get(&(kind, name.clone())).map(|unreadable| unreadable.reason.as_str())
    }

    /// One of a kind that could not be read: its name, and why.
    pub(super) fn unreadable_of(&self, kind: Kind) -> Option<(&Text, &str)> {
        let of_kind = self.unreadable.iter().find(|((k, _), _)| *k == kind);
        of_kind.map(|((_, name), unreadable)| (name, unreadable.reason.as_str()))
    }

    /// The objects that could not be read.
    pub fn unreadable(&self) -> impl Iterator<Item = (&Local, &Unreadable)> {
        self.unreadable.iter()
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        let no_workload = self.workloads.iter().next().is_none() && self.unreadable.is_empty();
        self.object.is_none() && no_workload && Kind::ALL.iter().all(|kind| self.names(*kind).is_empty())
    }

    /// The names of all objects of a kind, unreadable ones included.
    pub(super) fn names(&self, kind: Kind) -> BTreeSet<Text> {
        fn of_kind<V>(map: &BTreeMap<Local, V>, kind: Kind) -> impl Iterator<Item = Text> + '_ {
            map.keys().filter(move |(k, _)| *k == kind).map(|(_, name)| name.clone())
        }
        let unreadable = of_kind(&self.unreadable, kind);
        let names: Vec<Text> = match kind {
            Kind::Namespace => self.object.iter().map(|n| n.meta.name.clone()).collect(),
            Kind::Service => self.services.names().cloned().collect(),
            Kind::PodDisruptionBudget => self.budgets.names().cloned().collect(),
            Kind::NetworkPolicy => self.network_policies.names().cloned().collect(),
            Kind::HorizontalPodAutoscaler | Kind::ScaledObject | Kind::VerticalPodAutoscaler => {
                of_kind(&self.autoscalers, kind).collect()
            }
            Kind::LimitRange => self.limit_ranges.keys().cloned().collect(),
            Kind::ResourceQuota => self.resource_quotas.keys().cloned().collect(),
            Kind::PersistentVolumeClaim => self.volume_claims.keys().cloned().collect(),
            Kind::Pod => self.pods.keys().cloned().chain(self.workloads.names(kind)).collect(),
            _ => self.workloads.names(kind).chain(of_kind(&self.links, kind)).collect(),
        };
        names.into_iter().chain(unreadable).collect()
    }

    /// The autoscalers that name a workload, by kind and name.
    pub(super) fn autoscalers_of(&self, target: &Local) -> impl Iterator<Item = &Autoscaler> {
        let names = self.scaled.get(target).into_iter().flatten();
        names.filter_map(|name| self.autoscalers.get(name))
    }

    /// Puts a record in and says what that touches; nothing when it is what stood there.
    pub(super) fn apply(&mut self, record: Record) -> Touches {
        let mut touches = Touches::new();
        let key = record.key();
        if self.unreadable.remove(&key).is_some() {
            // It may be no workload any more, or gone, and then it is not among everything.
            touches.extend([Touch::Everything, Touch::Workload(key.clone())]);
        }
        match record {
            // A ReplicaSet or Job may be adopted or let go: it is one or the other, never both.
            Record::Workload(new) => {
                self.apply_link(key.clone(), None, &mut touches);
                self.apply_workload(key, Some(*new), &mut touches);
            }
            Record::Link(new) => {
                self.apply_workload(key.clone(), None, &mut touches);
                self.apply_link(key, Some(new), &mut touches);
            }
            Record::Pod { meta: _, live, workload } => {
                self.apply_pod(&key.1, live, &mut touches);
                self.apply_workload(key, workload.map(|w| *w), &mut touches);
            }
            Record::Namespace(new) => {
                if self.object.as_ref() != Some(&new) {
                    self.object = Some(new);
                    touches.insert(Touch::Everything);
                }
            }
            Record::Service(new) => {
                if self.services.get(&new.meta.name) != Some(&new) {
                    self.touch_governed(&new.meta.name, &mut touches);
                }
                replace(&mut self.services, new, &self.workloads, &mut touches);
            }
            Record::Budget(new) => self.apply_budget(new, &mut touches),
            Record::NetworkPolicy(new) => {
                replace(&mut self.network_policies, new, &self.workloads, &mut touches)
            }
            Record::Autoscaler(new) => self.apply_autoscaler(key, Some(new), &mut touches),
            Record::LimitRange(new) => {
                put(&mut self.limit_ranges, key.1, Some(new), Touch::Everything, &mut touches);
            }
            Record::ResourceQuota(new) => {
                put(&mut self.resource_quotas, key.1, Some(new), Touch::Namespace, &mut touches);
            }
            Record::VolumeClaim(new) => {
                put(&mut self.volume_claims, key.1, Some(new), Touch::Everything, &mut touches);
            }
            // These are held beside the namespaces (`beside`).
            Record::Beside(_) => {}
        }
        touches
    }

    /// Notes an object that cannot be read in place of what stood there.
    pub(super) fn apply_unreadable(&mut self, kind: Kind, unreadable: Unreadable) -> Touches {
        let key = (kind, unreadable.meta.name.clone());
        if self.unreadable.get(&key) == Some(&unreadable) {
            return Touches::new();
        }
        let mut touches = self.remove(kind, &unreadable.meta.name);
        self.unreadable.insert(key, unreadable);
        touches.insert(Touch::Everything);
        touches
    }

    /// Takes an object out and says what that touches.
    pub(super) fn remove(&mut self, kind: Kind, name: &Text) -> Touches {
        let mut touches = Touches::new();
        let key = (kind, name.clone());
        if self.unreadable.remove(&key).is_some() {
            // It may be no workload any more, or gone, and then it is not among everything.
            touches.extend([Touch::Everything, Touch::Workload(key.clone())]);
        }
        match kind {
            Kind::Namespace => {
                if self.object.take().is_some() {
                    touches.insert(Touch::Everything);
                }
            }
            Kind::Service => {
                self.touch_governed(name, &mut touches);
                withdraw(&mut self.services, name, &self.workloads, &mut touches);
            }
            Kind::PodDisruptionBudget => {
                if let Some(old) = self.budgets.get(name) {
                    self.touch_owners(old, &mut touches);
                }
                withdraw(&mut self.budgets, name, &self.workloads, &mut touches);
            }
            Kind::NetworkPolicy => withdraw(&mut self.network_policies, name, &self.workloads, &mut touches),
            Kind::HorizontalPodAutoscaler | Kind::ScaledObject | Kind::VerticalPodAutoscaler => {
                self.apply_autoscaler(key, None, &mut touches);
            }
            Kind::LimitRange => {
                put(&mut self.limit_ranges, key.1, None, Touch::Everything, &mut touches);
            }
            Kind::ResourceQuota => {
                put(&mut self.resource_quotas, key.1, None, Touch::Namespace, &mut touches);
            }
            Kind::PersistentVolumeClaim => {
                put(&mut self.volume_claims, key.1, None, Touch::Everything, &mut touches);
            }
            Kind::Pod => {
                self.apply_pod(name, None, &mut touches);
                self.apply_workload(key, None, &mut touches);
            }
            _ => {
                self.apply_link(key.clone(), None, &mut touches);
                self.apply_workload(key, None, &mut touches);
            }
        }
        touches
    }

    fn apply_workload(&mut self, key: Local, new: Option<Workload>, touches: &mut Touches) {
        let new = new.map(|workload| self.with_template(workload));
        let old = self.workloads.get(&key);
        if old.map(Arc::as_ref) == new.as_ref() {
            return;
        }
        let old = old.cloned();
        // The namespace's checks look at what workloads there are and at their specs, not at their health.
        let changed = old.as_deref().map(shape) != new.as_ref().map(shape);
        if changed {
            touches.insert(Touch::Namespace);
            self.touch_neighbours(old.as_deref(), touches);
        }
        self.note_borrower(&key, new.as_ref(), touches);
        self.workloads.set(&key, new);
        self.lend(&key, touches);
        if changed {
            self.touch_neighbours(self.workloads.get(&key).map(Arc::as_ref), touches);
        }
        touches.insert(Touch::Workload(key));
    }

    fn apply_budget(&mut self, new: DisruptionBudget, touches: &mut Touches) {
        let old = self.budgets.get(&new.meta.name);
        if old == Some(&new) {
            return;
        }
        for budget in old.into_iter().chain([&new]) {
            self.touch_owners(budget, touches);
        }
        replace(&mut self.budgets, new, &self.workloads, touches);
    }

    fn apply_autoscaler(&mut self, key: Local, new: Option<Autoscaler>, touches: &mut Touches) {
        let old = self.autoscalers.get(&key);
        if old == new.as_ref() {
            return;
        }
        let target = |a: &Autoscaler| a.target_id().map(|id| (id.kind, id.name));
        let (before, after) = (old.and_then(target), new.as_ref().and_then(target));
        if let Some(before) = &before {
            forget(&mut self.scaled, before, &key);
        }
        if let Some(after) = &after {
            self.scaled.entry(after.clone()).or_default().insert(key.clone());
        }
        touches.extend(before.into_iter().chain(after).map(Touch::Workload));
        touches.insert(Touch::Namespace);
        match new {
            Some(new) => self.autoscalers.insert(key, new),
            None => self.autoscalers.remove(&key),
        };
    }
}

/// What of a workload concerns others.
fn shape(w: &Workload) -> impl PartialEq {
    (&w.meta.labels, &w.template, w.replicas, w.suspended, &w.selector)
}

fn forget(map: &mut BTreeMap<Local, BTreeSet<Local>>, key: &Local, value: &Local) {
    if let Some(values) = map.get_mut(key) {
        values.remove(value);
        if values.is_empty() {
            map.remove(key);
        }
    }
}

fn put<T: PartialEq>(
    map: &mut BTreeMap<Text, T>,
    name: Text,
    new: Option<T>,
    touch: Touch,
    touches: &mut Touches,
) {
    if map.get(&name) == new.as_ref() {
        return;
    }
    touches.insert(touch);
    match new {
        Some(new) => map.insert(name, new),
        None => map.remove(&name),
    };
}

/// Puts an object that selects pods in; touches what the old one selected and what the new one does.
fn replace<T: Selects + PartialEq>(
    table: &mut Selected<T>,
    new: T,
    workloads: &Workloads,
    touches: &mut Touches,
) {
    let name = new.meta().name.clone();
    if table.get(&name) == Some(&new) {
        return;
    }
    touch_selected(&new, workloads, touches);
    if let Some(old) = table.insert(new) {
        touch_selected(&old, workloads, touches);
    }
}

fn withdraw<T: Selects>(table: &mut Selected<T>, name: &Text, workloads: &Workloads, touches: &mut Touches) {
    if let Some(old) = table.remove(name) {
        touch_selected(&old, workloads, touches);
    }
}

fn touch_selected<T: Selects>(object: &T, workloads: &Workloads, touches: &mut Touches) {
    let selected = object.selector().map(|selector| workloads.selected(selector)).unwrap_or_default();
    touches.extend(selected.into_iter().map(|w| Touch::Workload((w.kind, w.meta.name.clone()))));
    touches.insert(Touch::Namespace);
}
