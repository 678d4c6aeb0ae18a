//! An object that should stand, and the document that says so to the API server.
//!
//! Not its job: why it should (`plan`).

use serde_json::{Map, Value, json};

use super::ownership::{DELETION_POLICY, GITOPS, LABELS, MADE_FOR, MADE_FOR_UID, POLICY, Place, made_for};
use crate::api::DeletionPolicy;
use crate::model::{Kind, Operator, Selector, SubjectKey, Text};

/// An object that should stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Where.
    pub place: Place,
    /// For whom.
    pub subject: SubjectKey,
    /// The subject's uid; empty offline.
    pub subject_uid: Text,
    /// The policy that asks for it.
    pub policy: Text,
    /// What is to become of it when none does any more.
    pub deletion: DeletionPolicy,
    /// Its spec.
    pub spec: Value,
    /// Why it should stand, for people.
    pub why: String,
    /// Of what is made for a namespace: the object of ours without which it must not stand, and that object's uid.
    pub rests_on: Option<(Place, Text)>,
}

impl Desired {
    /// The object as the API server is told it, with the marks of ours.
    pub fn document(&self) -> Value {
        let Place { kind, namespace, name } = &self.place;
        let own = [
            (MADE_FOR, made_for(&self.subject)),
            (MADE_FOR_UID, self.subject_uid.to_string()),
            (POLICY, self.policy.to_string()),
            (DELETION_POLICY, self.deletion.as_str().to_owned()),
        ];
        let fixed = GITOPS.iter().map(|(key, value)| (*key, (*value).to_owned()));
        let annotations: Map<String, Value> =
            fixed.chain(own).map(|(key, value)| (key.to_owned(), value.into())).collect();
        let labels: Map<String, Value> =
            LABELS.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
        json!({
            "apiVersion": kind.api_version(),
            "kind": kind.name(),
            "metadata": {
                "name": name,
                "namespace": namespace,
                "labels": labels,
                "annotations": annotations,
                "ownerReferences": self.owner().into_iter().collect::<Vec<_>>(),
            },
            "spec": self.spec,
        })
    }

    /// The object as somebody would write it into a repository: theirs from the first day.
    pub fn manifest(&self, name: &str) -> Value {
        let Place { kind, namespace, name: _ } = &self.place;
        json!({
            "apiVersion": kind.api_version(),
            "kind": kind.name(),
            "metadata": { "name": name, "namespace": namespace },
            "spec": self.spec,
        })
    }

    /// A workload owns what is made for it, so that Kubernetes deletes it with the workload. What is made for a
    /// namespace goes with that anyway; but of two objects there one may not stand without the other.
    fn owner(&self) -> Option<Value> {
        let (kind, name, uid, controller) = match (&self.subject, &self.rests_on) {
            (SubjectKey::Workload(id), _) => (id.kind, &id.name, &self.subject_uid, false),
            (SubjectKey::Namespace(_), Some((place, uid))) => (place.kind, &place.name, uid, true),
            (SubjectKey::Namespace(_), None) => return None,
        };
        Some(json!({
            "apiVersion": kind.api_version(),
            "kind": kind.name(),
            "name": name,
            "uid": uid,
            "controller": controller,
            "blockOwnerDeletion": false,
        }))
    }
}

/// A selector as the API has it.
pub(super) fn selector(selector: &Selector) -> Value {
    let Selector { match_labels, match_expressions } = selector;
    let mut written = Map::new();
    if !match_labels.is_empty() {
        let pairs = match_labels.iter().map(|(key, value)| (key.to_string(), Value::from(value.as_str())));
        written.insert("matchLabels".to_owned(), pairs.collect::<Map<_, _>>().into());
    }
    if !match_expressions.is_empty() {
        let expressions = match_expressions.iter().map(|requirement| {
            let operator = match requirement.operator {
                Operator::In => "In",
                Operator::NotIn => "NotIn",
                Operator::Exists => "Exists",
                Operator::DoesNotExist => "DoesNotExist",
            };
            let mut expression = json!({ "key": requirement.key, "operator": operator });
            if !requirement.values.is_empty()
                && let Some(expression) = expression.as_object_mut()
            {
                expression.insert("values".to_owned(), json!(requirement.values));
            }
            expression
        });
        written.insert("matchExpressions".to_owned(), expressions.collect());
    }
    written.into()
}

/// The name of what is made for a workload: nobody would give it to an object of their own, so that theirs is another
/// object and never an edit of ours.
pub(super) fn name_for(kind: Kind, name: &Text) -> Text {
    crate::model::shortened(&format!("seaworthy-{}-{name}", kind.name().to_ascii_lowercase())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_written_as_it_was_read() {
        for json in [
            json!({}),
            json!({"matchLabels": {"app": "a", "tier": ""}}),
            json!({"matchLabels": {"app": "a"}, "matchExpressions": [
                {"key": "x", "operator": "In", "values": ["b", "a"]}, {"key": "y", "operator": "DoesNotExist"}]}),
        ] {
            let read: Selector = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(selector(&read), json);
        }
    }
}
