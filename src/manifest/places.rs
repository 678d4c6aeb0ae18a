//! Where everything in a document stands, in sixteen bytes a field: kept for as long as findings may ask for it.
//!
//! Not its job: parsing (`yaml`), or which document an object comes from (`load`).

use std::hash::{DefaultHasher, Hash, Hasher};

use super::node::{Node, Place, Value};

/// A field, an item, or the document itself; what stands in it follows it.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// The hash of its key, or of its index: a path is looked up once a finding, and keys would cost their text.
    key: u32,
    place: Place,
    /// How many steps stand in it, at whatever depth.
    below: u32,
}

/// The places of a document, each before what stands in it.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<Step>);

fn hash(key: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    // Half of it is plenty for the keys of one mapping.
    (hasher.finish() >> 32) as u32
}

impl Places {
    /// The places of a parsed document.
    pub fn of(root: &Node<'_>) -> Self {
        let mut places = Self::default();
        places.add(0, root.place, root);
        places.0.shrink_to_fit();
        places
    }

    fn add(&mut self, key: u32, place: Place, node: &Node<'_>) {
        let at = self.0.len();
        self.0.push(Step { key, place, below: 0 });
        match &node.value {
            Value::Map(entries) => {
                for (key, place, node) in entries {
                    self.add(hash(key), *place, node);
                }
            }
            Value::List(items) => {
                for (index, node) in items.iter().enumerate() {
                    self.add(hash(&index.to_string()), node.place, node);
                }
            }
            Value::Scalar(_) => {}
        }
        let below = self.0.len() - at - 1;
        if let Some(step) = self.0.get_mut(at) {
            step.below = u32::try_from(below).unwrap_or(u32::MAX);
        }
    }

    /// The place of a field such as `spec.containers[0].image`, or of the nearest part of the path that is there.
    pub fn locate(&self, path: &str) -> Place {
        let (mut at, mut found) = (0, self.0.first());
        for step in path.split(['.', '[']).map(|step| step.trim_end_matches(']')) {
            let Some(next) = found.and_then(|inside| self.child(at, inside.below, hash(step))) else { break };
            (at, found) = (next, self.0.get(next));
        }
        found.map(|step| step.place).unwrap_or_default()
    }

    fn child(&self, parent: usize, below: u32, key: u32) -> Option<usize> {
        let end = parent + 1 + usize::try_from(below).ok()?;
        let mut at = parent + 1;
        while at < end {
            let step = self.0.get(at)?;
            if step.key == key {
                return Some(at);
            }
            at += 1 + usize::try_from(step.below).ok()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml::parse;
    use super::*;

    #[test]
    fn locates_fields() {
        let yaml = "kind: Pod\nspec:\n  containers:\n  - name: a\n    image: x\n  - name: b\n    image: y\n";
        let places = Places::of(&parse(yaml, 1).unwrap().unwrap());
        assert_eq!(places.locate("spec.containers[1].image"), Place { line: 7, column: 5 });
        assert_eq!(places.locate("spec.containers[1].resources.limits"), Place { line: 6, column: 5 });
        assert_eq!(places.locate("spec"), Place { line: 2, column: 1 });
        assert_eq!(places.locate("nothing.here"), Place { line: 1, column: 1 });
    }
}
