//! Near misses: what almost concerned a subject, so that a finding can say what was considered.
//!
//! Nothing here notes a look: a near miss only words a finding and never decides one. Not its job: deciding.

use super::super::index::{Selected, Selects};
use super::super::{
    Autoscaler, DisruptionBudget, Kind, LivePod, NetworkPolicy, Selector, Space, Text, Workload,
};
use super::Relations;

impl<'a> Relations<'a> {
    /// The autoscalers of the namespace that name something of this name, of whatever kind.
    pub fn autoscalers_naming(&self, name: &Text) -> Vec<&'a Autoscaler> {
        let all = self.space.into_iter().flat_map(|space| space.autoscalers.values());
        all.filter(|a| a.target.name == *name).collect()
    }

    /// An HPA or ScaledObject of another namespace that names the workload, while nothing there has that name.
    pub fn stray_autoscaler(&self, workload: &Workload) -> Option<&'a Autoscaler> {
        let key = (workload.kind, workload.meta.name.clone());
        let theirs = self.others().filter(|space| space.workloads.get(&key).is_none());
        let mut found = theirs.flat_map(|space| space.autoscalers_of(&key).collect::<Vec<_>>());
        found.find(|a| a.kind != Kind::VerticalPodAutoscaler)
    }

    /// A budget of another namespace that selects such pods, but none of its own namespace.
    pub fn stray_budget(&self, workload: &Workload) -> Option<&'a DisruptionBudget> {
        self.stray(|space| &space.budgets, workload)
    }

    /// A network policy of another namespace that selects such pods, but none of its own namespace.
    pub fn stray_network_policy(&self, workload: &Workload) -> Option<&'a NetworkPolicy> {
        self.stray(|space| &space.network_policies, workload)
    }

    /// The namespaces other than this one where a selector would select a workload.
    pub fn selected_elsewhere(&self, selector: &Selector) -> Vec<&'a Text> {
        let others = self.inventory.spaces().filter(|(namespace, _)| *namespace != self.namespace);
        let selected = others.filter(|(_, space)| !space.workloads.selected(selector).is_empty());
        selected.map(|(namespace, _)| namespace).collect()
    }

    /// The pods that a selector selects and that have not ended, whoever owns them. Offline there are none.
    pub fn running_pods(&self, selector: &Selector) -> Vec<&'a LivePod> {
        let pods = self.space.into_iter().flat_map(|space| space.pods.values());
        pods.filter(|pod| !pod.finished && selector.matches(&pod.meta.labels)).collect()
    }

    /// Whether it is a pod that has ended. Offline none has.
    pub fn has_ended(&self, workload: &Workload) -> bool {
        let pod = || self.space.and_then(|space| space.pods.get(&workload.meta.name));
        workload.kind == Kind::Pod && pod().is_some_and(|pod| pod.finished)
    }

    fn others(&self) -> impl Iterator<Item = &'a Space> {
        let others = self.inventory.spaces().filter(|(namespace, _)| *namespace != self.namespace);
        others.map(|(_, space)| space)
    }

    // A selector that selects everything is at home in any namespace, so it is no stray.
    fn stray<T: Selects>(&self, table: fn(&Space) -> &Selected<T>, workload: &Workload) -> Option<&'a T> {
        let idle = |space: &Space, object: &T| {
            let specific = |s: &&Selector| !s.is_empty();
            let selector = object.selector().filter(specific);
            selector.is_some_and(|selector| space.workloads.selected(selector).is_empty())
        };
        self.others().find_map(|space| {
            table(space).selecting(workload.pod_labels()).find(|object| idle(space, object))
        })
    }
}
