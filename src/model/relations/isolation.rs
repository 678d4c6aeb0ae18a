//! Looks that only who isolates a namespace needs: who has to reach into it, and what runs in others.
//!
//! Not its job: whether it may be isolated (`remedy`).

use super::super::{Callbacks, Kind, LivePod, Selector, Text, Workload};
use super::{Relations, around};

/// The kinds by which the API server is told to call a Service.
const CALLBACKS: [Kind; 4] = [
    Kind::ValidatingWebhookConfiguration,
    Kind::MutatingWebhookConfiguration,
    Kind::ApiService,
    Kind::CustomResourceDefinition,
];

impl<'a> Relations<'a> {
    /// An object by which the API server is told to call a Service of the namespace: its kind and name, and the
    /// Service's.
    pub fn called_by_the_api_server(&self) -> Option<(Kind, &'a Text, &'a Text)> {
        CALLBACKS.into_iter().find_map(|kind| {
            let mut objects = self.inventory.objects().all(kind).filter_map(around::found::<Callbacks>);
            let found = objects.find_map(|object| {
                let mut services = object.facts.services.iter();
                let service = services.find(|service| service.namespace == *self.namespace)?;
                Some((kind, &object.meta.name, &service.name))
            });
            self.look(kind, found.is_some());
            found
        })
    }

    /// The pods of a namespace that a selector selects and that have not ended. Offline there are none.
    pub fn running_pods_in(&self, namespace: &Text, selector: &Selector) -> Vec<&'a LivePod> {
        let pods = self.space_of(namespace).into_iter().flat_map(|space| space.pods.values());
        let running = pods.filter(|pod| !pod.finished && selector.matches(&pod.meta.labels));
        let running: Vec<_> = running.collect();
        self.look_in(namespace, Kind::Pod, !running.is_empty());
        running
    }

    /// Every workload of the cluster, subject or not, of a kind.
    pub fn every_workload(&self, kind: Kind) -> impl Iterator<Item = &'a Workload> {
        self.hint();
        self.look(kind, false);
        let spaces = self.inventory.spaces().map(|(_, space)| space);
        spaces
            .flat_map(|space| space.workloads.iter())
            .map(AsRef::as_ref)
            .filter(move |w: &&Workload| w.kind == kind)
    }
}
