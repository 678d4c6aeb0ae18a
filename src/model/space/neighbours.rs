//! Workloads that share pods' labels: what one of them is decides what is said of the other.
//!
//! Not its job: whether sharing them is wrong (`checks`).

use super::super::{Text, Workload};
use super::{Kind, Space, Touch, Touches, touch_selected};

impl Workload {
    /// Whether it claims pods by a selector that people choose. A Job's is made up.
    pub fn claims_pods(&self) -> bool {
        let chosen = self.kind.has_scale() || self.kind == Kind::DaemonSet;
        chosen && self.selector.as_ref().is_some_and(|selector| !selector.is_empty())
    }
}

impl Space {
    /// Touches the StatefulSets that name a Service as theirs, whether or not it selects their pods.
    pub(super) fn touch_governed(&self, service: &Text, touches: &mut Touches) {
        let sets =
            self.workloads.iter().filter(|w| w.kind == Kind::StatefulSet && w.service_name == *service);
        touches.extend(sets.map(|set| Touch::Workload((set.kind, set.meta.name.clone()))));
    }

    /// Touches the workloads whose pods a workload's selector selects, and those that stand behind its Services.
    pub(super) fn touch_neighbours(&self, workload: Option<&Workload>, touches: &mut Touches) {
        let Some(workload) = workload else { return };
        let claimed = workload.selector.as_ref().filter(|_| workload.claims_pods());
        for other in claimed.into_iter().flat_map(|selector| self.workloads.selected(selector)) {
            touches.insert(Touch::Workload((other.kind, other.meta.name.clone())));
        }
        for service in self.services.selecting(workload.pod_labels()) {
            touch_selected(service, &self.workloads, touches);
        }
    }
}
