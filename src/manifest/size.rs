//! How large a node is once its aliases are followed.
//!
//! Not its job: how large it may be (`yaml`).

use super::scalar::Scalar;
use super::yaml::{Node, Value};

/// How much there is below a node, itself included.
#[derive(Default)]
pub(super) struct Size {
    pub(super) nodes: usize,
    /// Levels of lists and mappings.
    pub(super) depth: usize,
    /// Of texts and keys.
    pub(super) bytes: usize,
}

/// Measures a node.
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
