//! How many pods the workloads of a namespace have, and whether they lost any.
//!
//! Not its job: what follows from it (`restraint::stage`).

use std::collections::BTreeMap;

use crate::model::{Availability, Kind, Space, Text};

/// How the workloads of a namespace stood at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readiness(BTreeMap<(Kind, Text), (i64, Availability)>);

impl Readiness {
    /// How they stand.
    pub fn of(space: &Space) -> Self {
        let known = space.subjects().filter_map(|workload| {
            let key = (workload.kind, workload.meta.name.clone());
            Some((key, (workload.meta.generation, workload.availability?)))
        });
        Self(known.collect())
    }

    /// A workload that has not all its pods, in words.
    pub(super) fn incomplete(&self) -> Option<String> {
        self.0.iter().find_map(|((kind, name), (_, now))| {
            let Availability { wanted, available, .. } = now;
            (available < wanted)
                .then(|| format!("{kind} '{name}' has {available} of {wanted} pods available"))
        })
    }

    /// A workload that has fewer pods than it had, in words. One that somebody changed since replaces its pods, and
    /// counts only once it says itself that it is not available.
    pub fn lost_since(&self, before: &Self) -> Option<String> {
        self.0.iter().find_map(|(key, (generation, now))| {
            let (old_generation, old) = before.0.get(key)?;
            let lost = now.available < old.available.min(now.wanted);
            let counts = generation == old_generation || now.unavailable_since.is_some();
            let (kind, name) = key;
            (lost && counts).then(|| {
                format!(
                    "{kind} '{name}' has {} of {} pods available, and had {} before",
                    now.available, now.wanted, old.available
                )
            })
        })
    }
}
