//! Pods, and the ReplicaSets and Jobs between them and the workload that they belong to.
//!
//! Not its job: what the pods mean for the workload.

use super::super::index::Local;
use super::super::{DisruptionBudget, Kind, Link, LivePod, Meta, Text};
use super::{Space, Touch, Touches, forget};

impl Space {
    /// Who controls a ReplicaSet or Job that has an owner.
    pub(in crate::model) fn owner_of_link(&self, kind: Kind, name: &Text) -> Option<Local> {
        self.links.get(&(kind, name.clone())).and_then(|link| owner_of(&link.meta))
    }

    /// The pods of a workload, through the ReplicaSets and Jobs between them.
    pub(in crate::model) fn pods_of(&self, owner: &Local) -> Vec<&LivePod> {
        let mut found = Vec::new();
        for child in self.owned.get(owner).into_iter().flatten() {
            match child.0 {
                Kind::Pod => found.extend(self.pods.get(&child.1)),
                // Only a step down: a link never owns itself, but a hostile owner reference might say so.
                _ => {
                    for pod in self.owned.get(child).into_iter().flatten().filter(|c| c.0 == Kind::Pod) {
                        found.extend(self.pods.get(&pod.1));
                    }
                }
            }
        }
        found
    }

    pub(super) fn apply_link(&mut self, key: Local, new: Option<Link>, touches: &mut Touches) {
        let old = self.links.get(&key);
        if old == new.as_ref() {
            return;
        }
        let before = old.and_then(|link| owner_of(&link.meta));
        let after = new.as_ref().and_then(|link| owner_of(&link.meta));
        self.own(&key, before.as_ref(), after.as_ref());
        touches.extend(before.into_iter().chain(after).map(Touch::Workload));
        match new {
            Some(new) => self.links.insert(key, new),
            None => self.links.remove(&key),
        };
    }

    pub(super) fn apply_pod(&mut self, name: &Text, new: Option<LivePod>, touches: &mut Touches) {
        let old = self.pods.get(name);
        if old == new.as_ref() {
            return;
        }
        if old.map(|pod| &pod.meta.labels) != new.as_ref().map(|pod| &pod.meta.labels) {
            touches.insert(Touch::Namespace);
        }
        let key = (Kind::Pod, name.clone());
        let before = old.and_then(|pod| owner_of(&pod.meta));
        let after = new.as_ref().and_then(|pod| owner_of(&pod.meta));
        self.own(&key, before.as_ref(), after.as_ref());
        touches.extend(before.into_iter().chain(after).map(|owner| self.root(owner)).map(Touch::Workload));
        match new {
            Some(new) => self.pods.insert(name.clone(), new),
            None => self.pods.remove(name),
        };
    }

    fn root(&self, owner: Local) -> Local {
        self.links.get(&owner).and_then(|link| owner_of(&link.meta)).unwrap_or(owner)
    }

    /// Touches the workloads that have pods which a budget selects, also by labels that their template does not show.
    pub(super) fn touch_owners(&self, budget: &DisruptionBudget, touches: &mut Touches) {
        let Some(selector) = &budget.selector else { return };
        let selected = self.pods.values().filter(|pod| selector.matches(&pod.meta.labels));
        let owners = selected.filter_map(|pod| owner_of(&pod.meta));
        touches.extend(owners.map(|owner| self.root(owner)).map(Touch::Workload));
    }

    /// Finds what belongs to workloads of a kind that was not known when it came.
    pub(in crate::model) fn relink(&mut self, kind: Kind) {
        self.owned.retain(|(owner, _), _| *owner != kind);
        let pods = self.pods.values().map(|pod| (Kind::Pod, &pod.meta));
        let links = self.links.values().map(|link| (link.kind, &link.meta));
        for (child, meta) in pods.chain(links) {
            if let Some(owner) = owner_of(meta).filter(|(owner, _)| *owner == kind) {
                self.owned.entry(owner).or_default().insert((child, meta.name.clone()));
            }
        }
        self.scaled.retain(|(target, _), _| *target != kind);
        for (key, autoscaler) in &self.autoscalers {
            if let Some(target) = autoscaler.target_id().filter(|target| target.kind == kind) {
                self.scaled.entry((target.kind, target.name)).or_default().insert(key.clone());
            }
        }
    }

    fn own(&mut self, child: &Local, before: Option<&Local>, after: Option<&Local>) {
        if before == after {
            return;
        }
        if let Some(before) = before {
            forget(&mut self.owned, before, child);
        }
        if let Some(after) = after {
            self.owned.entry(after.clone()).or_default().insert(child.clone());
        }
    }
}

fn owner_of(meta: &Meta) -> Option<Local> {
    let owner = meta.controller.as_ref()?;
    owner.known_kind().map(|kind| (kind, owner.name.clone()))
}
