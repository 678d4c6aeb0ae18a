//! The ComplianceExemptions that the cluster holds, and what their statuses should say.
//!
//! Pure. Not its job: what one comes to (`policy`), or whom it concerns (`pipeline`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::api::{ComplianceExemption, ExemptionStatus};
use crate::cluster::Seen;
use crate::engine::Catalogue;
use crate::model::Text;
use crate::policy::{Exemption, PolicySet, breadth, of_object, unknown_names};
use crate::report::{OWN_CONDITIONS, exemption_status, unreadable_exemption};

use super::input::{Ours, Unread};
use super::statuses::Statuses;
use super::verdicts::Verdicts;

/// Namespace and name of an exemption.
pub(super) type Place = (Text, Text);

/// An exemption that the cluster holds.
#[derive(Debug)]
struct Held {
    generation: i64,
    uid: Text,
    exemption: Result<Arc<Exemption>, String>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Exemptions {
    held: BTreeMap<Place, Held>,
    pub(super) statuses: Statuses<Place, ExemptionStatus>,
    unseen: Option<BTreeSet<Place>>,
    /// Why they cannot be seen.
    denied: Option<Text>,
}

impl Exemptions {
    /// Takes in what the watch saw; returns the exemptions, old and new, whose subjects are to be looked at again.
    pub(super) fn take(
        &mut self,
        seen: Seen<Ours<ComplianceExemption>>,
        set: &mut PolicySet,
    ) -> Vec<Arc<Exemption>> {
        match seen {
            Seen::Begin => {
                self.unseen = Some(self.held.keys().cloned().collect());
                Vec::new()
            }
            Seen::Applied(object) => {
                let place = (object.namespace.clone(), object.name.clone());
                if let Some(unseen) = &mut self.unseen {
                    unseen.remove(&place);
                }
                self.apply(place, object, set)
            }
            Seen::Deleted { namespace, name } => self.remove(&(namespace, name), set),
            Seen::Finish => {
                self.denied = None;
                let gone = self.unseen.take().unwrap_or_default();
                gone.iter().flat_map(|place| self.remove(place, set)).collect()
            }
            Seen::NotServed => {
                self.denied = None;
                let all: Vec<Place> = self.held.keys().cloned().collect();
                all.iter().flat_map(|place| self.remove(place, set)).collect()
            }
            // Those that were seen before hold on, and end when they end.
            Seen::Denied(why) => {
                self.denied = Some(why);
                Vec::new()
            }
        }
    }

    fn apply(
        &mut self,
        place: Place,
        object: Ours<ComplianceExemption>,
        set: &mut PolicySet,
    ) -> Vec<Arc<Exemption>> {
        let (generation, uid, status, exemption) = match object.object {
            // One that goes is gone.
            Ok(object) if object.metadata.deletion_timestamp.is_some() => return self.remove(&place, set),
            Ok(object) => {
                let exemption = Arc::new(of_object(&object));
                let ComplianceExemption { metadata, spec: _, status } = *object;
                (metadata.generation, Text::new(&metadata.uid), status, Ok(exemption))
            }
            Err(Unread { error, metadata, status }) => {
                (metadata.generation, Text::new(&metadata.uid), status, Err(error.to_string()))
            }
        };
        let before = self.held.get(&place);
        let same = before.is_some_and(|before| before.exemption == exemption);
        let changed = !same || before.is_none_or(|before| before.generation != generation);
        self.statuses.hold(&place, status.map(own), changed);
        let changed = match &exemption {
            _ if same => Vec::new(),
            Ok(new) => set.exemptions.insert(Arc::clone(new)).into_iter().chain([Arc::clone(new)]).collect(),
            Err(_) => set.exemptions.remove(&place.0, &place.1).into_iter().collect(),
        };
        self.held.insert(place, Held { generation, uid, exemption });
        changed
    }

    fn remove(&mut self, place: &Place, set: &mut PolicySet) -> Vec<Arc<Exemption>> {
        self.held.remove(place);
        self.statuses.remove(place);
        set.exemptions.remove(&place.0, &place.1).into_iter().collect()
    }

    /// The next status that has to be written.
    pub(super) fn next_status(
        &mut self,
        set: &PolicySet,
        verdicts: &Verdicts,
        catalogue: &Catalogue,
        now: Timestamp,
    ) -> Option<(Place, ExemptionStatus)> {
        let held = &self.held;
        self.statuses.next(now, |place, before| {
            let before = before.map_or(&[][..], |before| &before.conditions);
            let Held { generation, uid: _, exemption } = held.get(place)?;
            Some(match exemption {
                Ok(exemption) => exemption_status(
                    *generation,
                    exemption,
                    &verdicts.used(&exemption.id),
                    &unknown_names(exemption, set, catalogue),
                    breadth(exemption, catalogue),
                    before,
                    now,
                ),
                Err(why) => unreadable_exemption(*generation, why, before, now),
            })
        })
    }

    /// The uid of one.
    pub(super) fn uid(&self, place: &Place) -> Option<&Text> {
        self.held.get(place).map(|held| &held.uid)
    }

    /// Why they cannot be seen, if they cannot.
    pub(super) fn denied(&self) -> Option<&Text> {
        self.denied.as_ref()
    }
}

/// Of a status what the controller writes: an approval is somebody else's.
fn own(mut status: ExemptionStatus) -> ExemptionStatus {
    status.conditions.retain(|condition| OWN_CONDITIONS.contains(&condition.type_.as_str()));
    status
}
