//! The state of the controller and how it moves: what was seen goes in, what is to be written comes out.
//!
//! Pure: no client and no clock, `now` is passed in. Not its job: watching (`cluster::watch`) or writing (`apply`).
//! Invariant: nothing is evaluated until every kind was listed or refused once (the barrier).

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::api::Truth;
use crate::checks::CATALOGUE;
use crate::cluster::{Need, Observation, Seen, WATCHED};
use crate::decode::Decoded;
use crate::engine::Evaluation;
use crate::model::{Inventory, Kind, Sight, SubjectKey, Text, Touched, WorkloadId};
use crate::policy::{Policy, PolicySet};
use crate::report::{
    self, Material, PolicyTotals, Rollup, Tally, draft, fingerprint, judge, meta_of, name_of,
};

use super::change::{Change, Written};
use super::input::{Input, KindObject, ReportObject, Stored};
use super::policies::Policies;
use super::queue::{Lane, Queue};

/// A namespace's own report follows its workloads' at most so often.
const ROLLUP_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// The wait before something is tried again that could not be written; it doubles up to `MAX_RETRY`.
const MIN_RETRY: SignedDuration = SignedDuration::from_millis(500);
const MAX_RETRY: SignedDuration = SignedDuration::from_secs(60);

/// What was last found about a subject: enough to sum up, nothing of the results themselves.
#[derive(Clone, Debug, PartialEq)]
struct Judged {
    verdicts: Vec<Truth>,
    tally: Tally,
    totals: Vec<(Text, PolicyTotals)>,
}

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
    stored: BTreeMap<(Text, Text), Stored>,
    unseen_reports: Option<HashSet<(Text, Text)>>,
    judged: BTreeMap<SubjectKey, Judged>,
    queue: Queue,
    in_flight: HashSet<SubjectKey>,
    /// Reports that a watch saw go while a write of theirs was under way: the answer to it is older than that.
    lost_in_flight: HashSet<(Text, Text)>,
    failures: HashMap<SubjectKey, u32>,
    waiting_for: HashSet<Waiting>,
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
    Reports,
}

impl Pipeline {
    pub(super) fn new() -> Self {
        let kinds = WATCHED.iter().map(|watched| Waiting::Kind(watched.kind));
        Self {
            inventory: Inventory::live(),
            set: PolicySet::default(),
            policies: Policies::default(),
            stored: BTreeMap::new(),
            unseen_reports: None,
            judged: BTreeMap::new(),
            queue: Queue::default(),
            in_flight: HashSet::new(),
            lost_in_flight: HashSet::new(),
            failures: HashMap::new(),
            waiting_for: kinds.chain([Waiting::Policies, Waiting::Reports]).collect(),
            leading: false,
            settled: false,
            evaluations: 0,
        }
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
    pub(super) fn unreadable(&self) -> BTreeMap<Kind, i64> {
        let mut counts = BTreeMap::new();
        for ((kind, _), _) in self.inventory.spaces().flat_map(|(_, space)| space.unreadable()) {
            *counts.entry(*kind).or_default() += 1;
        }
        counts
    }

    /// Takes up or lays down the pen. Only who leads looks at anything.
    pub(super) fn lead(&mut self, leading: bool) {
        if leading && !self.leading {
            self.settled = false;
            self.full_pass();
        }
        if !leading {
            self.queue.clear();
        }
        self.leading = leading;
    }

    /// Looks at everything again, in the background.
    pub(super) fn full_pass(&mut self) {
        let mut keys = self.inventory.subjects();
        // A report whose subject is gone is found by its own name.
        keys.extend(self.stored.iter().filter_map(|((namespace, name), s)| subject_of(namespace, name, s)));
        // Workloads first, so that each namespace sums up what is there by then.
        let (namespaces, workloads): (Vec<_>, Vec<_>) =
            keys.into_iter().partition(|key| matches!(key, SubjectKey::Namespace(_)));
        for key in workloads.into_iter().chain(namespaces) {
            self.queue.push(key, Lane::Background);
        }
        self.policies.touch_all();
    }

    /// Takes in what a watch saw.
    pub(super) fn take(&mut self, input: Input) {
        let was_ready = self.is_ready();
        match input {
            Input::Object(observation) => self.take_object(observation),
            Input::Policy(observation) => {
                let done = matches!(observation.seen, Seen::Finish);
                let touched = self.policies.take(observation.seen, &mut self.set, &CATALOGUE);
                self.touch_covered(&touched);
                self.listed(done, Waiting::Policies);
            }
            Input::Report(observation) => self.take_report(observation.seen),
        }
        if !was_ready && self.is_ready() {
            self.full_pass();
        }
    }

    fn listed(&mut self, done: bool, what: Waiting) {
        if done {
            self.waiting_for.remove(&what);
        }
    }

    fn take_object(&mut self, Observation { source: kind, seen }: Observation<Kind, KindObject>) {
        let mut done = matches!(seen, Seen::Finish);
        let touched = match seen {
            Seen::Begin => {
                self.inventory.begin(kind);
                Touched::new()
            }
            Seen::Applied(KindObject(Decoded::Record(record))) => self.inventory.apply(record),
            Seen::Applied(KindObject(Decoded::Unreadable(meta, error))) => {
                self.inventory.apply_unreadable(kind, meta, error.to_string())
            }
            Seen::Deleted { namespace, name } => self.inventory.remove(kind, &namespace, &name),
            Seen::Finish => self.inventory.finish(kind),
            Seen::NotServed | Seen::Denied(_) if need(kind) == Need::Essential => Touched::new(),
            Seen::NotServed => {
                done = true;
                self.inventory.begin(kind);
                self.inventory.finish(kind)
            }
            Seen::Denied(why) => {
                done = true;
                self.inventory.set_sight(kind, Sight::None(why))
            }
        };
        self.listed(done, Waiting::Kind(kind));
        if self.is_ready() {
            self.touch(touched);
        }
    }

    /// Many subjects at once are no news about any of them.
    fn touch(&mut self, touched: Touched) {
        let lane = if touched.len() > 100 { Lane::Background } else { Lane::Urgent };
        for key in touched {
            match key {
                // What a namespace's report says can wait a moment, and usually more comes at once.
                SubjectKey::Namespace(_) => self.queue.push(key, Lane::Background),
                SubjectKey::Workload(_) => self.queue.push(key, lane),
            }
        }
    }

    fn touch_covered(&mut self, policies: &[Policy]) {
        if policies.is_empty() || !self.is_ready() {
            return;
        }
        let mut keys = self.inventory.subjects();
        keys.extend(self.stored.iter().filter_map(|((namespace, name), s)| subject_of(namespace, name, s)));
        let covers = |key: &SubjectKey| {
            let labels =
                self.inventory.space(key.namespace()).and_then(|s| s.object()).map(|n| &n.meta.labels);
            policies.iter().any(|policy| policy.selection.covers_namespace(key.namespace(), labels))
        };
        let (namespaces, workloads): (Vec<_>, Vec<_>) =
            keys.into_iter().filter(covers).partition(|key| matches!(key, SubjectKey::Namespace(_)));
        for key in workloads.into_iter().chain(namespaces) {
            self.queue.push(key, Lane::Background);
        }
    }

    fn take_report(&mut self, seen: Seen<ReportObject>) {
        match seen {
            Seen::Begin => self.unseen_reports = Some(self.stored.keys().cloned().collect()),
            Seen::Applied(ReportObject { namespace, name, stored }) => {
                let at = (namespace, name);
                if let Some(unseen) = &mut self.unseen_reports {
                    unseen.remove(&at);
                }
                self.take_stored(at, stored);
            }
            Seen::Deleted { namespace, name } => self.lose_stored(&(namespace, name)),
            Seen::Finish => {
                for at in self.unseen_reports.take().unwrap_or_default() {
                    self.lose_stored(&at);
                }
                self.listed(true, Waiting::Reports);
            }
            // Without its own kinds the controller has nothing to do; the watch goes on asking.
            Seen::NotServed | Seen::Denied(_) => {}
        }
    }

    fn take_stored(&mut self, at: (Text, Text), stored: Stored) {
        let old = self.stored.get(&at);
        if old.is_some_and(|old| is_older(&stored.resource_version, &old.resource_version)) {
            return;
        }
        let changed = old.is_none_or(|old| old.fingerprint != stored.fingerprint);
        let key = subject_of(&at.0, &at.1, &stored);
        self.lost_in_flight.remove(&at);
        self.stored.insert(at, stored);
        if let (true, true, Some(key)) = (changed, self.is_ready(), key) {
            self.queue.push(key, Lane::Urgent);
        }
    }

    fn lose_stored(&mut self, at: &(Text, Text)) {
        let lost = self.stored.remove(at);
        if let Some(key) = lost.and_then(|stored| subject_of(&at.0, &at.1, &stored)) {
            if self.in_flight.contains(&key) {
                self.lost_in_flight.insert(at.clone());
            }
            self.queue.push(key, Lane::Urgent);
        }
    }

    /// Takes in what became of a change.
    pub(super) fn written(&mut self, written: Written, now: Timestamp) {
        match written {
            Written::Report(key, stored) => {
                self.failures.remove(&key);
                self.in_flight.remove(&key);
                let at = report_name(&key);
                // A watch may have shown more by now: what somebody made of the report since, or that it is gone.
                let newer = |known: &Stored| is_older(&stored.resource_version, &known.resource_version);
                if !self.lost_in_flight.remove(&at) && !self.stored.get(&at).is_some_and(newer) {
                    self.stored.insert(at, stored);
                }
            }
            Written::Removed(key) => {
                self.failures.remove(&key);
                self.in_flight.remove(&key);
                let at = report_name(&key);
                self.lost_in_flight.remove(&at);
                self.stored.remove(&at);
            }
            Written::Status(policy, status) => self.policies.written(&policy, *status),
            Written::StatusFailed(policy) => self.policies.failed(&policy, now),
            Written::ReportFailed(key) => {
                self.in_flight.remove(&key);
                self.lost_in_flight.remove(&report_name(&key));
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
        if let Some(key) = self.queue.pop(now) {
            if self.in_flight.contains(&key) {
                // One write a subject at a time; what is written now may be old already.
                self.queue.push_at(key, now.saturating_add(SignedDuration::from_millis(20)).unwrap_or(now));
                return Step::Again;
            }
            return self.look(key, now).map_or(Step::Again, Step::Change);
        }
        self.settled |= self.in_flight.is_empty();
        let blind = self.blind();
        let (set, judged) = (&self.set, &self.judged);
        let totals = |policy: &Text| totals(judged, policy);
        match self.policies.next_status(set, totals, &blind, now) {
            Some((policy, status)) => Step::Change(Change::Status { policy, status: Box::new(status) }),
            None => Step::Idle([self.queue.next_due(), self.policies.next_due()].into_iter().flatten().min()),
        }
    }

    /// Evaluates a subject and compares the report that it should have with the one that it has.
    fn look(&mut self, key: SubjectKey, now: Timestamp) -> Option<Change> {
        self.evaluations += 1;
        let Some((policies, evaluation)) = judge(&self.inventory, &self.set, &key, now) else {
            self.note(&key, None, now);
            let at = report_name(&key);
            let stored = self.stored.get(&at).filter(|stored| stored.ours)?.clone();
            self.in_flight.insert(key.clone());
            return Some(Change::Remove { key, name: at.1, stored });
        };
        let judged = judged(&key, &policies, &evaluation);
        let rollup = match &key {
            SubjectKey::Namespace(name) => Some(rollup(&self.judged, &self.inventory, name)),
            SubjectKey::Workload(_) => None,
        };
        let at = report_name(&key);
        let stored = self.stored.get(&at);
        let report = report::build(&Material {
            key: &key,
            meta: meta_of(&self.inventory, &key),
            evaluation: &evaluation,
            policies: &policies,
            workloads: rollup.map(|rollup| (rollup.counts, rollup.tally)),
            known: stored.map(|stored| &stored.known),
            now,
        });
        let announces = self.settled && rollup.is_none() && policies.iter().any(|policy| policy.announces);
        let before = stored.and_then(|stored| stored.known.compliant).filter(|_| announces);
        let event = before.and_then(|before| draft(before, &report));
        let same = stored.and_then(|stored| stored.fingerprint) == Some(fingerprint(&report));
        if let Some(at) = evaluation.recheck_at {
            self.queue.push_at(key.clone(), at);
        }
        self.note(&key, Some(judged), now);
        if same {
            return None;
        }
        self.in_flight.insert(key.clone());
        Some(Change::Report { key, report: Box::new(report), event })
    }

    /// Keeps what a subject came to; what sums it up follows when that changed.
    fn note(&mut self, key: &SubjectKey, judged: Option<Judged>, now: Timestamp) {
        if self.judged.get(key) == judged.as_ref() {
            return;
        }
        let before = match judged {
            Some(judged) => self.judged.insert(key.clone(), judged),
            None => self.judged.remove(key),
        };
        let after = self.judged.get(key);
        let names =
            before.iter().chain(after).flat_map(|judged| judged.totals.iter().map(|(policy, _)| policy));
        self.policies.touch(names);
        if let SubjectKey::Workload(id) = key {
            let at = now.saturating_add(ROLLUP_EVERY).unwrap_or(now);
            self.queue.push_at(SubjectKey::Namespace(id.namespace.clone()), at);
        }
    }

    /// Why some kinds cannot be seen.
    fn blind(&self) -> Vec<String> {
        self.inventory.blind().map(|why| why.to_string()).collect()
    }
}

fn need(kind: Kind) -> Need {
    WATCHED.iter().find(|watched| watched.kind == kind).map_or(Need::Required, |watched| watched.need)
}

fn report_name(key: &SubjectKey) -> (Text, Text) {
    (key.namespace().clone(), Text::from(name_of(key)))
}

/// The subject of a stored report; `None` for a report that no subject of ours would have.
fn subject_of(namespace: &Text, name: &Text, stored: &Stored) -> Option<SubjectKey> {
    let (group, kind, subject) = &stored.scope;
    let key = match Kind::find(group, kind)? {
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

fn judged(key: &SubjectKey, policies: &[&Policy], evaluation: &Evaluation) -> Judged {
    let is_workload = matches!(key, SubjectKey::Workload(_));
    let of_policy = |(policy, verdict): (&&Policy, &Truth)| {
        let mut totals = PolicyTotals::default();
        totals.add(
            is_workload,
            *verdict,
            evaluation.outcomes.iter().filter(|o| o.policies.contains(policy.name())),
        );
        (policy.name().clone(), totals)
    };
    Judged {
        verdicts: evaluation.compliant.clone(),
        tally: Tally::of(&evaluation.outcomes),
        totals: policies.iter().zip(&evaluation.compliant).map(of_policy).collect(),
    }
}

fn rollup(judged: &BTreeMap<SubjectKey, Judged>, inventory: &Inventory, namespace: &Text) -> Rollup {
    let mut rollup = Rollup::default();
    let workloads = inventory.subjects_in(namespace);
    for judged in
        workloads.iter().filter(|key| matches!(key, SubjectKey::Workload(_))).filter_map(|k| judged.get(k))
    {
        rollup.add(&judged.verdicts, judged.tally);
    }
    rollup
}

fn totals(judged: &BTreeMap<SubjectKey, Judged>, policy: &Text) -> PolicyTotals {
    let mut sum = PolicyTotals::default();
    for (_, totals) in judged.values().flat_map(|judged| &judged.totals).filter(|(name, _)| name == policy) {
        sum.merge(totals);
    }
    sum
}

#[cfg(test)]
mod tests;
