//! Where subjects and the fields of findings stand in what was read.

use crate::manifest::Loaded;
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
    of_field(loaded, key, None, Some("metadata.name"))
}

/// Where a field of a subject stands, or of another object, `Kind/name`, of its namespace.
pub(super) fn of_field(
    loaded: &Loaded,
    key: &SubjectKey,
    object: Option<&str>,
    field: Option<&str>,
) -> Option<String> {
    let field = field.unwrap_or("metadata.name");
    let place = |kind: Kind, name: &Text| {
        let namespace = if kind == Kind::Namespace { Text::default() } else { key.namespace().clone() };
        Some(loaded.document(kind, &namespace, name)?.place(field))
    };
    match object.and_then(|object| object.split_once('/')) {
        Some((of_kind, name)) => place(Kind::all().find(|kind| kind.name() == of_kind)?, &name.into()),
        None => {
            let (kind, name) = kind_and_name(key);
            place(kind, name)
        }
    }
}

fn kind_and_name(key: &SubjectKey) -> (Kind, &Text) {
    match key {
        SubjectKey::Namespace(name) => (Kind::Namespace, name),
        SubjectKey::Workload(id) => (id.kind, &id.name),
    }
}
