//! Near misses: what almost concerned a subject, so that a finding can say what was considered.
//!
//! A near miss only words a finding and never decides one. In other namespaces it is looked for by name: whoever
//! puts a budget into the wrong namespace seldom renames it as well, and looking at every selector of the cluster for
//! every finding would cost its square. Since what is far away does not touch a subject, such a look is noted as a
//! hint, and the subject is looked at again now and then. Not its job: deciding.

use super::super::index::{Selected, Selects};
use super::super::{
    Autoscaler, DisruptionBudget, Kind, NetworkPolicy, Selector, Service, Space, Text, Workload,
};
use super::Relations;

impl<'a> Relations<'a> {
    /// All workloads of the namespace, subjects or not: what a near miss is looked for among.
    pub fn workloads(&self) -> impl Iterator<Item = &'a Workload> {
        self.hint();
        self.space.into_iter().flat_map(|space| space.workloads.iter()).map(std::sync::Arc::as_ref)
    }

    /// The namespaces other than this one that have an object of this kind and name.
    pub fn elsewhere(&self, kind: Kind, name: &Text) -> Vec<&'a Text> {
        self.hint();
        self.inventory.namespaces_with(kind, name).filter(|namespace| *namespace != self.namespace).collect()
    }

    /// The Services of the namespace that nearly select a workload.
    pub fn services_nearby(&self) -> impl Iterator<Item = &'a Service> {
        self.hint();
        self.space.into_iter().flat_map(|space| space.services.iter())
    }

    /// The budgets of the namespace that nearly select a workload.
    pub fn budgets_nearby(&self) -> impl Iterator<Item = &'a DisruptionBudget> {
        self.hint();
        self.space.into_iter().flat_map(|space| space.budgets.iter())
    }

    /// The network policies of the namespace that nearly select a workload.
    pub fn network_policies_nearby(&self) -> impl Iterator<Item = &'a NetworkPolicy> {
        self.hint();
        self.space.into_iter().flat_map(|space| space.network_policies.iter())
    }

    /// The autoscalers of the namespace that name something of this name, of whatever kind.
    pub fn autoscalers_naming(&self, name: &Text) -> Vec<&'a Autoscaler> {
        self.hint();
        let all = self.space.into_iter().flat_map(|space| space.autoscalers.values());
        all.filter(|a| a.target.name == *name).collect()
    }

    /// An HPA or ScaledObject of another namespace that names the workload, while nothing there has that name.
    pub fn stray_autoscaler(&self, workload: &Workload) -> Option<&'a Autoscaler> {
        let key = (workload.kind, workload.meta.name.clone());
        [Kind::HorizontalPodAutoscaler, Kind::ScaledObject].into_iter().find_map(|kind| {
            let mut theirs = self.others(kind, &workload.meta.name);
            theirs.find_map(|space| {
                let idle = space.workloads.get(&key).is_none();
                space.autoscalers_of(&key).find(|a| idle && a.kind == kind)
            })
        })
    }

    /// A budget of this name in another namespace that selects such pods, but none of its own namespace.
    pub fn stray_budget(&self, workload: &Workload) -> Option<&'a DisruptionBudget> {
        self.stray(Kind::PodDisruptionBudget, |space| &space.budgets, workload)
    }

    /// A Service of this name in another namespace that selects such pods, but none of its own namespace.
    pub fn stray_service(&self, workload: &Workload) -> Option<&'a Service> {
        let stray = self.stray(Kind::Service, |space| &space.services, workload);
        stray.filter(|service| !service.external_name)
    }

    /// A network policy of this name in another namespace that selects such pods, but none of its own namespace.
    pub fn stray_network_policy(&self, workload: &Workload) -> Option<&'a NetworkPolicy> {
        self.stray(Kind::NetworkPolicy, |space| &space.network_policies, workload)
    }

    /// The namespaces other than this one with a workload of this name that a selector would select.
    pub fn selected_elsewhere(&self, selector: &Selector, name: &Text) -> Vec<&'a Text> {
        let long_running = Kind::all().filter(|kind| kind.is_long_running());
        let mut found: Vec<&Text> = long_running
            .flat_map(|kind| self.elsewhere(kind, name).into_iter().map(move |namespace| (kind, namespace)))
            .filter(|(kind, namespace)| {
                let workload = self.inventory.space(namespace).and_then(|space| space.workload(*kind, name));
                workload.is_some_and(|workload| selector.matches_template(workload.pod_labels()))
            })
            .map(|(_, namespace)| namespace)
            .collect();
        found.dedup();
        found
    }

    fn others(&self, kind: Kind, name: &Text) -> impl Iterator<Item = &'a Space> {
        self.elsewhere(kind, name).into_iter().filter_map(|namespace| self.inventory.space(namespace))
    }

    // A selector that selects everything is at home in any namespace, so it is no stray.
    fn stray<T: Selects>(
        &self,
        kind: Kind,
        table: fn(&Space) -> &Selected<T>,
        workload: &Workload,
    ) -> Option<&'a T> {
        let name = &workload.meta.name;
        self.others(kind, name).find_map(|space| {
            let object = table(space).get(name)?;
            let selector = object.selector().filter(|selector| !selector.is_empty())?;
            let idle = space.workloads.selected(selector).is_empty();
            (idle && selector.matches_template(workload.pod_labels())).then_some(object)
        })
    }
}
