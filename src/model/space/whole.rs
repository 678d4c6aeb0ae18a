//! Whom an object concerns of which nothing has changed but what its record does not hold.

use super::super::index::Selects;
use super::super::{Kind, Text};
use super::{Space, Touch, Touches, touch_selected};

impl Space {
    pub(in crate::model) fn touched_by_whole(&self, kind: Kind, name: &Text) -> Touches {
        let mut touches = Touches::new();
        let mut selected = |object: Option<&dyn Selecting>| {
            if let Some(object) = object {
                object.touch(self, &mut touches);
            }
        };
        match kind {
            Kind::Service => selected(self.services.get(name).map(|object| object as &dyn Selecting)),
            Kind::PodDisruptionBudget => {
                selected(self.budgets.get(name).map(|object| object as &dyn Selecting))
            }
            Kind::NetworkPolicy => {
                selected(self.network_policies.get(name).map(|object| object as &dyn Selecting))
            }
            Kind::HorizontalPodAutoscaler | Kind::ScaledObject | Kind::VerticalPodAutoscaler => {
                let target = self.autoscalers.get(&(kind, name.clone())).and_then(|a| a.target_id());
                touches.extend(target.map(|id| Touch::Workload((id.kind, id.name))));
                touches.insert(Touch::Namespace);
            }
            kind if kind.is_workload() => {
                touches.insert(Touch::Workload((kind, name.clone())));
            }
            _ => {
                touches.insert(Touch::Everything);
            }
        }
        touches
    }
}

/// Any object that selects pods.
trait Selecting {
    fn touch(&self, space: &Space, touches: &mut Touches);
}

impl<T: Selects> Selecting for T {
    fn touch(&self, space: &Space, touches: &mut Touches) {
        touch_selected(self, &space.workloads, touches);
    }
}
