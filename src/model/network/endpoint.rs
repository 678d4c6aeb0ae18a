//! What policies are asked about: a pod of a namespace, or whichever pod of it.
//!
//! Answers are `Option<bool>`: `None` when it depends on what is not known here, such as the labels of whichever pod.
//! Not its job: what the answer means for a policy.

use super::super::labels::added_by_controllers;
use super::super::{Labels, Operator, Requirement, Selector, Text};

/// What is known of the value of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelValue {
    /// This one.
    Is(Text),
    /// There is no such label.
    Absent,
    /// A controller gives it to the pods it makes: whatever is asked of it counts as met.
    Added,
    /// Nobody knows here.
    Unknown,
}

/// What is known of the labels of a pod.
#[derive(Clone, Copy, Debug)]
pub enum PodLabels<'a> {
    /// All that it has.
    OfPod(&'a Labels),
    /// Those of the template that it is made from, to which controllers add some.
    OfTemplate(&'a Labels),
    /// Nothing: it is whichever pod of its namespace.
    OfAny,
}

/// A pod that policies may be about.
#[derive(Clone, Copy)]
pub struct Endpoint<'a> {
    /// Its namespace.
    pub namespace: &'a Text,
    /// The labels of its namespace, the one with its name included; asked for only when a policy does.
    pub namespace_labels: &'a dyn Fn() -> Labels,
    /// Its labels.
    pub labels: PodLabels<'a>,
}

impl std::fmt::Debug for Endpoint<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a pod of {} with {:?}", self.namespace, self.labels)
    }
}

impl Endpoint<'_> {
    /// The value of a label of the pod.
    pub fn label(&self, key: &str) -> LabelValue {
        let (labels, added) = match self.labels {
            PodLabels::OfPod(labels) => (labels, false),
            PodLabels::OfTemplate(labels) => (labels, added_by_controllers(key)),
            PodLabels::OfAny => return LabelValue::Unknown,
        };
        match labels.get(key) {
            Some(value) => LabelValue::Is(value.clone()),
            None if added => LabelValue::Added,
            None => LabelValue::Absent,
        }
    }

    /// The value of a label of its namespace.
    pub fn namespace_label(&self, key: &str) -> LabelValue {
        if key == "kubernetes.io/metadata.name" {
            return LabelValue::Is(self.namespace.clone());
        }
        match (self.namespace_labels)().get(key) {
            Some(value) => LabelValue::Is(value.clone()),
            None => LabelValue::Absent,
        }
    }

    /// Whether a selector of pods selects it.
    pub fn is_selected(&self, selector: &Selector) -> Option<bool> {
        selector.selects(&|key| self.label(key))
    }

    /// Whether a selector of namespaces selects its namespace.
    pub fn is_in(&self, selector: &Selector) -> Option<bool> {
        selector.selects(&|key| self.namespace_label(key))
    }
}

impl LabelValue {
    /// Whether a label that must satisfy `wanted` does; `None` asks for its absence.
    pub fn meets(&self, wanted: impl Fn(Option<&Text>) -> bool) -> Option<bool> {
        match self {
            Self::Is(value) => Some(wanted(Some(value))),
            Self::Absent => Some(wanted(None)),
            Self::Added => Some(true),
            Self::Unknown => None,
        }
    }
}

/// Whether all hold: one that does not decides, whatever is not known of the others.
pub(super) fn all(conditions: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for condition in conditions {
        match condition {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = None,
        }
    }
    known
}

/// Whether any holds.
pub(super) fn any(conditions: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    all(conditions.into_iter().map(|condition| condition.map(|holds| !holds))).map(|none| !none)
}

impl Selector {
    /// Whether it selects what has labels of which not all need be known.
    pub fn selects(&self, label: &dyn Fn(&str) -> LabelValue) -> Option<bool> {
        if self.is_invalid() {
            return Some(false);
        }
        let pairs = self.match_labels.iter().map(|(key, value)| label(key).meets(|has| has == Some(value)));
        let rest = self.match_expressions.iter().map(|r| r.holds(&label(&r.key)));
        all(pairs.chain(rest))
    }
}

impl Requirement {
    fn holds(&self, value: &LabelValue) -> Option<bool> {
        value.meets(|has| match self.operator {
            Operator::In => has.is_some_and(|v| self.values.contains(v)),
            Operator::NotIn => has.is_none_or(|v| !self.values.contains(v)),
            Operator::Exists => has.is_some(),
            Operator::DoesNotExist => has.is_none(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_decides_only_where_it_must() {
        let namespace = Text::new("shop");
        let labels = PodLabels::OfAny;
        let endpoint = Endpoint { namespace: &namespace, namespace_labels: &Labels::default, labels };
        let selector = |json: &str| serde_json::from_str::<Selector>(json).unwrap();
        assert_eq!(endpoint.is_selected(&selector("{}")), Some(true));
        assert_eq!(endpoint.is_selected(&selector(r#"{"matchLabels":{"app":"a"}}"#)), None);
        let by_name = |name: &str| {
            selector(&format!(r#"{{"matchLabels":{{"kubernetes.io/metadata.name":"{name}"}}}}"#))
        };
        assert_eq!(endpoint.is_in(&by_name("shop")), Some(true));
        assert_eq!(endpoint.is_in(&by_name("bank")), Some(false));
        let (none, hash) = (Labels::default(), selector(r#"{"matchLabels":{"pod-template-hash":"1"}}"#));
        let made = Endpoint { labels: PodLabels::OfTemplate(&none), ..endpoint };
        assert_eq!(made.is_selected(&hash), Some(true), "a controller adds it");
        let there = Endpoint { labels: PodLabels::OfPod(&none), ..endpoint };
        assert_eq!(there.is_selected(&hash), Some(false), "no controller did");
        assert_eq!(any([None, Some(true)]), Some(true));
        assert_eq!(any([None, Some(false)]), None);
        assert_eq!(all([None, Some(false)]), Some(false));
    }
}
