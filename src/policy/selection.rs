//! Whom a policy covers.

use crate::api::Match;
use crate::engine::selector;
use crate::model::{Labels, Selector, Text};

/// `spec.match`, ready to be asked.
#[derive(Clone, Debug)]
pub struct Selection {
    namespaces: Selector,
    objects: Option<Selector>,
    excluded: Vec<Text>,
}

impl From<&Match> for Selection {
    fn from(spec: &Match) -> Self {
        Self {
            namespaces: selector(&spec.namespace_selector),
            objects: spec.object_selector.as_ref().map(selector),
            excluded: spec.exclude_namespaces.iter().map(|name| Text::new(name)).collect(),
        }
    }
}

impl Selection {
    /// Whether a namespace is covered. `labels` are `None` where nobody knows them (offline, without its object):
    /// then only its name can keep it out.
    pub fn covers_namespace(&self, name: &Text, labels: Option<&Labels>) -> bool {
        !self.excluded.contains(name) && labels.is_none_or(|labels| self.namespaces.matches(labels))
    }

    /// Whether it rests on the labels of namespaces.
    pub fn asks_for_namespace_labels(&self) -> bool {
        !self.namespaces.is_empty()
    }

    /// Whether a workload of a covered namespace is covered.
    pub fn covers_workload(&self, labels: &Labels) -> bool {
        self.objects.as_ref().is_none_or(|selector| selector.matches(labels))
    }
}
