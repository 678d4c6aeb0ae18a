//! Looks into other namespaces: at what a subject names there, or depends on there.
//!
//! What is there does not touch the subject when it changes, so every such look is noted as a hint, and the subject is
//! looked at again now and then. Not its job: near misses (`near`), which only word findings.

use std::sync::Arc;

use super::super::{Kept, Kind, Labels, Selector, Service, Space, Text, Workload};
use super::around::found;
use super::{Found, Relations};

impl<'a> Relations<'a> {
    pub(super) fn space_of(&self, namespace: &Text) -> Option<&'a Space> {
        if namespace == self.namespace {
            return self.space;
        }
        self.hint();
        self.inventory.space(namespace)
    }

    /// Whether what a namespace does not have is known: offline only of namespaces that the input shows.
    pub fn sees_namespace(&self, namespace: &Text) -> bool {
        self.space_of(namespace).is_some() || self.inventory.is_everything()
    }

    /// The Service of a name in a namespace.
    pub fn service_in(&self, namespace: &Text, name: &str) -> Option<&'a Service> {
        let service = self.space_of(namespace).and_then(|space| space.services.get(name));
        self.look_in(namespace, Kind::Service, service.is_some());
        service
    }

    /// All Services of a namespace.
    pub fn services_in(&self, namespace: &Text) -> Vec<&'a Service> {
        let services = self.space_of(namespace).into_iter().flat_map(|space| space.services.iter());
        let services: Vec<_> = services.collect();
        self.look_in(namespace, Kind::Service, !services.is_empty());
        services
    }

    /// The workloads of a namespace whose pods a selector selects.
    pub fn selected_in(&self, namespace: &Text, selector: &Selector) -> Vec<&'a Arc<Workload>> {
        let space = self.space_of(namespace);
        let found = space.map(|space| space.workloads.selected(selector)).unwrap_or_default();
        for kind in Kind::all().filter(|kind| kind.is_workload()) {
            self.look_in(namespace, kind, !found.is_empty());
        }
        found
    }

    /// Whether a selector selects any pod of a namespace, ended or not, whoever owns it. Offline there are none.
    pub fn selects_any_pod_in(&self, namespace: &Text, selector: &Selector) -> bool {
        let mut pods = self.space_of(namespace).into_iter().flat_map(|space| space.pods.values());
        let found = pods.any(|pod| selector.matches(&pod.meta.labels));
        self.look_in(namespace, Kind::Pod, found);
        found
    }

    /// The labels of a namespace, the one with its name included.
    pub fn namespace_labels_in(&self, namespace: &Text) -> Labels {
        let object = self.space_of(namespace).and_then(Space::object);
        self.look_in(namespace, Kind::Namespace, object.is_some());
        let written = object.into_iter().flat_map(|object| object.meta.labels.iter());
        let name = (Text::new("kubernetes.io/metadata.name"), namespace.clone());
        written.map(|(key, value)| (key.clone(), value.clone())).chain([name]).collect()
    }

    /// Whether every namespace there is can be seen.
    pub fn sees_every_namespace(&self) -> bool {
        self.inventory.is_everything()
    }

    /// The objects of a kind, of whatever namespace.
    pub fn everywhere<T: Kept>(&self, kind: Kind) -> Vec<Found<'a, T>> {
        self.hint();
        let objects: Vec<_> = self.inventory.objects().all(kind).filter_map(found).collect();
        self.look(kind, !objects.is_empty());
        objects
    }

    /// The namespaces of the cluster, or of the input, that a selector selects; of one whose object is not in an
    /// offline input only the name is known. One that is not there at all may be the one that is meant.
    pub fn namespaces_selected(&self, selector: &Selector) -> Vec<&'a Text> {
        self.hint();
        let selected = |(name, space): (&'a Text, &'a Space)| {
            let selects = match space.object() {
                Some(object) => selector.matches(&object.meta.labels),
                None => {
                    let own = (Text::new("kubernetes.io/metadata.name"), name.clone());
                    selector.matches(&[own].into_iter().collect())
                }
            };
            selects.then_some(name)
        };
        self.inventory.spaces().filter_map(selected).collect()
    }
}
