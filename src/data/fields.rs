//! The names of the fields of Kubernetes' types.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::Table;

pub(super) static TABLE: Table =
    Table { file: "fields.txt", columns: &["type", "fields"], text: include_str!("fields.txt") };

/// A type of the API: its fields, by name.
#[derive(Clone, Debug)]
pub struct FieldNames(Vec<(&'static str, Holds)>);

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Something without fields of its own, or with fields that nobody fixes.
    Anything,
    /// An object of a type.
    Object(&'static str),
    /// A list of objects of a type.
    List(&'static str),
    /// A map to objects of a type.
    Map(&'static str),
}

static TYPES: LazyLock<HashMap<&'static str, FieldNames>> = LazyLock::new(|| {
    let of_row = |row: Vec<&'static str>| match row.as_slice() {
        [name, fields] => Some((*name, FieldNames(fields.split(' ').map(field).collect()))),
        _ => None,
    };
    TABLE.rows().filter_map(of_row).collect()
});

fn field(written: &'static str) -> (&'static str, Holds) {
    let Some((name, kind)) = written.split_once(':') else { return (written, Holds::Anything) };
    let within = |open: char, close: char| kind.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    let holds = match (within('[', ']'), within('{', '}')) {
        (Some(item), _) => Holds::List(item),
        (_, Some(value)) => Holds::Map(value),
        _ => Holds::Object(kind),
    };
    (name, holds)
}

impl FieldNames {
    /// The field of this name, and what it holds.
    pub fn get(&self, name: &str) -> Option<(&'static str, Holds)> {
        self.0.iter().find(|(field, _)| *field == name).copied()
    }

    /// The names of the fields.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }
}

/// The fields of a type: one that another holds, or an object's, `apps/v1 Deployment`.
pub fn fields_of(name: &str) -> Option<&'static FieldNames> {
    TYPES.get(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_a_field_holds_is_there() {
        for (name, fields) in TYPES.iter() {
            for (field, holds) in &fields.0 {
                let (Holds::Object(held) | Holds::List(held) | Holds::Map(held)) = holds else { continue };
                assert!(TYPES.contains_key(held), "{name}.{field} holds {held}");
            }
        }
    }

    #[test]
    fn fields_are_told_by_what_they_hold() {
        let pod = fields_of("v1 Pod").unwrap();
        assert_eq!(pod.get("spec"), Some(("spec", Holds::Object("core.v1.PodSpec"))));
        assert_eq!(pod.get("specs"), None);
        let spec = fields_of("core.v1.PodSpec").unwrap();
        assert_eq!(spec.get("containers"), Some(("containers", Holds::List("core.v1.Container"))));
        assert_eq!(spec.get("nodeSelector"), Some(("nodeSelector", Holds::Anything)));
    }
}
