//! The reports that the cluster holds, as far as is needed to know which have to be written.
//!
//! Pure. Not its job: what they should say.

use std::collections::{BTreeMap, HashSet};

use crate::cluster::Seen;
use crate::model::{DeclaredKind, Kind, SubjectKey, Text, WorkloadId};
use crate::report::name_of;

use super::input::{ReportObject, Stored};

/// Namespace and name of a report.
type Place = (Text, Text);

/// The reports that the cluster holds.
#[derive(Debug, Default)]
pub(super) struct StoredReports {
    reports: BTreeMap<Place, Stored>,
    /// What a list in progress has not shown yet.
    unseen: Option<HashSet<Place>>,
}

/// Where a subject's report stands.
pub(super) fn place_of(key: &SubjectKey) -> Place {
    (key.namespace().clone(), Text::from(name_of(key)))
}

impl StoredReports {
    /// The report of a subject.
    pub(super) fn get(&self, key: &SubjectKey) -> Option<&Stored> {
        self.reports.get(&place_of(key))
    }

    /// Notes the report that was written for a subject, or that it is gone.
    pub(super) fn set(&mut self, key: &SubjectKey, stored: Option<Stored>) {
        let place = place_of(key);
        let Some(stored) = stored else {
            self.reports.remove(&place);
            return;
        };
        // The watch may have shown what somebody made of it since, before the answer to our write came.
        let newer = |known: &Stored| is_older(&stored.resource_version, &known.resource_version);
        if !self.reports.get(&place).is_some_and(newer) {
            self.reports.insert(place, stored);
        }
    }

    /// The subjects of all reports, whether they still exist or not.
    pub(super) fn subjects(&self) -> impl Iterator<Item = SubjectKey> {
        self.reports.iter().filter_map(|(place, stored)| subject_of(place, stored))
    }

    /// Takes in what the watch saw; returns the subjects whose reports are not what they were.
    pub(super) fn take(&mut self, seen: Seen<ReportObject>) -> Vec<SubjectKey> {
        match seen {
            Seen::Begin => {
                self.unseen = Some(self.reports.keys().cloned().collect());
                Vec::new()
            }
            Seen::Applied(ReportObject { namespace, name, stored }) => {
                let place = (namespace, name);
                if let Some(unseen) = &mut self.unseen {
                    unseen.remove(&place);
                }
                self.put(place, stored).into_iter().collect()
            }
            Seen::Deleted { namespace, name } => self.lose(&(namespace, name)).into_iter().collect(),
            Seen::Finish => {
                let gone = self.unseen.take().unwrap_or_default();
                gone.iter().filter_map(|place| self.lose(place)).collect()
            }
            // Without its own kinds the controller has nothing to do; the watch goes on asking.
            Seen::NotServed | Seen::Denied(_) => Vec::new(),
        }
    }

    fn put(&mut self, place: Place, stored: Stored) -> Option<SubjectKey> {
        let old = self.reports.get(&place);
        // The echo of a write may come after a later write was answered.
        if old.is_some_and(|old| is_older(&stored.resource_version, &old.resource_version)) {
            return None;
        }
        let changed = old.is_none_or(|old| old.fingerprint != stored.fingerprint);
        let key = subject_of(&place, &stored);
        self.reports.insert(place, stored);
        key.filter(|_| changed)
    }

    fn lose(&mut self, place: &Place) -> Option<SubjectKey> {
        let lost = self.reports.remove(place)?;
        subject_of(place, &lost)
    }
}

/// The subject of a report; `None` for a report that no subject of ours would have.
fn subject_of((namespace, name): &Place, stored: &Stored) -> Option<SubjectKey> {
    let (group, kind, subject) = &stored.scope;
    // What nobody declares any more has no subject, and its report goes as one whose subject is gone.
    let left_behind = || DeclaredKind::left_behind(group, kind).map(Kind::from);
    let key = match Kind::find(group, kind).or_else(left_behind)? {
        Kind::Namespace => SubjectKey::Namespace(namespace.clone()),
        kind => {
            SubjectKey::Workload(WorkloadId { namespace: namespace.clone(), kind, name: subject.clone() })
        }
    };
    (name_of(&key) == name.as_str()).then_some(key)
}

/// Resource versions of one resource can be compared as numbers.
fn is_older(a: &str, b: &str) -> bool {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a < b,
        _ => false,
    }
}
