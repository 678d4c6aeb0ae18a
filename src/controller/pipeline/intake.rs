//! What comes in from the watches: into the inventory, the policies and the stored reports, and what that touches.
//!
//! Not its job: looking at what was touched, or what became of what was written (`pipeline`).

use crate::checks::CATALOGUE;
use crate::cluster::{Need, Observation, Seen, need};
use crate::decode::Decoded;
use crate::model::{DeclaredKind, Keep, Kind, Sight, SubjectKey, Text, Touched};
use crate::policy::Policy;

use super::super::input::{Input, KindObject, Watching};
use super::super::queue::Lane;
use super::{Pipeline, Waiting};

impl Pipeline {
    /// Takes in what a watch saw.
    pub(in super::super) fn take(&mut self, input: Input) {
        let was_ready = self.is_ready();
        match input {
            Input::Object(observation) => self.take_object(*observation),
            Input::Policy(observation) => {
                let done = matches!(observation.seen, Seen::Finish);
                let touched = self.policies.take(observation.seen, &mut self.set, &CATALOGUE);
                self.redeclare();
                self.need_wholes();
                self.touch_covered(&touched);
                self.note_policies(&touched);
                if !touched.is_empty() {
                    self.attestations.statuses.touch_all();
                }
                self.listed(done, Waiting::Policies);
            }
            Input::Exemption(observation) => self.take_exemption(observation.seen),
            Input::Report(observation) => {
                let done = matches!(observation.seen, Seen::Finish);
                let lost = done || matches!(observation.seen, Seen::Deleted { .. });
                for key in self.stored.take(observation.seen) {
                    self.lost_in_flight.remove(&key);
                    if lost && self.in_flight.contains(&key) {
                        self.lost_in_flight.insert(key.clone());
                    }
                    self.queue.push(key, Lane::Urgent);
                }
                self.listed(done, Waiting::Reports);
            }
        }
        if !was_ready && self.is_ready() {
            self.full_pass();
        }
        if !self.leading {
            // Who takes up the pen looks at everything; until then the queue would only grow.
            self.queue.clear();
        }
    }

    fn redeclare(&mut self) {
        let now = self.set.declared_kinds();
        if now == self.declared {
            return;
        }
        DeclaredKind::put_in_force(&now);
        let without = |all: &[DeclaredKind], others: &[DeclaredKind]| -> Vec<Kind> {
            all.iter().filter(|kind| !others.contains(kind)).map(|kind| Kind::from(*kind)).collect()
        };
        let touched =
            self.inventory.redeclare(&without(&self.declared, &now), &without(&now, &self.declared));
        self.declared = now;
        if self.is_ready() {
            self.touch(touched);
            self.full_pass();
        }
    }

    pub(super) fn listed(&mut self, done: bool, what: Waiting) {
        if done {
            self.waiting_for.remove(&what);
        }
    }

    fn take_object(&mut self, Observation { source, seen }: Observation<Watching, KindObject>) {
        let Watching { kind, keep } = source;
        if matches!(kind, Kind::Declared(kind) if !self.declared.contains(&kind)) {
            // The last words of a watch that has ended.
            return;
        }
        let mut done = matches!(seen, Seen::Finish);
        let was_seen = self.inventory.is_seen(kind);
        let touched = match seen {
            Seen::Begin => {
                self.inventory.begin(kind);
                Touched::new()
            }
            Seen::Applied(KindObject { decoded: Decoded::Record(record), whole, status }) => {
                self.attestations.apply(&record, status.map(|status| *status));
                self.inventory.apply_whole(record, whole)
            }
            Seen::Applied(KindObject { decoded: Decoded::Unreadable(meta, error), .. }) => {
                self.forget_attestation(kind, &meta.namespace, &meta.name);
                self.inventory.apply_unreadable(kind, meta, error.to_string())
            }
            Seen::Deleted { namespace, name } => {
                self.forget_attestation(kind, &namespace, &name);
                self.inventory.remove(kind, &namespace, &name)
            }
            Seen::Finish => {
                let touched = self.inventory.finish(kind);
                self.listed_whole(kind, keep);
                if kind == Kind::PracticeAttestation {
                    self.attestations.keep_those_of(&self.inventory);
                }
                touched
            }
            Seen::NotServed | Seen::Denied(_) if need(kind) == Need::Essential => Touched::new(),
            Seen::NotServed => {
                done = true;
                self.inventory.begin(kind);
                let mut touched = self.inventory.finish(kind);
                touched.extend(self.inventory.set_sight(kind, Sight::Absent));
                self.listed_whole(kind, Keep::All);
                touched
            }
            Seen::Denied(why) => {
                done = true;
                let touched = self.inventory.set_sight(kind, Sight::None(why));
                self.review_wholes();
                touched
            }
        };
        self.listed(done, Waiting::Kind(kind));
        if done {
            // What cannot be seen, and why, stands in the policies' statuses, whatever it means for a subject.
            self.policies.statuses.touch_all();
        }
        if self.is_ready() {
            self.hints_stale |= !touched.is_empty();
            self.touch(touched);
            if !was_seen && self.inventory.is_seen(kind) {
                // Reports whose subject went while nobody could see it are only found by their own names.
                self.full_pass();
            }
        }
    }

    fn forget_attestation(&mut self, kind: Kind, namespace: &Text, name: &Text) {
        if kind == Kind::PracticeAttestation {
            self.attestations.remove(&(namespace.clone(), name.clone()));
        }
    }

    /// Many subjects at once are no news about any of them.
    pub(super) fn touch(&mut self, touched: Touched) {
        let lane = if touched.len() > 100 { Lane::Background } else { Lane::Urgent };
        for key in touched {
            match key {
                // What is made for a namespace may do harm now.
                SubjectKey::Namespace(_) if self.remediation.minds(&key) => {
                    self.queue.push(key, Lane::Urgent)
                }
                // What its report says can wait a moment, and usually more comes at once.
                SubjectKey::Namespace(_) => self.queue.push(key, Lane::Background),
                SubjectKey::Workload(id) => {
                    if self.remediation.is_on_trial(&id.namespace) {
                        self.queue.push(SubjectKey::Namespace(id.namespace.clone()), Lane::Urgent);
                    }
                    self.queue.push(SubjectKey::Workload(id), lane);
                }
            }
        }
    }

    fn touch_covered(&mut self, policies: &[Policy]) {
        if policies.is_empty() || !self.is_ready() {
            return;
        }
        self.look_again(|inventory, key| {
            let space = inventory.space(key.namespace());
            let labels = space.and_then(|space| space.object()).map(|namespace| &namespace.meta.labels);
            policies.iter().any(|policy| policy.selection.covers_namespace(key.namespace(), labels))
        });
    }
}
