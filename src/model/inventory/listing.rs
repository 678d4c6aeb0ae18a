//! Listings of a kind from beginning to end, and kinds that come and go.
//!
//! Not its job: objects one by one (`inventory`).

use std::collections::BTreeSet;

use super::{Inventory, Sight, Space, Touched};
use crate::model::{Kind, Text};

impl Inventory {
    /// Takes note that kinds of workloads are declared no more, and that others are now, of which nothing is known yet.
    /// Who is a subject may be different then: everything has to be looked at again.
    pub fn redeclare(&mut self, gone: &[Kind], new: &[Kind]) -> Touched {
        let mut touched = Touched::new();
        for kind in gone {
            self.begin(*kind);
            touched.extend(self.finish(*kind));
            self.sights.remove(kind);
        }
        for kind in new {
            self.sights.insert(*kind, unlisted(*kind));
            for space in self.spaces.values_mut() {
                space.relink(*kind);
            }
        }
        touched.extend(self.subjects());
        touched
    }

    /// Begins a listing of a kind: what it does not show until `finish` is gone.
    pub fn begin(&mut self, kind: Kind) {
        let names = |(namespace, space): (&Text, &Space)| {
            let namespace = namespace.clone();
            space.names(kind).into_iter().map(move |name| (namespace.clone(), name)).collect::<Vec<_>>()
        };
        let mut unseen: BTreeSet<(Text, Text)> = self.spaces.iter().flat_map(names).collect();
        unseen.extend(self.objects.places(kind).cloned());
        self.unseen.insert(kind, unseen);
    }

    /// Ends a listing: takes out what it did not show, and knows the kind in full from now on.
    pub fn finish(&mut self, kind: Kind) -> Touched {
        let mut touched = Touched::new();
        let unseen = self.unseen.get_mut(&kind).map(std::mem::take);
        for (namespace, name) in unseen.unwrap_or_default() {
            touched.extend(self.remove(kind, &namespace, &name));
        }
        self.unseen.remove(&kind);
        if self.news.remove(&kind) {
            touched.extend(self.subjects());
        }
        touched.extend(self.set_sight(kind, Sight::Full));
        touched
    }

    pub(super) fn saw(&mut self, kind: Kind, namespace: &Text, name: &Text) {
        if let Some(unseen) = self.unseen.get_mut(&kind) {
            unseen.remove(&(namespace.clone(), name.clone()));
        }
    }
}

pub(super) fn unlisted(kind: Kind) -> Sight {
    Sight::None(format!("{} are not listed yet", kind.resource()).into())
}
