//! Whom a policy covers.

use crate::api::{LabelSelector, LabelSelectorRequirement, Match, SelectorOperator};
use crate::model::{Labels, Operator, Requirement, Selector, Text};

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

fn selector(written: &LabelSelector) -> Selector {
    let requirement = |r: &LabelSelectorRequirement| Requirement {
        key: Text::new(&r.key),
        operator: match r.operator {
            SelectorOperator::In => Operator::In,
            SelectorOperator::NotIn => Operator::NotIn,
            SelectorOperator::Exists => Operator::Exists,
            SelectorOperator::DoesNotExist => Operator::DoesNotExist,
        },
        values: r.values.iter().map(|v| Text::new(v)).collect(),
    };
    Selector {
        match_labels: written.match_labels.iter().map(|(k, v)| (Text::new(k), Text::new(v))).collect(),
        match_expressions: written.match_expressions.iter().map(requirement).collect(),
    }
}
