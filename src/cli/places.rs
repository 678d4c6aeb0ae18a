//! Where subjects and the fields of findings stand in what was read.

use crate::manifest::{Document, Loaded};
use crate::model::{Kind, SubjectKey, Text};
use crate::output::SubjectHead;

/// A subject with its place.
pub(super) fn head(loaded: &Loaded, key: &SubjectKey) -> SubjectHead {
    let (kind, name) = kind_and_name(key);
    let namespace = if kind == Kind::Namespace { "" } else { key.namespace().as_str() };
    SubjectHead {
        kind: kind.to_string(),
        namespace: namespace.to_owned(),
        name: name.to_string(),
        place: of_subject(loaded, key),
    }
}

/// Where a subject stands.
pub(super) fn of_subject(loaded: &Loaded, key: &SubjectKey) -> Option<String> {
    Places::of(loaded, key).subject()
}

/// Where a subject stands, and what is found about it.
pub(super) struct Places<'a> {
    loaded: &'a Loaded,
    key: &'a SubjectKey,
    own: Option<Document<'a>>,
}

impl<'a> Places<'a> {
    pub(super) fn of(loaded: &'a Loaded, key: &'a SubjectKey) -> Self {
        let (kind, name) = kind_and_name(key);
        Self { loaded, key, own: document(loaded, key, kind, name) }
    }

    /// Where the subject stands.
    pub(super) fn subject(&self) -> Option<String> {
        self.field(None, None)
    }

    /// Where a field of the subject stands, or of another object, `Kind/name`, of its namespace.
    pub(super) fn field(&self, object: Option<&str>, field: Option<&str>) -> Option<String> {
        let document = match object.and_then(|object| object.split_once('/')) {
            Some((of_kind, name)) => {
                let kind = Kind::all().find(|kind| kind.name() == of_kind)?;
                document(self.loaded, self.key, kind, &name.into())
            }
            None => self.own,
        };
        Some(document?.place(field.unwrap_or("metadata.name")))
    }
}

fn document<'a>(loaded: &'a Loaded, key: &SubjectKey, kind: Kind, name: &Text) -> Option<Document<'a>> {
    let nowhere = Text::default();
    loaded.document(kind, if kind == Kind::Namespace { &nowhere } else { key.namespace() }, name)
}

fn kind_and_name(key: &SubjectKey) -> (Kind, &Text) {
    match key {
        SubjectKey::Namespace(name) => (Kind::Namespace, name),
        SubjectKey::Workload(id) => (id.kind, &id.name),
    }
}
