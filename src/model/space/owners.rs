//! Who owns what: pods, and the ReplicaSets and Jobs between them and their workloads.
//!
//! Not its job: owners that are no workloads.

use super::super::index::Local;
use super::super::{Kind, LivePod, Text};
use super::{Space, forget, owner_of};

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

    /// Notes who owns a pod or link now, and who did before.
    pub(super) fn own(&mut self, child: &Local, before: Option<&Local>, after: Option<&Local>) {
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
