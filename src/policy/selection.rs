//! Whom a policy covers.

use crate::api::Match;
use crate::engine::selector;
use crate::model::{Inventory, Kind, Labels, Selector, SubjectKey, Text, WorkloadId};

use super::exemption::NAMESPACE_NAME;
use super::resolve::Policy;

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
    /// Whether a namespace is covered; see `refuses_namespace`.
    pub fn covers_namespace(&self, name: &Text, labels: Option<&Labels>) -> bool {
        self.refuses_namespace(name, labels).is_none()
    }

    /// Why a namespace is not covered. `labels` are `None` where nobody knows them (offline, without its object):
    /// then only its name can keep it out.
    fn refuses_namespace(&self, name: &Text, labels: Option<&Labels>) -> Option<NotCovered> {
        if self.excluded.contains(name) {
            return Some(NotCovered::Excluded);
        }
        let selected = labels.is_none_or(|labels| self.namespaces.matches(labels));
        (!selected).then_some(NotCovered::NamespaceLabels)
    }

    /// Whether a namespace of this name could be covered, whatever other labels it has.
    pub(super) fn can_cover_namespace(&self, name: &Text) -> bool {
        let named = Selector::of_labels([(Text::new(NAMESPACE_NAME), name.clone())].into_iter().collect());
        !self.excluded.contains(name) && Selector::can_meet(&[&self.namespaces, &named])
    }

    /// Whether it rests on the labels of namespaces.
    pub fn asks_for_namespace_labels(&self) -> bool {
        !self.namespaces.is_empty()
    }

    /// Whether a workload of a covered namespace is covered.
    fn covers_workload(&self, labels: &Labels) -> bool {
        self.objects.as_ref().is_none_or(|selector| selector.matches(labels))
    }
}

/// Why a policy does not cover a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCovered {
    /// Its kind is one that only policies know, and this one does not declare it.
    Kind,
    /// The policy excludes its namespace by name.
    Excluded,
    /// The labels of its namespace are not those that the policy selects.
    NamespaceLabels,
    /// Its own labels are not those that the policy selects.
    ObjectLabels,
    /// The policy is only previewed, and decides nothing.
    Preview,
}

impl NotCovered {
    /// The reason for people, with the field of the policy that decides.
    pub fn reason(self, key: &SubjectKey) -> String {
        let namespace = key.namespace();
        let kind = match key {
            SubjectKey::Namespace(_) => Kind::Namespace,
            SubjectKey::Workload(id) => id.kind,
        };
        match self {
            Self::Kind => format!("it does not declare the kind {} (spec.workloadKinds)", kind.resource()),
            Self::Excluded => format!("it excludes namespace '{namespace}' (spec.match.excludeNamespaces)"),
            Self::NamespaceLabels => {
                format!(
                    "it does not select the labels of namespace '{namespace}' (spec.match.namespaceSelector)"
                )
            }
            Self::ObjectLabels => {
                format!("it does not select the labels of the {kind} (spec.match.objectSelector)")
            }
            Self::Preview => "it is only previewed, and decides nothing (spec.enforcement)".to_owned(),
        }
    }
}

/// A subject that policies may cover, with what they go by.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    namespace: &'a Text,
    namespace_labels: Option<&'a Labels>,
    /// A workload's own labels.
    labels: Option<&'a Labels>,
    kind: Option<Kind>,
}

impl<'a> Candidate<'a> {
    /// The subject; `None` where there is none that a policy could cover.
    pub(super) fn of(inventory: &'a Inventory, key: &'a SubjectKey) -> Option<Self> {
        let space = inventory.space(key.namespace())?;
        let object = space.object();
        // Nothing can be written into a namespace that goes, and nothing in a live cluster has none.
        if object.map_or(inventory.is_live(), |namespace| namespace.meta.terminating) {
            return None;
        }
        let (kind, labels) = match key {
            SubjectKey::Namespace(_) => (None, None),
            SubjectKey::Workload(WorkloadId { kind, name, .. }) => {
                (Some(*kind), Some(&space.meta_of(*kind, name)?.labels))
            }
        };
        let namespace_labels = object.map(|namespace| &namespace.meta.labels);
        Some(Self { namespace: key.namespace(), namespace_labels, labels, kind })
    }

    /// Why a policy does not cover it, enforced or not; `None` when it does.
    pub(super) fn refused_by(&self, policy: &Policy) -> Option<NotCovered> {
        // A kind that only policies know is judged under those that say so.
        if let Some(Kind::Declared(kind)) = self.kind
            && !policy.kinds.contains(&kind)
        {
            return Some(NotCovered::Kind);
        }
        let of_namespace = policy.selection.refuses_namespace(self.namespace, self.namespace_labels);
        let covered = || self.labels.is_none_or(|labels| policy.selection.covers_workload(labels));
        of_namespace.or_else(|| (!covered()).then_some(NotCovered::ObjectLabels))
    }
}
