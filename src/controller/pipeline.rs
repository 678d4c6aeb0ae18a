//! The state of the controller and how it moves: what was seen goes in, what is to be written comes out.
//!
//! Pure: no client and no clock, `now` is passed in. Not its job: watching (`cluster::watch`) or writing (`apply`).
//! Invariant: nothing is evaluated until every kind was listed or refused once (the barrier).

mod exempting;
mod hints;
mod intake;
mod wholes;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::checks::CATALOGUE;
use crate::cluster::{Need, WATCHED, withheld};
use crate::model::{DeclaredKind, Inventory, Kind, SubjectKey};
use crate::policy::{ExemptionId, Policy, PolicySet, counts};
use crate::remedy::subjects_of_ours;
use crate::report::{self, Judgement, Material, PolicySums, draft, fingerprint, judge, meta_of, preview};

use super::attestations::Attestations;
use super::calendar::Calendar;
use super::change::{Change, Written};
use super::exemptions::Exemptions;
use super::policies::Policies;
use super::queue::{Lane, Queue};
use super::remediation::Remediation;
use super::stored::{StoredReports, place_of};
use super::verdicts::{Judged, Verdicts};
use wholes::Wholes;

/// A namespace's own report follows its workloads' at most so often.
const ROLLUP_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// The wait before something is tried again that could not be written; it doubles up to `MAX_RETRY`.
const MIN_RETRY: SignedDuration = SignedDuration::from_millis(500);
const MAX_RETRY: SignedDuration = SignedDuration::from_secs(60);

/// What a step came to.
#[derive(Debug)]
pub(super) enum Step {
    /// This is to be written.
    Change(Change),
    /// Something was looked at and is as it should be; there may be more.
    Again,
    /// There is nothing to do until something comes in, or until the instant.
    Idle(Option<Timestamp>),
}

/// The state of the controller.
#[derive(Debug)]
pub(super) struct Pipeline {
    inventory: Inventory,
    set: PolicySet,
    policies: Policies,
    exemptions: Exemptions,
    attestations: Attestations,
    calendar: Calendar,
    stored: StoredReports,
    verdicts: Verdicts,
    queue: Queue,
    in_flight: HashSet<SubjectKey>,
    /// Those of them whose report the watch saw go meanwhile: the answer to the write is older than that.
    lost_in_flight: HashSet<SubjectKey>,
    failures: HashMap<SubjectKey, u32>,
    hinted: HashSet<SubjectKey>,
    /// Whether anything changed since the hinted were last looked at, and when they may be again.
    hints_stale: bool,
    hints_not_before: Option<Timestamp>,
    remediation: Remediation,
    waiting_for: HashSet<Waiting>,
    declared: Vec<DeclaredKind>,
    wholes: Wholes,
    leading: bool,
    /// Whether the first full pass is done: until then, no change of a verdict is news.
    settled: bool,
    evaluations: u64,
}

/// What has to be listed once before anything is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Waiting {
    Kind(Kind),
    Policies,
    Exemptions,
    Reports,
}

impl Pipeline {
    pub(super) fn new() -> Self {
        let at_once = |need| !matches!(need, Need::Never | Need::Isolating);
        let watched = WATCHED.iter().filter(|watched| at_once(watched.need));
        let kinds = watched.map(|watched| Waiting::Kind(watched.kind));
        let mut inventory = Inventory::live();
        for (kind, sight) in withheld() {
            inventory.set_sight(kind, sight);
        }
        Self {
            inventory,
            set: PolicySet::default(),
            policies: Policies::default(),
            exemptions: Exemptions::default(),
            attestations: Attestations::default(),
            calendar: Calendar::default(),
            stored: StoredReports::default(),
            verdicts: Verdicts::default(),
            queue: Queue::default(),
            in_flight: HashSet::new(),
            lost_in_flight: HashSet::new(),
            failures: HashMap::new(),
            hinted: HashSet::new(),
            hints_stale: false,
            hints_not_before: None,
            remediation: Remediation::default(),
            waiting_for: kinds.chain([Waiting::Policies, Waiting::Exemptions, Waiting::Reports]).collect(),
            declared: Vec::new(),
            wholes: Wholes::default(),
            leading: false,
            settled: false,
            evaluations: 0,
        }
    }

    /// The same, with what whoever runs the controller agreed to.
    pub(super) fn remedying(self, remediation: Remediation) -> Self {
        Self { remediation, ..self }
    }

    /// Whether everything was listed once.
    pub(super) fn is_ready(&self) -> bool {
        self.waiting_for.is_empty()
    }

    /// How many evaluations there were.
    pub(super) fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// How many subjects wait in a lane.
    pub(super) fn depth(&self, lane: Lane) -> usize {
        self.queue.depth(lane)
    }

    /// How many objects of each kind cannot be read.
    pub(super) fn unreadable(&self) -> BTreeMap<Kind, usize> {
        self.inventory.count_unreadable()
    }

    /// The kinds of workloads that policies declare.
    pub(super) fn declared(&self) -> &[DeclaredKind] {
        &self.declared
    }

    /// Takes up or lays down the pen. Only who leads looks at anything.
    pub(super) fn lead(&mut self, leading: bool) {
        if leading && !self.leading {
            self.settled = false;
            self.full_pass();
        }
        if !leading {
            // What goes meanwhile is not looked at, so nothing that was found may outlast this.
            self.queue.clear();
            self.wholes.forget();
            self.verdicts = Verdicts::default();
            self.remediation.forget();
        }
        self.leading = leading;
    }

    /// Looks at everything again, in the background.
    pub(super) fn full_pass(&mut self) {
        self.look_again(|_, _| true);
        self.policies.statuses.touch_all();
        self.exemptions.statuses.touch_all();
        self.attestations.statuses.touch_all();
    }

    /// Puts subjects into the background lane, those of reports without a subject included.
    fn look_again(&mut self, which: impl Fn(&Inventory, &SubjectKey) -> bool) {
        let mut keys = self.inventory.subjects();
        keys.extend(self.stored.subjects());
        keys.extend(subjects_of_ours(&self.inventory));
        keys.retain(|key| which(&self.inventory, key));
        // Workloads first, so that each namespace sums up what is there by then.
        let (namespaces, workloads): (Vec<_>, Vec<_>) =
            keys.into_iter().partition(|key| matches!(key, SubjectKey::Namespace(_)));
        for key in workloads.into_iter().chain(namespaces) {
            self.queue.push(key, Lane::Background);
        }
    }

    /// Takes in what became of a change.
    pub(super) fn written(&mut self, written: Written, now: Timestamp) {
        match written {
            Written::Report(key, stored) => {
                self.failures.remove(&key);
                self.in_flight.remove(&key);
                if !self.lost_in_flight.remove(&key) {
                    self.stored.set(&key, Some(stored));
                }
            }
            Written::Removed(key) => {
                self.failures.remove(&key);
                self.in_flight.remove(&key);
                self.lost_in_flight.remove(&key);
                self.stored.set(&key, None);
            }
            Written::Status(policy, status) => self.policies.statuses.written(&policy, *status),
            Written::StatusFailed(policy) => self.policies.statuses.failed(&policy, now),
            Written::ExemptionStatus(place, status) => self.exemptions.statuses.written(&place, *status),
            Written::ExemptionStatusFailed(place) => self.exemptions.statuses.failed(&place, now),
            Written::AttestationStatus(place, status) => self.attestations.statuses.written(&place, *status),
            Written::AttestationStatusFailed(place) => self.attestations.statuses.failed(&place, now),
            Written::Remedy(answer) => {
                let key = self.remediation.written(answer, now);
                key.into_iter().for_each(|key| self.queue.push(key, Lane::Urgent));
            }
            Written::Announced => {}
            Written::ReportFailed(key) => {
                self.in_flight.remove(&key);
                self.lost_in_flight.remove(&key);
                let failures = self.failures.entry(key.clone()).or_default();
                *failures = failures.saturating_add(1);
                let wait = MIN_RETRY.saturating_mul(1 << (*failures - 1).min(10)).min(MAX_RETRY);
                self.queue.push_at(key, now.saturating_add(wait).unwrap_or(now));
            }
        }
    }

    /// Looks at the next subject, or at a policy's status when no subject waits.
    pub(super) fn step(&mut self, now: Timestamp) -> Step {
        if !self.is_ready() || !self.leading {
            return Step::Idle(None);
        }
        if let Some(change) = self.remediation.next_urgent(&self.inventory, &self.set, now) {
            return Step::Change(change);
        }
        if let Some(key) = self.queue.pop(now) {
            if self.in_flight.contains(&key) {
                // One write a subject at a time; what is written now may be old already.
                self.queue.push_at(key, now.saturating_add(SignedDuration::from_millis(20)).unwrap_or(now));
                return Step::Again;
            }
            return self.look(key, now).map_or(Step::Again, Step::Change);
        }
        if self.hints_are_due(now) {
            return Step::Again;
        }
        if self.wholes.has_waiting() {
            // What a policy comes to is not known before everything it covers was looked at.
            return Step::Idle(self.queue.next_due());
        }
        self.settled |= self.in_flight.is_empty();
        if let Some(change) = self.next_of_calendar(now) {
            return Step::Change(change);
        }
        if let Some(change) = self.remediation.next_in_turn(&self.inventory, &self.set, now) {
            return Step::Change(change);
        }
        if let Some(change) = self.next_status(now) {
            return Step::Change(change);
        }
        let hints = self.hints_not_before.filter(|_| self.hints_stale);
        let statuses = [self.policies.statuses.next_due(), self.exemptions.statuses.next_due()];
        let others = [self.queue.next_due(), self.calendar.next_due(), self.attestations.next_due()];
        let others = others.into_iter().chain([self.remediation.next_due(now), hints]);
        Step::Idle(statuses.into_iter().chain(others).flatten().min())
    }

    /// The next status that has to be written, of whatever has one.
    fn next_status(&mut self, now: Timestamp) -> Option<Change> {
        if self.remediation.turned(now) {
            self.policies.statuses.touch_all();
        }
        let blind = self.blind();
        let (set, verdicts, remediation) = (&self.set, &self.verdicts, &self.remediation);
        let sums = |policy: &Policy| {
            let name = policy.name();
            PolicySums {
                totals: verdicts.totals(name),
                preview: (!policy.enforced).then(|| verdicts.preview(name)),
                exemptions: counts(set, name, verdicts.applied(), &CATALOGUE, now),
                remediation: remediation.under(name, now),
            }
        };
        if let Some((policy, status)) = self.policies.next_status(set, sums, &blind, now) {
            return Some(Change::Status { policy, status: Box::new(status) });
        }
        if let Some((place, status)) = self.exemptions.next_status(set, verdicts, &CATALOGUE, now) {
            return Some(Change::ExemptionStatus { place, status: Box::new(status) });
        }
        self.attestations.wake(now);
        let (place, status) = self.attestations.next_status(&self.inventory, set, now)?;
        Some(Change::AttestationStatus { place, status: Box::new(status) })
    }

    /// Evaluates a subject and compares the report that it should have with the one that it has.
    fn look(&mut self, key: SubjectKey, now: Timestamp) -> Option<Change> {
        if self.waits(&key, now) {
            return None;
        }
        self.evaluations += 1;
        self.attestations.touch_about(&key);
        if let SubjectKey::Workload(id) = &key
            && !self.inventory.is_seen(id.kind)
            && !self.set.is_empty()
        {
            // What is known of it is old, and it may be gone: its report stays as it is.
            return None;
        }
        let found = judge(&self.inventory, &self.set, &key, now);
        let halted = self.stored.get(&key).map(|stored| &*stored.halted).unwrap_or_default();
        let outcomes = found.as_ref().map_or(&[][..], |judgement| &judgement.evaluation.outcomes);
        let looked = self.remediation.look(&self.inventory, &self.set, &key, (halted, outcomes), now);
        looked.recheck_at.into_iter().for_each(|at| self.queue.push_at(key.clone(), at));
        looked.touched.iter().for_each(|policy| self.policies.statuses.touch(policy));
        let previews = preview(&self.inventory, &self.set, &key, now, found.as_ref());
        let judged = Judged::of(&key, found.as_ref(), &previews);
        let judgements = found.iter().chain(previews.iter().map(|preview| &preview.judgement));
        if let Some(at) = judgements.filter_map(|judgement| judgement.evaluation.recheck_at).min() {
            self.queue.push_at(key.clone(), at);
        }
        let hinted = looked.hinted || found.as_ref().is_some_and(|judgement| judgement.evaluation.hinted);
        let Some(judgement) = found else {
            self.note(&key, judged, now);
            self.hint(&key, hinted);
            let stored = self.stored.get(&key).filter(|stored| stored.ours)?.clone();
            let (_, name) = place_of(&key);
            self.in_flight.insert(key.clone());
            return Some(Change::Remove { key, name, stored: Box::new(stored) });
        };
        let Judgement { policies, evaluation, exemptions } = judgement;
        let rollup = match &key {
            SubjectKey::Namespace(name) => Some(self.verdicts.rollup(&self.inventory, name)),
            SubjectKey::Workload(_) => None,
        };
        let stored = self.stored.get(&key);
        let report = report::build(Material {
            key: &key,
            meta: meta_of(&self.inventory, &key),
            evaluation,
            policies: &policies,
            workloads: rollup.map(|rollup| (rollup.counts, rollup.tally)),
            remediation: &looked.notes,
            halted: &looked.halted,
            known: stored.map(|stored| &stored.known),
            now,
        });
        let announces = self.settled && rollup.is_none() && policies.iter().any(|policy| policy.announces);
        let before = stored.and_then(|stored| stored.known.compliant).filter(|_| announces);
        let event = before.and_then(|before| draft(before, &report));
        let same = stored.and_then(|stored| stored.fingerprint) == Some(fingerprint(&report));
        self.note(&key, judged, now);
        self.note_annotations(&exemptions);
        self.hint(&key, hinted);
        if same {
            return None;
        }
        self.in_flight.insert(key.clone());
        Some(Change::Report { key, report: Box::new(report), event })
    }

    /// Keeps what a subject came to; what sums it up follows when that changed.
    fn note(&mut self, key: &SubjectKey, judged: Option<Judged>, now: Timestamp) {
        let Some(moved) = self.verdicts.set(key, judged) else { return };
        moved.policies.iter().for_each(|policy| self.policies.statuses.touch(policy));
        for exemption in moved.exemptions {
            if let ExemptionId::Object { namespace, name } = exemption {
                self.exemptions.statuses.touch(&(namespace, name));
            }
        }
        if let SubjectKey::Workload(id) = key {
            let at = now.saturating_add(ROLLUP_EVERY).unwrap_or(now);
            self.queue.push_at(SubjectKey::Namespace(id.namespace.clone()), at);
        }
    }

    /// Why some kinds cannot be seen.
    fn blind(&self) -> Vec<String> {
        let exemptions = self.exemptions.denied().map(|why| format!("exemptions, as {why}"));
        self.inventory.blind().map(ToString::to_string).chain(exemptions).collect()
    }
}
