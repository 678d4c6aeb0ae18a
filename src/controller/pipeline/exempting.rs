//! The part of the pipeline that is about exemptions: whom an edit touches, and what the calendar brings.
//!
//! Not its job: whether an exemption holds (`policy::decide`), or what is exempt for one subject (`look`).

use jiff::Timestamp;

use crate::api::{API_VERSION, ComplianceExemption, EXEMPTION_KIND, POLICY_KIND};
use crate::cluster::Seen;
use crate::model::{SubjectKey, Text, Touched, stable_hash};
use crate::policy::{Applied, Exemption, ExemptionId, Policy, Standing, Used};
use crate::report::{expires_soon, meta_of};

use super::super::calendar::Due;
use super::super::change::{Announcement, Change, Regarding};
use super::super::input::Ours;
use super::{Pipeline, Waiting};

impl Pipeline {
    /// Takes in what the watch of exemptions saw.
    pub(super) fn take_exemption(&mut self, seen: Seen<Ours<ComplianceExemption>>) {
        // Where nobody may look, or there is no such API, there is nothing to wait for.
        let done = matches!(seen, Seen::Finish | Seen::NotServed | Seen::Denied(_));
        let was_denied = self.exemptions.denied().is_some();
        let changed = self.exemptions.take(seen, &mut self.set);
        let touched: Touched = changed.iter().flat_map(|exemption| self.selected(exemption)).collect();
        if self.is_ready() {
            self.touch(touched);
        }
        for exemption in &changed {
            let id = &exemption.id;
            let ExemptionId::Object { namespace, name } = id else { continue };
            // Of the old and the new one the new counts, if there is one.
            let now = self.set.exemptions.get(namespace, name);
            self.calendar.note(id, now.and_then(|exemption| exemption.until));
        }
        if was_denied != self.exemptions.denied().is_some() {
            self.policies.statuses.touch_all();
        }
        self.listed(done, Waiting::Exemptions);
    }

    /// The subjects that a ComplianceExemption is for.
    fn selected(&self, exemption: &Exemption) -> Touched {
        let ExemptionId::Object { namespace, .. } = &exemption.id else { return Touched::new() };
        let Some(space) = self.inventory.space(namespace) else { return Touched::new() };
        let of_namespace = space.object().map(|object| &object.meta.labels);
        let is_selected = |key: &SubjectKey| {
            let own = match key {
                SubjectKey::Namespace(_) => None,
                SubjectKey::Workload(id) => space.meta_of(id.kind, &id.name).map(|meta| &meta.labels),
            };
            exemption.whom.selects(key, of_namespace, own)
        };
        self.inventory.subjects_in(namespace).into_iter().filter(is_selected).collect()
    }

    /// Policies came, changed or went: their exemptions with them, and the names that others may mean.
    pub(super) fn note_policies(&mut self, policies: &[Policy]) {
        for policy in policies {
            for exemption in &policy.exemptions {
                let now = self.set.get(policy.name());
                let now = now.and_then(|policy| policy.exemptions.iter().find(|e| e.id == exemption.id));
                self.calendar.note(&exemption.id, now.and_then(|exemption| exemption.until));
            }
        }
        if !policies.is_empty() {
            self.exemptions.statuses.touch_all();
        }
    }

    /// Notes the ends of the annotations that were found on a subject.
    pub(super) fn note_annotations(&mut self, applied: &[Applied]) {
        let annotations = applied.iter().filter(|a| matches!(a.exemption.id, ExemptionId::Annotation { .. }));
        for applied in annotations {
            self.calendar.note(&applied.exemption.id, applied.exemption.until);
        }
    }

    /// What the calendar brings: an Event a week before the end of an exemption, and statuses at its end.
    pub(super) fn next_of_calendar(&mut self, now: Timestamp) -> Option<Change> {
        while let Some((id, due)) = self.calendar.pop(now) {
            match (due, &id) {
                (Due::Soon(until), _) => {
                    if let Some(announcement) = self.reminder(&id, until) {
                        return Some(Change::Announce(Box::new(announcement)));
                    }
                }
                (Due::Over, ExemptionId::Object { namespace, name }) => {
                    self.exemptions.statuses.touch(&(namespace.clone(), name.clone()));
                }
                (Due::Over, ExemptionId::Entry { policy, .. }) => self.policies.statuses.touch(policy),
                // Whoever has it is looked at then, and its policies after that.
                (Due::Over, ExemptionId::Annotation { .. }) => {}
            }
        }
        None
    }

    /// The Event about an exemption that ends soon; `None` where nobody misses it.
    fn reminder(&self, id: &ExemptionId, until: Timestamp) -> Option<Announcement> {
        let mut used = Used::default();
        let mut holds = false;
        for applied in self.verdicts.applied_of(id).filter(|a| a.exemption.until == Some(until)) {
            used.add(applied, None);
            holds |= applied.under.iter().any(|under| under.standing == Standing::InForce);
        }
        let regarding = match id {
            ExemptionId::Object { namespace, name } => Regarding {
                api_version: API_VERSION.to_owned(),
                kind: EXEMPTION_KIND,
                namespace: namespace.clone(),
                name: name.clone(),
                uid: self.exemptions.uid(&(namespace.clone(), name.clone())).cloned().unwrap_or_default(),
            },
            ExemptionId::Entry { policy, .. } => Regarding {
                api_version: API_VERSION.to_owned(),
                kind: POLICY_KIND,
                namespace: Text::default(),
                name: policy.clone(),
                uid: self.set.get(policy).map(|policy| policy.uid.clone()).unwrap_or_default(),
            },
            ExemptionId::Annotation { on, .. } => {
                let uid = meta_of(&self.inventory, on).map(|meta| meta.uid.clone()).unwrap_or_default();
                Regarding::subject(on, &uid)
            }
        };
        let what = match id {
            ExemptionId::Object { .. } => None,
            ExemptionId::Entry { name: what, .. } | ExemptionId::Annotation { check: what, .. } => Some(what),
        };
        holds.then(|| Announcement {
            regarding,
            draft: expires_soon(what.map(Text::as_str), until, used.results),
            once: Some(stable_hash(&format!("{id:?} {until}"))),
        })
    }
}
