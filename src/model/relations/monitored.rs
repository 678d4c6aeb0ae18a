//! What a ServiceMonitor or PodMonitor selects, also in namespaces other than its own.
//!
//! What is far away does not touch the namespace when it changes, so a look there is noted as a hint and repeated now
//! and then. Not its job: whether a selected object has the port that is asked for.

use std::sync::Arc;

use super::super::{Kind, Monitor, Service, Space, Text, Workload};
use super::{Obscured, Relations};

/// What a PodMonitor selects.
#[derive(Debug, Default)]
pub struct MonitoredPods<'a> {
    /// The workloads whose pods are selected.
    pub workloads: Vec<&'a Arc<Workload>>,
    /// Whether any pod is selected, whoever made it. Offline there are none.
    pub pods: bool,
}

impl<'a> Relations<'a> {
    /// The Services that a ServiceMonitor of this namespace selects.
    pub fn monitored_services(&self, monitor: &Monitor) -> Vec<&'a Service> {
        let spaces = self.monitored_spaces(monitor);
        let services = spaces.iter().flat_map(|space| space.services.iter());
        let selected: Vec<_> = services.filter(|s| monitor.selector.matches(&s.meta.labels)).collect();
        self.look(Kind::Service, !selected.is_empty());
        self.look_far(monitor, !selected.is_empty());
        selected
    }

    /// The pods that a PodMonitor of this namespace selects.
    pub fn monitored_pods(&self, monitor: &Monitor) -> MonitoredPods<'a> {
        let mut found = MonitoredPods::default();
        for space in self.monitored_spaces(monitor) {
            found.workloads.extend(space.workloads.selected(&monitor.selector));
            found.pods |= space.pods.values().any(|pod| monitor.selector.matches(&pod.meta.labels));
        }
        let any = found.pods || !found.workloads.is_empty();
        for kind in Kind::all().filter(|kind| kind.is_workload()) {
            self.look(kind, any);
        }
        self.look_far(monitor, any);
        found
    }

    fn monitored_spaces(&self, monitor: &Monitor) -> Vec<&'a Space> {
        let namespaces = &monitor.namespaces;
        if namespaces.any {
            self.hint();
            return self.inventory.spaces().map(|(_, space)| space).collect();
        }
        match namespaces.match_names.as_slice() {
            [] => self.space.into_iter().collect(),
            names => {
                self.hint();
                names.iter().filter_map(|name| self.inventory.space(name)).collect()
            }
        }
    }

    /// Notes a look into namespaces that an input need not hold.
    fn look_far(&self, monitor: &Monitor, found: bool) {
        if found || self.inventory.is_complete() {
            return;
        }
        let namespaces = &monitor.namespaces;
        let unseen = |name: &&Text| self.inventory.space(name).is_none();
        let reason = match namespaces.match_names.iter().find(unseen) {
            _ if namespaces.any => {
                "the input may not hold every namespace (--complete says that it does)".to_owned()
            }
            Some(name) => {
                format!(
                    "nothing of namespace '{name}' is in the input (--complete says that it is everything)"
                )
            }
            None => return,
        };
        self.note(|| Some((reason.into(), Obscured::ByAccident)));
    }
}
