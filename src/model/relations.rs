//! Which objects concern which: every look of a check beyond its own subject passes here.
//!
//! A look at a kind that is not known in full is noted, and the engine turns whatever the check then says into
//! `Unknown`: no check can forget to ask. Not its job: judging.

mod around;
mod attested;
mod documents;
mod far;
mod isolation;
mod monitored;
mod near;
mod whole;

pub use around::Found;
pub use attested::{ATTEST, Claims, Done, Exercise, Illegible, Told};
pub use documents::Document;
pub use monitored::MonitoredPods;
pub use whole::{BEHELD, Beheld};

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use super::index::Local;
use super::{
    Annotations, Autoscaler, Availability, Container, DisruptionBudget, Inventory, Kind, Labels, LimitRange,
    LivePod, NetworkPolicy, Protocol, ResourceQuota, Role, Selector, Service, Sight, Space, Text,
    VolumeClaim, Workload,
};

/// Why something could not be seen; the later weighs more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Obscured {
    /// Everything could be seen.
    #[default]
    No,
    /// Nobody could see it from here: what runs, in a manifest; data that is never read, an API that is not there.
    ByDesign,
    /// It should be there to be seen: a kind that is denied, an object that cannot be read or is not in the input.
    ByAccident,
}

/// A view of one namespace that remembers where it could not see.
#[derive(Debug)]
pub struct Relations<'a> {
    inventory: &'a Inventory,
    namespace: &'a Text,
    space: Option<&'a Space>,
    /// Why the first look that saw nothing did not; it makes the verdict, so no later one matters.
    blind: RefCell<Option<Text>>,
    obstacle: Cell<Obscured>,
    hinted: Cell<bool>,
    /// Only where custom checks look at whole objects.
    parsed: OnceCell<Box<whole::Parsed>>,
}

impl<'a> Relations<'a> {
    /// The view of a namespace.
    pub fn of(inventory: &'a Inventory, namespace: &'a Text) -> Self {
        let space = inventory.space(namespace);
        Self {
            inventory,
            namespace,
            space,
            blind: RefCell::default(),
            obstacle: Cell::default(),
            hinted: Cell::new(false),
            parsed: OnceCell::new(),
        }
    }

    /// The namespace's name.
    pub fn namespace(&self) -> &'a Text {
        self.namespace
    }

    /// The labels of the namespace, the one with its name included.
    pub fn namespace_labels(&self) -> Labels {
        let object = self.space.and_then(Space::object);
        self.look(Kind::Namespace, object.is_some());
        let written = object.into_iter().flat_map(|object| object.meta.labels.iter());
        // The API server sets it on every namespace, so a manifest need not.
        let name = (Text::new("kubernetes.io/metadata.name"), self.namespace.clone());
        written.map(|(key, value)| (key.clone(), value.clone())).chain([name]).collect()
    }

    /// The annotations of the namespace, as far as its object is there. For what they only may add to: an input without
    /// the Namespace is no reason not to judge.
    pub fn namespace_annotations(&self) -> Option<&'a Annotations> {
        self.space.and_then(Space::object).map(|object| &object.meta.annotations)
    }

    /// Why something that was looked at could not be seen, and forgets it; `None` when all could be seen.
    pub fn take_blind(&self) -> Option<Text> {
        self.blind.take()
    }

    /// Whether anything was looked at only to word a finding: what does not touch the subject when it changes.
    pub fn is_hinted(&self) -> bool {
        self.hinted.get()
    }

    fn hint(&self) {
        self.hinted.set(true);
    }

    /// Notes a look at a kind. `found`: an object that the question could be about is there.
    fn look(&self, kind: Kind, found: bool) {
        self.look_in(self.namespace, kind, found);
    }

    fn look_in(&self, namespace: &Text, kind: Kind, found: bool) {
        self.note(|| match self.inventory.sight(kind, namespace, found) {
            Sight::None(reason) => Some((reason, Obscured::ByAccident)),
            Sight::Withheld(reason) => Some((reason, Obscured::ByDesign)),
            Sight::Full | Sight::Absent => None,
        });
    }

    fn note(&self, blind: impl FnOnce() -> Option<(Text, Obscured)>) {
        let mut first = self.blind.borrow_mut();
        if first.is_none()
            && let Some((reason, obstacle)) = blind()
        {
            *first = Some(reason);
            self.obstacle.set(self.obstacle.get().max(obstacle));
        }
    }

    /// Notes that an answer lies beyond what can be seen from here, whoever looks: an `Unknown` that rests on it does
    /// not hold up the verdict on the subject.
    pub fn beyond_sight(&self) {
        self.obstacle.set(self.obstacle.get().max(Obscured::ByDesign));
    }

    /// Whether all that could not be seen since this was last asked is what nobody could see from here.
    pub fn take_by_design(&self) -> bool {
        self.obstacle.take() == Obscured::ByDesign
    }

    fn all<T>(&self, kind: Kind, list: impl FnOnce(&'a Space) -> Vec<T>) -> Vec<T> {
        let found = self.space.map(list).unwrap_or_default();
        self.look(kind, !found.is_empty());
        found
    }

    /// The Services whose selector selects the workload's pods.
    pub fn services_of(&self, workload: &Workload) -> Vec<&'a Service> {
        let select = |space: &'a Space| space.services.selecting(workload.pod_labels()).collect();
        let mut services: Vec<&Service> = self.all(Kind::Service, select);
        services.retain(|service| !service.external_name);
        services
    }

    /// All Services of the namespace.
    pub fn services(&self) -> Vec<&'a Service> {
        self.all(Kind::Service, |space| space.services.iter().collect())
    }

    /// The PodDisruptionBudgets that select the workload's pods.
    pub fn budgets_of(&self, workload: &Workload) -> Vec<&'a DisruptionBudget> {
        self.budgets_selecting(workload.pod_labels())
    }

    /// The PodDisruptionBudgets that select a pod with these labels.
    pub fn budgets_selecting(&self, labels: &Labels) -> Vec<&'a DisruptionBudget> {
        self.all(Kind::PodDisruptionBudget, |space| space.budgets.selecting(labels).collect())
    }

    /// The PodDisruptionBudget of this name.
    pub fn budget(&self, name: &str) -> Option<&'a DisruptionBudget> {
        let budget = self.space.and_then(|space| space.budgets.get(name));
        self.look(Kind::PodDisruptionBudget, budget.is_some());
        budget
    }

    /// All PodDisruptionBudgets of the namespace.
    pub fn budgets(&self) -> Vec<&'a DisruptionBudget> {
        self.all(Kind::PodDisruptionBudget, |space| space.budgets.iter().collect())
    }

    /// The NetworkPolicies that select the workload's pods.
    pub fn network_policies_of(&self, workload: &Workload) -> Vec<&'a NetworkPolicy> {
        let select = |space: &'a Space| space.network_policies.selecting(workload.pod_labels()).collect();
        self.all(Kind::NetworkPolicy, select)
    }

    /// All NetworkPolicies of the namespace.
    pub fn network_policies(&self) -> Vec<&'a NetworkPolicy> {
        self.all(Kind::NetworkPolicy, |space| space.network_policies.iter().collect())
    }

    /// The HorizontalPodAutoscalers and ScaledObjects that name the workload.
    pub fn autoscalers_of(&self, workload: &Workload) -> Vec<&'a Autoscaler> {
        let key = (workload.kind, workload.meta.name.clone());
        let horizontal = |a: &&Autoscaler| a.kind != Kind::VerticalPodAutoscaler;
        let list = |space: &'a Space| space.autoscalers_of(&key).filter(horizontal).collect();
        let found = self.all(Kind::HorizontalPodAutoscaler, list);
        self.look(Kind::ScaledObject, false);
        found
    }

    /// The VerticalPodAutoscalers that name the workload.
    pub fn vertical_autoscalers_of(&self, workload: &Workload) -> Vec<&'a Autoscaler> {
        let key = (workload.kind, workload.meta.name.clone());
        let vertical = |a: &&Autoscaler| a.kind == Kind::VerticalPodAutoscaler;
        self.all(Kind::VerticalPodAutoscaler, |space| space.autoscalers_of(&key).filter(vertical).collect())
    }

    /// All autoscalers of the namespace, VerticalPodAutoscalers included.
    pub fn autoscalers(&self) -> Vec<&'a Autoscaler> {
        let found = self.all(Kind::HorizontalPodAutoscaler, |space| space.autoscalers.values().collect());
        self.look(Kind::ScaledObject, false);
        self.look(Kind::VerticalPodAutoscaler, false);
        found
    }

    /// All LimitRanges of the namespace.
    pub fn limit_ranges(&self) -> Vec<&'a LimitRange> {
        self.all(Kind::LimitRange, |space| space.limit_ranges.values().collect())
    }

    /// All ResourceQuotas of the namespace.
    pub fn resource_quotas(&self) -> Vec<&'a ResourceQuota> {
        self.all(Kind::ResourceQuota, |space| space.resource_quotas.values().collect())
    }

    /// The claim of this name.
    pub fn volume_claim(&self, name: &str) -> Option<&'a VolumeClaim> {
        let claim = self.space.and_then(|space| space.volume_claims.get(name));
        self.look(Kind::PersistentVolumeClaim, claim.is_some());
        claim
    }

    /// The workload of this kind and name, subject or not.
    pub fn workload(&self, kind: Kind, name: &Text) -> Option<&'a Arc<Workload>> {
        let key: Local = (kind, name.clone());
        let found = self.space.and_then(|space| space.workloads.get(&key));
        self.look(kind, found.is_some());
        found
    }

    /// Whether there is an object of this kind and name, also one that something owns.
    pub fn exists(&self, kind: Kind, name: &Text) -> bool {
        let found = self.space.is_some_and(|space| space.names(kind).contains(name));
        self.look(kind, found);
        found
    }

    /// The workloads, subjects or not, whose pods a selector selects.
    pub fn selected(&self, selector: &Selector) -> Vec<&'a Arc<Workload>> {
        let found = self.space.map(|space| space.workloads.selected(selector)).unwrap_or_default();
        for kind in Kind::all().filter(|kind| kind.is_workload()) {
            self.look(kind, !found.is_empty());
        }
        found
    }

    /// The pods that a selector selects and that have not ended, whoever owns them. Offline there are none.
    pub fn running_pods(&self, selector: &Selector) -> Vec<&'a LivePod> {
        let pods = self.all(Kind::Pod, |space| space.pods.values().collect());
        pods.into_iter().filter(|pod| !pod.finished && selector.matches(&pod.meta.labels)).collect()
    }

    /// Whether a selector selects any pod, ended or not, whoever owns it. Offline there are none.
    pub fn selects_any_pod(&self, selector: &Selector) -> bool {
        let pods = self.all(Kind::Pod, |space| space.pods.values().collect());
        pods.into_iter().any(|pod| selector.matches(&pod.meta.labels))
    }

    /// Whether it is a pod that has ended. Offline none has.
    pub fn has_ended(&self, workload: &Workload) -> bool {
        let pod = || self.space.and_then(|space| space.pods.get(&workload.meta.name));
        workload.kind == Kind::Pod && pod().is_some_and(|pod| pod.finished)
    }

    /// How many pods the workload wants and has. Offline nobody knows.
    pub fn availability(&self, workload: &Workload) -> Option<Availability> {
        self.look_live();
        workload.availability
    }

    /// The pods of a workload that run. Offline nobody knows.
    pub fn pods_of(&self, workload: &Workload) -> Vec<&'a LivePod> {
        self.look_live();
        let key = (workload.kind, workload.meta.name.clone());
        self.all(Kind::Pod, |space| space.pods_of(&key))
    }

    /// Whether it shows what runs, and not only what was written.
    pub fn is_live(&self) -> bool {
        self.inventory.is_live()
    }

    /// Who controls a ReplicaSet or Job that has an owner: the kind and name that its owner reference says.
    pub fn owner_of(&self, kind: Kind, name: &Text) -> Option<Local> {
        self.look(kind, true);
        self.space.and_then(|space| space.owner_of_link(kind, name))
    }

    fn look_live(&self) {
        let what_runs = "manifests do not show what runs; only a cluster does";
        self.note(|| (!self.inventory.is_live()).then(|| (Text::new(what_runs), Obscured::ByDesign)));
    }

    /// Whether the workload mounts a claim that one node at a time may write to; names the claim.
    pub fn single_node_claim(&self, workload: &Workload) -> Option<Text> {
        let template = workload.claim_templates.iter().find(|t| t.access.single_node).map(|t| t.name.clone());
        template.or_else(|| {
            let claims = workload.template.spec.volumes.iter().filter_map(|v| v.persistent_volume_claim());
            let mut names = claims.map(|claim| claim.claim_name.clone());
            names.find(|name| self.volume_claim(name).is_some_and(|claim| claim.access.single_node))
        })
    }
}

impl Workload {
    /// The containers that probes and hooks concern: application and sidecar containers.
    pub fn running_containers(&self) -> impl Iterator<Item = &Container> {
        self.template.spec.containers.iter().filter(|c| c.role.runs_all_along())
    }

    /// The numbers that a name of a port stands for in its pods: several where containers share the name.
    pub fn ports_named(&self, protocol: Protocol, name: &str) -> Vec<i64> {
        let ports = self.running_containers().flat_map(|container| &container.ports);
        ports.filter(|port| port.name == name && port.protocol == protocol).map(|port| port.number).collect()
    }

    /// The containers that have resources: all but the ephemeral ones, which cannot.
    pub fn sized_containers(&self) -> impl Iterator<Item = &Container> {
        self.template.spec.containers.iter().filter(|c| c.role != Role::Ephemeral)
    }
}
