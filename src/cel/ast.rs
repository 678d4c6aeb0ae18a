//! The tree of an expression: names resolved, macros kept as what they are.
//!
//! Not its job: how a tree comes to be (`parser`), or what it is worth (`eval`).

use super::library::Function;
use super::value::{Type, Value};

/// A node, and where it stands in the source.
#[derive(Debug)]
pub(super) struct Node {
    /// The byte of the source that errors point at.
    pub(super) at: u32,
    /// Levels from here down.
    pub(super) depth: u16,
    pub(super) what: What,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum What {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Box<str>),
    Bytes(Box<[u8]>),
    TypeName(Type),
    /// A declared variable, by its number.
    Variable(usize),
    /// A variable that a macro binds, by its slot.
    Local(usize),
    /// `of.field`, or `of.?field`.
    Select {
        of: Box<Node>,
        field: Box<str>,
        optional: bool,
    },
    /// `has(of.field)`.
    Has {
        of: Box<Node>,
        field: Box<str>,
    },
    /// `of[key]`, or `of[?key]`.
    Index {
        of: Box<Node>,
        key: Box<Node>,
        optional: bool,
    },
    List(Vec<Item>),
    Map(Vec<Entry>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Binary(Operator, Box<[Node; 2]>),
    /// `condition ? yes : no`.
    Choose(Box<[Node; 3]>),
    Call {
        function: &'static Function,
        args: Vec<Node>,
        /// The regular expression, where it is written out.
        pattern: Option<usize>,
    },
    Macro(Box<Macro>),
}

/// An item of a list; an optional one is left out where it has no value.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) value: Node,
    pub(super) optional: bool,
}

/// An entry of a map.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Node,
    pub(super) value: Node,
    pub(super) optional: bool,
}

/// Operators with two sides that both have to have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equals,
    Differs,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

impl Operator {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Equals => "==",
            Self::Differs => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
        }
    }

    pub(super) fn is_relation(self) -> bool {
        !matches!(self, Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Modulo)
    }
}

/// A macro: `over.kind(first, second, when, body)`, with what it binds in the slots from `slot` on.
#[derive(Debug)]
pub(super) struct Macro {
    pub(super) kind: MacroKind,
    pub(super) over: Node,
    pub(super) slot: usize,
    /// It binds an index or key, and then the value.
    pub(super) two: bool,
    pub(super) when: Option<Node>,
    pub(super) body: Node,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MacroKind {
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
    /// A map again, with the values transformed.
    TransformMap,
    SortBy,
    OptMap,
    OptFlatMap,
}

impl Node {
    /// The type that it gives whenever it gives a value, as far as that shows.
    pub(super) fn gives(&self) -> Option<Type> {
        Some(match &self.what {
            What::Null => Type::Null,
            What::Int(_) => Type::Int,
            What::Uint(_) => Type::Uint,
            What::Double(_) => Type::Double,
            What::Text(_) => Type::String,
            What::Bytes(_) => Type::Bytes,
            What::TypeName(_) => Type::Type,
            What::Bool(_) | What::Has { .. } | What::And(_) | What::Or(_) | What::Not(_) => Type::Bool,
            What::List(_) => Type::List,
            What::Map(_) => Type::Map,
            What::Binary(operator, _) if operator.is_relation() => Type::Bool,
            What::Call { function, .. } => return function.gives,
            What::Macro(of) => match of.kind {
                MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne => Type::Bool,
                MacroKind::Map | MacroKind::Filter | MacroKind::SortBy => Type::List,
                MacroKind::TransformMap => Type::Map,
                MacroKind::OptMap => Type::Optional,
                MacroKind::OptFlatMap => return None,
            },
            What::Select { optional: true, .. } | What::Index { optional: true, .. } => Type::Optional,
            What::Choose(parts) => {
                let [_, yes, no] = parts.as_ref();
                return yes.gives().filter(|yes| no.gives() == Some(*yes));
            }
            What::Binary(_, sides) => {
                let [left, right] = sides.as_ref();
                return left.gives().filter(|left| right.gives() == Some(*left));
            }
            What::Variable(_) | What::Local(_) | What::Select { .. } | What::Index { .. } => return None,
            What::Negate(of) => return of.gives(),
        })
    }

    /// A node, as deep as what is below it says.
    pub(super) fn new(at: usize, what: What) -> Self {
        let mut below = 0;
        what.each_child(&mut |child| below = below.max(child.depth));
        Self { at: u32::try_from(at).unwrap_or(u32::MAX), depth: below.saturating_add(1), what }
    }

    /// Calls `visit` with this node and all below it. As deep as the tree, which is bounded.
    pub(super) fn walk(&self, visit: &mut dyn FnMut(&Self)) {
        visit(self);
        self.what.each_child(&mut |child| child.walk(visit));
    }

    /// The value of a literal.
    pub(super) fn literal(&self) -> Option<Value<'_>> {
        Some(match &self.what {
            What::Null => Value::Null,
            What::Bool(value) => Value::Bool(*value),
            What::Int(value) => Value::Int(*value),
            What::Uint(value) => Value::Uint(*value),
            What::Double(value) => Value::Double(*value),
            What::Text(value) => Value::lent(value),
            What::Bytes(value) => Value::Bytes(value.as_ref().into()),
            What::TypeName(of) => Value::Type(*of),
            _ => return None,
        })
    }
}

impl What {
    fn each_child<'n>(&'n self, visit: &mut dyn FnMut(&'n Node)) {
        match self {
            Self::Select { of, .. } | Self::Has { of, .. } | Self::Not(of) | Self::Negate(of) => visit(of),
            Self::Index { of, key, .. } => {
                visit(of);
                visit(key);
            }
            Self::List(items) => items.iter().for_each(|item| visit(&item.value)),
            Self::Map(entries) => {
                for entry in entries {
                    visit(&entry.key);
                    visit(&entry.value);
                }
            }
            Self::And(parts) | Self::Or(parts) | Self::Call { args: parts, .. } => {
                parts.iter().for_each(visit)
            }
            Self::Binary(_, sides) => sides.iter().for_each(visit),
            Self::Choose(parts) => parts.iter().for_each(visit),
            Self::Macro(of) => {
                visit(&of.over);
                of.when.iter().for_each(&mut *visit);
                visit(&of.body);
            }
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Uint(_)
            | Self::Double(_)
            | Self::Text(_)
            | Self::Bytes(_)
            | Self::TypeName(_)
            | Self::Variable(_)
            | Self::Local(_) => {}
        }
    }
}
