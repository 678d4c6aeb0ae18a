//! Fields that Kubernetes does not know, found by the table of the fields that it does.
//!
//! Nothing is built but the paths that are wrong: a manifest is gone through once more, and most have none.
//! Not its job: whether known fields hold what they should (the readers beside this find out).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::data::{FieldNames, Holds, fields_of};
use crate::model::UnknownField;

/// How many are listed; who has more sees them once these are corrected.
const LISTED: usize = 8;

/// The fields of an object that its kind does not have; none where the kind's fields are not known.
pub(super) fn unknown_fields(api_version: &str, kind: &str, json: &str) -> Vec<UnknownField> {
    let Some(fields) = fields_of(&format!("{api_version} {kind}")) else { return Vec::new() };
    let mut found = Found { path: Vec::new(), fields: Vec::new() };
    let walk = Walk { at: At::Object(fields), found: &mut found };
    // What is no JSON, or of another shape, is told by the readers.
    let _ = walk.deserialize(&mut serde_json::Deserializer::from_str(json));
    found.fields
}

struct Found {
    path: Vec<Step>,
    fields: Vec<UnknownField>,
}

enum Step {
    Field(&'static str),
    Key(String),
    Item(usize),
}

impl Found {
    fn note(&mut self, name: &str, known: &FieldNames) {
        if self.fields.len() < LISTED {
            let path = format!("{}{name}", self.prefix());
            self.fields.push(UnknownField { path, meant: nearest(name, known) });
        }
    }

    fn prefix(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Item(index) => path.push_str(&format!("[{index}]")),
                Step::Field(name) => path.push_str(&format!("{}{name}", dot(&path))),
                Step::Key(key) => path.push_str(&format!("{}{key}", dot(&path))),
            }
        }
        let dot = dot(&path);
        path + dot
    }
}

fn dot(path: &str) -> &'static str {
    if path.is_empty() { "" } else { "." }
}

/// The field that was probably meant.
fn nearest(written: &str, known: &FieldNames) -> Option<&'static str> {
    if let Some(name) = known.names().find(|name| name.eq_ignore_ascii_case(written)) {
        return Some(name);
    }
    let by_distance = known.names().map(|name| (strsim::osa_distance(written, name), name));
    by_distance.filter(|(distance, _)| *distance <= 1 + written.len() / 5).min().map(|(_, name)| name)
}

#[derive(Clone, Copy)]
enum At {
    Anything,
    Object(&'static FieldNames),
    List(&'static FieldNames),
    Map(&'static FieldNames),
}

impl At {
    fn of(holds: Holds) -> Self {
        let (name, at): (_, fn(&'static FieldNames) -> Self) = match holds {
            Holds::Anything => return Self::Anything,
            Holds::Object(name) => (name, Self::Object),
            Holds::List(name) => (name, Self::List),
            Holds::Map(name) => (name, Self::Map),
        };
        fields_of(name).map_or(Self::Anything, at)
    }
}

/// A key as it is written: by itself, serde copies every one.
#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

struct Walk<'f> {
    at: At,
    found: &'f mut Found,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.at {
            At::Anything => deserializer.deserialize_ignored_any(IgnoredAny).map(drop),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            let (step, at) = match self.at {
                At::Object(fields) => match fields.get(&key) {
                    Some((name, holds)) => (Step::Field(name), At::of(holds)),
                    None => {
                        self.found.note(&key, fields);
                        (Step::Key(String::new()), At::Anything)
                    }
                },
                At::Map(fields) => (Step::Key(key.into_owned()), At::Object(fields)),
                At::Anything | At::List(_) => (Step::Key(String::new()), At::Anything),
            };
            self.found.path.push(step);
            map.next_value_seed(Walk { at, found: self.found })?;
            self.found.path.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let at = if let At::List(fields) = self.at { At::Object(fields) } else { At::Anything };
        let mut index = 0;
        loop {
            self.found.path.push(Step::Item(index));
            let item = list.next_element_seed(Walk { at, found: self.found })?;
            self.found.path.pop();
            if item.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(api_version: &str, kind: &str, json: &str) -> Vec<(String, Option<&'static str>)> {
        unknown_fields(api_version, kind, json).into_iter().map(|field| (field.path, field.meant)).collect()
    }

    #[test]
    fn a_field_that_is_not_known_is_told_with_its_path() {
        let json = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","labels":{"x":"y"}},
            "spec":{"replica":2,"template":{"spec":{"containers":[{"name":"a"},{"name":"b","resource":{"limits":{}}}],
            "nodeSelector":{"x":"y"}}},"x-y":null}}"#;
        let wanted = [
            ("spec.replica".to_owned(), Some("replicas")),
            ("spec.template.spec.containers[1].resource".to_owned(), Some("resources")),
            ("spec.x-y".to_owned(), None),
        ];
        assert_eq!(found("apps/v1", "Deployment", json), wanted);
        assert_eq!(found("argoproj.io/v1alpha1", "Rollout", json), []);
    }

    #[test]
    fn case_counts() {
        let json = r#"{"spec":{"terminationgraceperiodseconds":3}}"#;
        let wanted =
            [("spec.terminationgraceperiodseconds".to_owned(), Some("terminationGracePeriodSeconds"))];
        assert_eq!(found("v1", "Pod", json), wanted);
    }
}
