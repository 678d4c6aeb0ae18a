//! Values: what is lent from an object or from the source, and what an evaluation makes.
//!
//! Cloning one is cheap whatever it holds. What is made knows its depth, which is bounded, so that comparing and
//! dropping are as well. Not its job: numbers' arithmetic (`numbers`), functions (`functions`).

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use jiff::Timestamp;

use super::MAX_DEPTH;
use super::error::Problem;
use crate::model::{Json, Members};

/// A value.
#[derive(Clone, Debug)]
pub enum Value<'e> {
    /// `null`.
    Null,
    /// A truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number without a sign.
    Uint(u64),
    /// A number.
    Double(f64),
    /// A text.
    Text(Text<'e>),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// A list.
    List(List<'e>),
    /// A map.
    Map(Map<'e>),
    /// A length of time, in nanoseconds.
    Duration(i64),
    /// An instant.
    Timestamp(Timestamp),
    /// A quantity of Kubernetes, in billionths. Apart, as it would make every value larger.
    Quantity(Rc<i128>),
    /// A value that may not be there.
    Optional(Option<Rc<Value<'e>>>),
    /// A type.
    Type(Type),
}

/// What sort of value one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as the value that has it")]
pub enum Type {
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    List,
    Map,
    Duration,
    Timestamp,
    Quantity,
    Optional,
    Type,
}

impl Type {
    /// CEL's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::List => "list",
            Self::Map => "map",
            Self::Duration => "google.protobuf.Duration",
            Self::Timestamp => "google.protobuf.Timestamp",
            Self::Quantity => "kubernetes.Quantity",
            Self::Optional => "optional_type",
            Self::Type => "type",
        }
    }

    /// The type that an expression names by one word.
    pub(super) fn named(name: &str) -> Option<Self> {
        let named = [
            Self::Null,
            Self::Bool,
            Self::Int,
            Self::Uint,
            Self::Double,
            Self::String,
            Self::Bytes,
            Self::List,
            Self::Map,
            Self::Type,
        ];
        named.into_iter().find(|of| of.as_str() == name)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that is lent or shared.
#[derive(Clone, Debug)]
pub enum Text<'e> {
    /// It stands elsewhere.
    Lent(&'e str),
    /// It was made.
    Made(Rc<str>),
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        match self {
            Self::Lent(text) => text,
            Self::Made(text) => text,
        }
    }
}

/// A list that is lent or shared.
#[derive(Clone, Debug)]
pub enum List<'e> {
    /// A list of an object.
    Lent(&'e [Json]),
    /// It was made, so deep.
    Made(Rc<[Value<'e>]>, u16),
}

impl<'e> List<'e> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Lent(items) => items.len(),
            Self::Made(items, _) => items.len(),
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<Value<'e>> {
        match self {
            Self::Lent(items) => items.get(at).map(Value::from),
            Self::Made(items, _) => items.get(at).cloned(),
        }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Value<'e>> + '_ {
        (0..self.len()).filter_map(|at| self.get(at))
    }
}

/// A map that is lent or shared.
#[derive(Clone, Debug)]
pub enum Map<'e> {
    /// An object, or a part of one.
    Lent(&'e Members),
    /// It was made, so deep.
    Made(Rc<BTreeMap<Key<'e>, Value<'e>>>, u16),
}

impl<'e> Map<'e> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Lent(members) => members.len(),
            Self::Made(entries, _) => entries.len(),
        }
    }

    /// The value of a member.
    pub(super) fn member(&self, name: &str) -> Option<Value<'e>> {
        match self {
            Self::Lent(members) => members.get(name).map(Value::from),
            Self::Made(entries, _) => entries.get(&Key::Text(Text::Made(name.into()))).cloned(),
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &Key<'e>) -> Option<Value<'e>> {
        match (self, key) {
            (Self::Lent(members), Key::Text(name)) => members.get(name).map(Value::from),
            (Self::Lent(_), _) => None,
            (Self::Made(entries, _), key) => entries.get(key).cloned(),
        }
    }

    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = (Value<'e>, Value<'e>)> + '_> {
        match self {
            Self::Lent(members) => {
                let members: &'e Members = members;
                Box::new(members.iter().map(|(name, value)| (Value::lent(name), Value::from(value))))
            }
            Self::Made(entries, _) => {
                Box::new(entries.iter().map(|(key, value)| (Value::from(key.clone()), value.clone())))
            }
        }
    }
}

/// What a map is looked into by. Whole numbers are one whatever their type.
#[derive(Clone, Debug)]
pub enum Key<'e> {
    /// A truth.
    Bool(bool),
    /// A whole number, and whether it was one without a sign.
    Number(i128, bool),
    /// A text.
    Text(Text<'e>),
}

impl Key<'_> {
    fn rank(&self) -> (u8, bool, i128, &str) {
        match self {
            Self::Bool(value) => (0, *value, 0, ""),
            Self::Number(value, _) => (1, false, *value, ""),
            Self::Text(text) => (2, false, 0, text),
        }
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}
impl Eq for Key<'_> {}
impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl<'e> From<Key<'e>> for Value<'e> {
    fn from(key: Key<'e>) -> Self {
        match key {
            Key::Bool(value) => Self::Bool(value),
            Key::Number(value, true) => u64::try_from(value).map_or(Self::Null, Self::Uint),
            Key::Number(value, false) => i64::try_from(value).map_or(Self::Null, Self::Int),
            Key::Text(text) => Self::Text(text),
        }
    }
}

impl<'e> From<&'e Json> for Value<'e> {
    fn from(json: &'e Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Int(value) => Self::Int(*value),
            Json::Double(value) => Self::Double(*value),
            Json::Text(text) => Self::lent(text),
            Json::List(items) => Self::List(List::Lent(items)),
            Json::Map(members) => Self::Map(Map::Lent(members)),
        }
    }
}

impl<'e> Value<'e> {
    /// A list of objects.
    pub fn objects(items: &'e [Json]) -> Self {
        Self::List(List::Lent(items))
    }

    /// A text that stands elsewhere.
    pub(super) fn lent(text: &'e str) -> Self {
        Self::Text(Text::Lent(text))
    }

    /// A text that was made, and counted.
    pub(super) fn text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(Text::Made(text.into()))
    }

    /// A list of these, which were counted.
    pub(super) fn list(items: Vec<Self>) -> Result<Self, Problem> {
        let depth = deeper(items.iter())?;
        Ok(Self::List(List::Made(items.into(), depth)))
    }

    /// A map of these, which were counted.
    pub(super) fn map(entries: BTreeMap<Key<'e>, Self>) -> Result<Self, Problem> {
        let depth = deeper(entries.values())?;
        Ok(Self::Map(Map::Made(Rc::new(entries), depth)))
    }

    /// A value that is there after all.
    pub(super) fn some(self) -> Result<Self, Problem> {
        deeper([&self].into_iter())?;
        Ok(Self::Optional(Some(Rc::new(self))))
    }

    /// Levels of what was made. What an object holds is bounded by who reads it.
    fn depth(&self) -> u16 {
        match self {
            Self::List(List::Made(_, depth)) | Self::Map(Map::Made(_, depth)) => *depth,
            Self::Optional(Some(value)) => value.depth().saturating_add(1),
            _ => 0,
        }
    }

    /// What sort of value it is.
    pub fn type_of(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Uint(_) => Type::Uint,
            Self::Double(_) => Type::Double,
            Self::Text(_) => Type::String,
            Self::Bytes(_) => Type::Bytes,
            Self::List(_) => Type::List,
            Self::Map(_) => Type::Map,
            Self::Duration(_) => Type::Duration,
            Self::Timestamp(_) => Type::Timestamp,
            Self::Quantity(_) => Type::Quantity,
            Self::Optional(_) => Type::Optional,
            Self::Type(_) => Type::Type,
        }
    }

    /// What sort of value it is, for a sentence.
    pub(super) fn described(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a bool",
            Self::Int(_) => "an int",
            Self::Uint(_) => "a uint",
            Self::Double(_) => "a double",
            Self::Text(_) => "a string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Duration(_) => "a duration",
            Self::Timestamp(_) => "a timestamp",
            Self::Quantity(_) => "a quantity",
            Self::Optional(_) => "an optional value",
            Self::Type(_) => "a type",
        }
    }

    /// The value as a map's key.
    pub(super) fn key(&self) -> Result<Key<'e>, Problem> {
        Ok(match self {
            Self::Bool(value) => Key::Bool(*value),
            Self::Int(value) => Key::Number(i128::from(*value), false),
            Self::Uint(value) => Key::Number(i128::from(*value), true),
            Self::Text(text) => Key::Text(text.clone()),
            other => return Problem::wrong(format!("{} is no key of a map", other.described())),
        })
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

fn deeper<'v, 'e: 'v>(values: impl Iterator<Item = &'v Value<'e>>) -> Result<u16, Problem> {
    let depth = values.map(Value::depth).max().unwrap_or(0).saturating_add(1);
    if usize::from(depth) > MAX_DEPTH {
        return Err(Problem::Spent("it makes a value that is nested too deep"));
    }
    Ok(depth)
}
