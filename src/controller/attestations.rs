//! The PracticeAttestations that the cluster holds, and what their statuses should say.
//!
//! What they say stands in the inventory, as all that stands beside workloads. Pure.
//! Not its job: what one comes to (`policy`, `report`).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::api::AttestationStatus;
use crate::model::{Attestation, Inventory, Kind, Record, Relations, SubjectKey, Text, WorkloadId};
use crate::policy::{PolicySet, asking};
use crate::report::attestation_status;

use super::exemptions::Place;
use super::statuses::Statuses;

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Attestations {
    pub(super) statuses: Statuses<Place, AttestationStatus>,
    /// What each was when it was last seen, to know whether it says anything else.
    seen: BTreeMap<Place, (i64, SubjectKey)>,
    /// Those that speak of a subject.
    about: BTreeMap<SubjectKey, BTreeSet<Place>>,
    /// When a status changes though nothing else does.
    due: BTreeSet<(Timestamp, Place)>,
}

impl Attestations {
    /// Notes one as the watch shows it.
    pub(super) fn apply(&mut self, record: &Record, status: Option<AttestationStatus>) {
        let Some((place, subject)) = subject(record) else { return };
        let seen = (record.meta().generation, subject.clone());
        let changed = self.seen.get(&place) != Some(&seen);
        if changed {
            self.forget(&place);
            self.about.entry(subject).or_default().insert(place.clone());
            self.seen.insert(place.clone(), seen);
        }
        self.statuses.hold(&place, status, changed);
    }

    /// One is gone, or cannot be read.
    pub(super) fn remove(&mut self, place: &Place) {
        self.forget(place);
        self.statuses.remove(place);
    }

    /// Those that are not in the inventory any more are gone.
    pub(super) fn keep_those_of(&mut self, inventory: &Inventory) {
        let gone: Vec<Place> =
            self.seen.keys().filter(|place| facts(inventory, place).is_none()).cloned().collect();
        gone.iter().for_each(|place| self.remove(place));
    }

    fn forget(&mut self, place: &Place) {
        let Some((_, subject)) = self.seen.remove(place) else { return };
        if let Some(places) = self.about.get_mut(&subject) {
            places.remove(place);
            if places.is_empty() {
                self.about.remove(&subject);
            }
        }
        self.due.retain(|(_, other)| other != place);
    }

    /// A subject came, changed or went: what speaks of it may be asked for, or not.
    pub(super) fn touch_about(&mut self, subject: &SubjectKey) {
        for place in self.about.get(subject).into_iter().flatten() {
            self.statuses.touch(place);
        }
    }

    /// Touches those whose instant has come.
    pub(super) fn wake(&mut self, now: Timestamp) {
        while let Some((at, place)) = self.due.first().cloned()
            && at <= now
        {
            self.due.pop_first();
            self.statuses.touch(&place);
        }
    }

    /// When a status changes or may be written next.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let due = self.due.first().map(|(at, _)| *at);
        [due, self.statuses.next_due()].into_iter().flatten().min()
    }

    /// The next status that has to be written.
    pub(super) fn next_status(
        &mut self,
        inventory: &Inventory,
        set: &PolicySet,
        now: Timestamp,
    ) -> Option<(Place, AttestationStatus)> {
        let changes = RefCell::new(Vec::new());
        let next = self.statuses.next(now, |place, before| {
            let (generation, attestation) = facts(inventory, place)?;
            let asking = asking(set, inventory, &place.0, attestation);
            let before = before.map_or(&[][..], |before| &before.conditions);
            let (status, at) = attestation_status(generation, &attestation.done(), &asking, before, now);
            changes.borrow_mut().extend(at.map(|at| (at, place.clone())));
            Some(status)
        });
        self.due.extend(changes.into_inner());
        next
    }
}

fn facts<'a>(inventory: &'a Inventory, (namespace, name): &'a Place) -> Option<(i64, &'a Attestation)> {
    let found = Relations::of(inventory, namespace).named(Kind::PracticeAttestation, name)?;
    Some((found.meta.generation, found.facts))
}

/// Where an attestation stands, and whom it speaks of.
fn subject(record: &Record) -> Option<(Place, SubjectKey)> {
    let attestation = record.attestation()?;
    let (namespace, name): (Text, Text) = (record.meta().namespace.clone(), record.meta().name.clone());
    let target = attestation.target.as_ref().and_then(|target| target.workload());
    let subject = match target {
        Some((kind, name)) => SubjectKey::Workload(WorkloadId { namespace: namespace.clone(), kind, name }),
        None => SubjectKey::Namespace(namespace.clone()),
    };
    Some(((namespace, name), subject))
}
