//! Which objects are ours: the marks that we write on them, and how they are read.
//!
//! An object is ours if it carries our label, if our field manager is among those who wrote it, and if it records the
//! uid of the object that it was made for. Where any of the three is missing it is somebody else's, whatever it is
//! called: it is never changed and never deleted. Not its job: what becomes of what is ours (`plan`).

use jiff::Timestamp;

use crate::api::DeletionPolicy;
use crate::model::{
    COMPONENT_LABEL, DisruptionBudget, Kind, Made, Meta, NetworkPolicy, SubjectKey, Text, WorkloadId,
};

/// The field manager of everything that is made.
pub const MANAGER: &str = "seaworthy-remediation";

/// The labels of everything that is made; nothing is copied from anybody else's objects.
pub(super) const LABELS: [(&str, &str); 2] =
    [("app.kubernetes.io/managed-by", "seaworthy"), (COMPONENT_LABEL, COMPONENT)];
const COMPONENT: &str = "remediation";

/// What keeps Argo CD and Flux from pruning what is not in their repository, and from calling it a drift.
pub(super) const GITOPS: [(&str, &str); 3] = [
    ("argocd.argoproj.io/compare-options", "IgnoreExtraneous"),
    ("argocd.argoproj.io/sync-options", "Prune=false"),
    ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
];

/// The object that it was made for, as Kind/name, and that object's uid.
pub(super) const MADE_FOR: &str = "seaworthy.dev/made-for";
pub(super) const MADE_FOR_UID: &str = "seaworthy.dev/made-for-uid";
/// The policy that asked for it, and what is to become of it when none does any more.
pub(super) const POLICY: &str = "seaworthy.dev/policy";
pub(super) const DELETION_POLICY: &str = "seaworthy.dev/deletion-policy";

/// Where an object stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
}

impl Place {
    /// What reports call the object: Kind/name.
    pub fn object(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} '{}'", self.kind, self.name)
    }
}

/// An object of ours, as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub place: Place,
    /// Its uid.
    pub uid: Text,
    /// Its resourceVersion.
    pub version: Text,
    /// The subject that it was made for; `None` where nobody can tell any more.
    pub subject: Option<SubjectKey>,
    /// That object's uid.
    pub subject_uid: Text,
    /// The policy that asked for it.
    pub policy: Text,
    /// What is to become of it when no policy asks for it.
    pub deletion: DeletionPolicy,
    /// Somebody else who has written fields of its spec.
    pub edited_by: Option<Text>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When we last wrote it.
    pub written: Option<Timestamp>,
}

impl Standing {
    /// An object, if it is ours.
    pub fn of(kind: Kind, meta: &Meta, made: Option<&Made>) -> Option<Self> {
        let made = made?;
        let annotation = |key| meta.annotations.get(key).filter(|value| !value.is_empty());
        let is_marked = meta.labels.get(COMPONENT_LABEL).is_some_and(|value| *value == COMPONENT);
        let own = || made.writers.iter().filter(|writer| writer.name == MANAGER);
        if !is_marked || meta.uid.is_empty() || own().next().is_none() {
            return None;
        }
        let subject_uid = annotation(MADE_FOR_UID)?.clone();
        let others = made.writers.iter().filter(|writer| writer.name != MANAGER && writer.owns_spec);
        Some(Self {
            place: Place { kind, namespace: meta.namespace.clone(), name: meta.name.clone() },
            uid: meta.uid.clone(),
            version: made.resource_version.clone(),
            subject: annotation(MADE_FOR).and_then(|value| subject(&meta.namespace, value)),
            subject_uid,
            policy: annotation(POLICY).cloned().unwrap_or_default(),
            // Where it does not say, hands off.
            deletion: match annotation(DELETION_POLICY).map(Text::as_str) {
                Some("Delete") => DeletionPolicy::Delete,
                _ => DeletionPolicy::Retain,
            },
            edited_by: others.map(|writer| writer.name.clone()).next(),
            created: meta.created,
            written: own().filter_map(|writer| writer.at).max(),
        })
    }

    /// A PodDisruptionBudget, if it is ours.
    pub fn of_budget(budget: &DisruptionBudget) -> Option<Self> {
        Self::of(Kind::PodDisruptionBudget, &budget.meta, budget.made.as_deref())
    }

    /// A NetworkPolicy, if it is ours.
    pub fn of_network_policy(policy: &NetworkPolicy) -> Option<Self> {
        Self::of(Kind::NetworkPolicy, &policy.meta, policy.made.as_deref())
    }
}

/// What a subject is called in `MADE_FOR`.
pub(super) fn made_for(key: &SubjectKey) -> String {
    match key {
        SubjectKey::Namespace(name) => format!("{}/{name}", Kind::Namespace),
        SubjectKey::Workload(id) => format!("{}/{}", id.kind, id.name),
    }
}

/// Whether an object says that it was made for a workload.
pub(super) fn is_made_for(meta: &Meta, id: &WorkloadId) -> bool {
    let said = meta.annotations.get(MADE_FOR).and_then(|said| said.split_once('/'));
    said.is_some_and(|(kind, name)| kind == id.kind.name() && id.name == name)
}

fn subject(namespace: &Text, made_for: &str) -> Option<SubjectKey> {
    let (kind, name) = made_for.split_once('/')?;
    let kind = Kind::ALL.iter().copied().find(|known| known.name() == kind)?;
    match kind {
        Kind::Namespace => Some(SubjectKey::Namespace(namespace.clone())),
        kind if kind.is_workload() => Some(SubjectKey::Workload(WorkloadId {
            namespace: namespace.clone(),
            kind,
            name: Text::new(name),
        })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Decoded, decode};
    use crate::model::Record;
    use serde_json::{Value, json};

    fn budget() -> Value {
        json!({"metadata": {
            "name": "b", "namespace": "shop", "uid": "u1", "resourceVersion": "7", "generation": 1,
            "labels": {"seaworthy.dev/component": "remediation"},
            "annotations": {"seaworthy.dev/made-for": "Deployment/api", "seaworthy.dev/made-for-uid": "w1",
                            "seaworthy.dev/policy": "p", "seaworthy.dev/deletion-policy": "Delete"},
            "managedFields": [
                {"manager": "seaworthy-remediation", "operation": "Update", "time": "2026-01-01T00:00:00Z",
                 "fieldsV1": {"f:metadata": {}, "f:spec": {}}},
                {"manager": "kube-controller-manager", "operation": "Update", "subresource": "status",
                 "fieldsV1": {"f:status": {}}}]}})
    }

    fn standing(json: &Value) -> Option<Standing> {
        match decode(Kind::PodDisruptionBudget, &json.to_string(), "").unwrap() {
            Decoded::Record(Record::Budget(budget)) => Standing::of_budget(&budget),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn all_three_marks_make_it_ours() {
        let own = standing(&budget()).unwrap();
        assert_eq!((own.uid.as_str(), own.subject_uid.as_str(), own.policy.as_str()), ("u1", "w1", "p"));
        assert_eq!((own.deletion, own.edited_by), (DeletionPolicy::Delete, None));
        let Some(SubjectKey::Workload(id)) = own.subject else { panic!("{:?}", own.subject) };
        assert_eq!((id.kind, id.name.as_str()), (Kind::Deployment, "api"));
    }

    #[test]
    fn whatever_mark_is_missing_it_is_not_ours() {
        for (path, value) in [
            ("/metadata/labels/seaworthy.dev~1component", json!("something-else")),
            ("/metadata/annotations/seaworthy.dev~1made-for-uid", json!("")),
            ("/metadata/managedFields/0/manager", json!("kubectl")),
            ("/metadata/managedFields", json!([])),
            ("/metadata/labels", json!({})),
            ("/metadata/uid", json!("")),
        ] {
            let mut changed = budget();
            *changed.pointer_mut(path).unwrap() = value;
            assert_eq!(standing(&changed), None, "{path}");
        }
    }

    #[test]
    fn who_edits_the_spec_is_known() {
        let mut edited = budget();
        let by_hand = json!({"manager": "kubectl-edit", "fieldsV1": {"f:spec": {"f:maxUnavailable": {}}}});
        edited["metadata"]["managedFields"].as_array_mut().unwrap().push(by_hand);
        assert_eq!(standing(&edited).unwrap().edited_by, Some("kubectl-edit".into()));
        // A label or an annotation of theirs is no edit of what it does.
        let mut labelled = budget();
        let by_hand = json!({"manager": "kubectl-label", "fieldsV1": {"f:metadata": {}}});
        labelled["metadata"]["managedFields"].as_array_mut().unwrap().push(by_hand);
        assert_eq!(standing(&labelled).unwrap().edited_by, None);
    }
}
