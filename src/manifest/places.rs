//! Where everything in a document stands, in a few bytes a value, kept when its text and its tree are gone.
//!
//! Not its job: parsing (`yaml`), or which object a place is asked for (`load`).

use super::node::{Node, Place, Value};

/// A value: where it is, and what it is called there.
#[derive(Clone, Copy, Debug)]
struct Spot {
    place: Place,
    /// The hash of its key, which is never 0; 0 for what is not in a mapping. Two keys of one mapping with one hash,
    /// which is one in four thousand million, would show each other's line.
    key: u32,
    /// The spot after all that is in it.
    end: u32,
}

/// The places of a document's values: each is followed by what is in it.
#[derive(Debug, Default)]
pub(super) struct Places(Box<[Spot]>);

/// A value of a document.
pub(super) type At = u32;

/// The whole document.
pub(super) const WHOLE: At = 0;

impl Places {
    /// The places of a document.
    pub(super) fn of(document: &Node<'_>) -> Self {
        let mut spots = Vec::new();
        add(&mut spots, document, document.place, 0);
        Self(spots.into())
    }

    fn spot(&self, at: At) -> Option<&Spot> {
        self.0.get(usize::try_from(at).ok()?)
    }

    /// What is directly in a value, in the order written.
    fn inside(&self, at: At) -> impl Iterator<Item = (At, &Spot)> {
        let end = self.spot(at).map_or(0, |spot| spot.end);
        let mut next = at.saturating_add(1);
        std::iter::from_fn(move || {
            let spot = self.spot(next).filter(|_| next < end)?;
            let at = std::mem::replace(&mut next, spot.end);
            Some((at, spot))
        })
    }

    /// The items of a List.
    pub(super) fn items(&self) -> impl Iterator<Item = At> {
        let key = hash("items");
        let items = self.inside(WHOLE).find(|(_, spot)| spot.key == key);
        items.into_iter().flat_map(|(at, _)| self.inside(at)).map(|(at, _)| at)
    }

    /// The place of a field below a value, such as `spec.containers[0].image`, or of the nearest part of the path
    /// that is there.
    pub(super) fn locate(&self, from: At, path: &str) -> Place {
        let mut at = from;
        for step in path.split(['.', '[']).map(|step| step.trim_end_matches(']')) {
            let key = hash(step);
            let number = step.parse::<usize>().ok();
            let mut inside = self.inside(at).enumerate();
            let next = inside.find(|(i, (_, spot))| spot.key == key || (spot.key == 0 && number == Some(*i)));
            let Some((_, (there, _))) = next else { break };
            at = there;
        }
        self.spot(at).map(|spot| spot.place).unwrap_or_default()
    }
}

fn add(spots: &mut Vec<Spot>, node: &Node<'_>, place: Place, key: u32) {
    let at = spots.len();
    spots.push(Spot { place, key, end: 0 });
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| add(spots, item, item.place, 0)),
        Value::Map(entries) => entries.iter().for_each(|(key, at, node)| add(spots, node, *at, hash(key))),
    }
    let end = u32::try_from(spots.len()).unwrap_or(u32::MAX);
    if let Some(spot) = spots.get_mut(at) {
        spot.end = end;
    }
}

/// FNV-1a, but never 0.
fn hash(key: &str) -> u32 {
    key.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)).max(1)
}

#[cfg(test)]
mod tests {
    use super::super::yaml::parse;
    use super::*;

    fn places(yaml: &str) -> Places {
        Places::of(&parse(yaml, 1).unwrap().unwrap())
    }

    #[test]
    fn locates_fields() {
        let yaml = "kind: Pod\nspec:\n  containers:\n  - name: a\n    image: x\n  - name: b\n    image: y\n";
        let places = places(yaml);
        assert_eq!(places.locate(WHOLE, "spec.containers[1].image"), Place { line: 7, column: 5 });
        assert_eq!(places.locate(WHOLE, "spec.containers[1].resources.limits"), Place { line: 6, column: 5 });
        assert_eq!(places.locate(WHOLE, "spec.containers[2].image"), Place { line: 3, column: 3 });
        assert_eq!(places.locate(WHOLE, "spec"), Place { line: 2, column: 1 });
        assert_eq!(places.locate(WHOLE, "nothing"), Place { line: 1, column: 1 });
    }

    #[test]
    fn items_of_a_list_are_places_of_their_own() {
        let places = places("kind: List\nitems:\n- a: 1\n- b: {c: 2}\n");
        let items: Vec<At> = places.items().collect();
        let places: Vec<Place> = items.iter().map(|at| places.locate(*at, "b.c")).collect();
        assert_eq!(places, [Place { line: 3, column: 3 }, Place { line: 4, column: 7 }]);
    }
}
