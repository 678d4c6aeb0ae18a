//! An object's JSON as a tree: made for a look at the whole object, and dropped after it.
//!
//! The model keeps records; this is for who needs all of an object, and then only while it is looked at. Not its job:
//! which objects are kept whole (`whole`), or what is read from one (`decode`).

use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

/// A value of JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// A truth.
    Bool(bool),
    /// A whole number that was written as one and fits.
    Int(i64),
    /// Any other number.
    Double(f64),
    /// A text.
    Text(Box<str>),
    /// A list.
    List(Box<[Json]>),
    /// An object.
    Map(Members),
}

/// The members of an object, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members(Box<[(Box<str>, Json)]>);

impl Members {
    /// The member of a name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        let at = self.0.binary_search_by(|(key, _)| (**key).cmp(name)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Every member, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How much may be read: a bound for texts that nobody here wrote.
#[derive(Debug)]
pub struct Allowance(Cell<usize>);

impl Allowance {
    /// For so many values.
    pub fn of_values(count: usize) -> Self {
        Self(Cell::new(count))
    }

    fn take(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

/// Levels of lists and objects. Objects of Kubernetes have some twenty.
const MAX_LEVELS: u8 = 64;

impl Json {
    /// Parses a text, without a top-level member of the name `without`.
    ///
    /// # Errors
    /// Where it is no JSON, or holds more than is allowed.
    pub fn parse(text: &str, without: Option<&str>, allowance: &Allowance) -> Result<Self, String> {
        let said = |error: serde_json::Error| {
            let error = error.to_string();
            error.rsplit_once(" at line ").map_or(error.clone(), |(before, _)| before.to_owned())
        };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let tree =
            Reader { allowance, without, levels: MAX_LEVELS }.deserialize(&mut deserializer).map_err(said)?;
        deserializer.end().map_err(said)?;
        Ok(tree)
    }

    /// The member of a name, where this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members.get(name),
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    allowance: &'a Allowance,
    without: Option<&'a str>,
    levels: u8,
}

impl Reader<'_> {
    /// The reader of what is inside.
    fn inner<E: de::Error>(self) -> Result<Self, E> {
        match self.levels.checked_sub(1) {
            Some(levels) => Ok(Self { without: None, levels, ..self }),
            None => Err(de::Error::custom("it is nested deeper than is looked at")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Json;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        if !self.allowance.take() {
            return Err(de::Error::custom("it holds more values than are looked at"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E>(self, v: bool) -> Result<Json, E> {
        Ok(Json::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Json, E> {
        Ok(Json::Int(v))
    }
    #[expect(clippy::cast_precision_loss, reason = "so does the API server with what no int64 holds")]
    fn visit_u64<E>(self, v: u64) -> Result<Json, E> {
        Ok(i64::try_from(v).map_or(Json::Double(v as f64), Json::Int))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Json, E> {
        Ok(Json::Double(v))
    }
    fn visit_str<E>(self, v: &str) -> Result<Json, E> {
        Ok(Json::Text(v.into()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Json::List(list.into()))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut members: Vec<(Box<str>, Json)> = Vec::new();
        while let Some(key) = entries.next_key::<Box<str>>()? {
            if self.without == Some(&*key) {
                entries.next_value::<de::IgnoredAny>()?;
                continue;
            }
            members.push((key, entries.next_value_seed(inner)?));
        }
        // The last of equal names counts; the sort is stable.
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        members.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same {
                std::mem::swap(later, first);
            }
            same
        });
        Ok(Json::Map(Members(members.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Json, String> {
        Json::parse(text, Some("status"), &Allowance::of_values(100))
    }

    #[test]
    fn is_a_tree_of_what_stands_there() {
        let text =
            r#"{"b":[1,-2,1.0,1e3,18446744073709551615,null,true],"a":{"é\n":"x"},"status":{"deep":[1]}}"#;
        let tree = parse(text).unwrap();
        let list = [
            Json::Int(1),
            Json::Int(-2),
            Json::Double(1.0),
            Json::Double(1000.0),
            Json::Double(18_446_744_073_709_551_615.0),
            Json::Null,
            Json::Bool(true),
        ];
        assert_eq!(tree.get("b"), Some(&Json::List(list.into())));
        assert_eq!(tree.get("a").and_then(|a| a.get("é\n")), Some(&Json::Text("x".into())));
        assert_eq!(tree.get("status"), None);
    }

    #[test]
    fn the_last_of_equal_names_counts() {
        let tree = parse(r#"{"a":1,"b":2,"a":3,"a":4}"#).unwrap();
        assert_eq!(tree.get("a"), Some(&Json::Int(4)));
        let Json::Map(members) = tree else { panic!("an object") };
        assert_eq!(members.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn says_why_it_is_none_and_when_it_is_too_much() {
        assert_eq!(parse("{").unwrap_err(), "EOF while parsing an object");
        assert_eq!(parse("1 2").unwrap_err(), "trailing characters");
        let many = format!("[{}1]", "1,".repeat(100));
        assert_eq!(parse(&many).unwrap_err(), "it holds more values than are looked at");
        let deep = format!("{}1{}", "[".repeat(65), "]".repeat(65));
        let deep = Json::parse(&deep, None, &Allowance::of_values(1000)).unwrap_err();
        assert_eq!(deep, "it is nested deeper than is looked at");
    }
}
