//! A parsed document as a tree whose nodes know their place, and how it is written as JSON.
//!
//! Not its job: parsing (`yaml`), or finding a place by its path (`places`).

use std::borrow::Cow;

use super::scalar::{self, Scalar};

/// A place in a text; both count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A value and where it begins; for an entry of a mapping, where its key does.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub value: Value<'a>,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// A scalar.
    Scalar(Scalar<'a>),
    /// A sequence.
    List(Vec<Node<'a>>),
    /// A mapping, in the order written. The place is the key's.
    Map(Vec<(Cow<'a, str>, Place, Node<'a>)>),
}

/// How much there is below a node, itself included.
#[derive(Default)]
pub(super) struct Size {
    pub(super) nodes: usize,
    /// Levels of lists and mappings.
    pub(super) depth: usize,
    pub(super) bytes: usize,
}

pub(super) fn size(node: &Node<'_>) -> Size {
    let add = |sum: Size, (key, node): (usize, &Node<'_>)| {
        let Size { nodes, depth, bytes } = size(node);
        Size { nodes: sum.nodes + nodes, depth: sum.depth.max(depth), bytes: sum.bytes + key + bytes }
    };
    let below = match &node.value {
        Value::Scalar(Scalar::Text(text)) => return Size { nodes: 1, depth: 0, bytes: text.len() },
        Value::Scalar(_) => return Size { nodes: 1, ..Size::default() },
        Value::List(items) => items.iter().map(|node| (0, node)).fold(Size::default(), add),
        Value::Map(entries) => {
            entries.iter().map(|(key, _, node)| (key.len(), node)).fold(Size::default(), add)
        }
    };
    Size { nodes: below.nodes + 1, depth: below.depth + 1, ..below }
}

impl<'a> Node<'a> {
    /// Writes the node as JSON. Entries that are null are left out: in the API, null and absent are the same.
    pub fn write_json(&self, out: &mut String) {
        match &self.value {
            Value::Scalar(scalar) => scalar.write_json(out),
            Value::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Value::Map(entries) => {
                out.push('{');
                let mut first = true;
                for (key, _, node) in entries {
                    if matches!(node.value, Value::Scalar(Scalar::Null)) {
                        continue;
                    }
                    if !first {
                        out.push(',');
                    }
                    first = false;
                    scalar::write_text(key, out);
                    out.push(':');
                    node.write_json(out);
                }
                out.push('}');
            }
        }
    }
}
