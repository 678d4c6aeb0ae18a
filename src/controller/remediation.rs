//! Remediation as it goes on: what every subject came to, what is to be done next, and what became of it.
//!
//! `remedy::plan` says what should be; this remembers what was done and when, and hands out acts one by one. Pure: no
//! client and no clock. Not its job: writing (`apply`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use super::act::{Act, Answer, Deed, End};
use super::change::{Announcement, Change, Regarding};
use super::memory::{Due, Entry, Want};
use super::staging::{Planned, halts, weightier};
use crate::api::{HaltedRemediation, RemediationState, RemedyCounts, ResultRemediation};
use crate::model::{Inventory, Kind, SubjectKey, Text};
use crate::policy::PolicySet;
use crate::remedy::{Action, Breaker, Cause, Pace, Place, Remedy, Stages, Terms, Trip};
use crate::report::{EventDraft, EventType, Remediated, RemediedKind};

/// What whoever runs the controller agreed to.
#[derive(Clone, Copy, Debug)]
pub struct RemediationSettings {
    /// PodDisruptionBudgets may be written.
    pub pod_disruption_budgets: bool,
    /// NetworkPolicies may be written.
    pub network_policies: bool,
    /// So many objects may be written within a minute.
    pub writes_per_minute: usize,
}

/// What a look at a subject came to.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// What its report says, by the check whose result it is about.
    pub(super) notes: BTreeMap<&'static str, ResultRemediation>,
    /// What its report says is not made again.
    pub(super) halted: Vec<HaltedRemediation>,
    /// When it is to be looked at again though nothing changes.
    pub(super) recheck_at: Option<Timestamp>,
    /// The policies whose counts changed.
    pub(super) touched: Vec<Text>,
    /// Whether it rests on what does not touch the subject.
    pub(super) hinted: bool,
}

/// All that is remembered. The default may write nothing.
#[derive(Debug, Default)]
pub(super) struct Remediation {
    pub(super) terms: Terms,
    pub(super) stages: Stages,
    entries: BTreeMap<Place, Entry>,
    of_subject: BTreeMap<SubjectKey, BTreeSet<Place>>,
    /// What does harm and has to go at once.
    urgent: BTreeSet<Place>,
    /// What waits for its turn.
    waiting: BTreeSet<Place>,
    /// What is only to be said.
    news: VecDeque<Change>,
    pace: Pace,
    breaker: Breaker,
    was_open: bool,
    /// The highest resourceVersion that was seen of each kind.
    seen: BTreeMap<Kind, u64>,
    writes_per_minute: usize,
}

impl Remediation {
    /// `home`: the controller's own namespace.
    pub(super) fn new(home: &str, settings: RemediationSettings) -> Self {
        let RemediationSettings { pod_disruption_budgets, network_policies, writes_per_minute } = settings;
        Self {
            terms: Terms { home: Some(Text::new(home)), pod_disruption_budgets, network_policies },
            pace: Pace::new(writes_per_minute),
            writes_per_minute,
            ..Self::default()
        }
    }

    /// Forgets what was found, as somebody else may write meanwhile. What made the breaker open is not forgotten.
    pub(super) fn forget(&mut self) {
        self.entries.clear();
        self.of_subject.clear();
        self.urgent.clear();
        self.waiting.clear();
        self.news.clear();
        self.stages.forget();
        self.pace = Pace::new(self.writes_per_minute);
    }

    /// Looks at a subject. `halted`: what its report says is not made again; `outcomes`: its results.
    pub(super) fn look(
        &mut self,
        inventory: &Inventory,
        policies: &PolicySet,
        key: &SubjectKey,
        (halted, outcomes): (&[HaltedRemediation], &[crate::engine::Outcome]),
        now: Timestamp,
    ) -> Looked {
        let Planned { mut remedies, recheck_at, hinted } =
            self.planned(inventory, policies, key, halted, now);
        remedies.iter_mut().for_each(|remedy| remedy.heed_exemptions(outcomes));
        let mut looked = Looked { recheck_at, hinted, ..Looked::default() };
        let before = self.of_subject.remove(key).unwrap_or_default();
        let mut places: BTreeSet<Place> = remedies.iter().map(|remedy| remedy.place.clone()).collect();
        for place in before {
            if !places.contains(&place) && !self.drop_entry(&place, &mut looked, now) {
                places.insert(place);
            }
        }
        if !places.is_empty() {
            self.of_subject.insert(key.clone(), places);
        }
        for remedy in remedies {
            self.note(key, remedy, policies, halted, &mut looked, now);
        }
        looked
    }

    /// The subject is gone, or nobody asks for anything and nothing stands. Whether it was dropped: the answer of what
    /// is under way still has to find it.
    fn drop_entry(&mut self, place: &Place, looked: &mut Looked, now: Timestamp) -> bool {
        if self.entries.get(place).is_some_and(|entry| entry.in_flight) {
            return false;
        }
        self.urgent.remove(place);
        self.waiting.remove(place);
        let Some(entry) = self.entries.remove(place) else { return true };
        looked.touched.extend(entry.policies().cloned());
        if entry.stands() {
            self.vanished(now);
        }
        true
    }

    /// An object went that we did not take away.
    fn vanished(&mut self, now: Timestamp) {
        let left = self.entries.values().filter(|entry| entry.stands()).count();
        self.breaker.vanished(left, now);
    }

    fn note(
        &mut self,
        key: &SubjectKey,
        remedy: Remedy,
        policies: &PolicySet,
        halted: &[HaltedRemediation],
        looked: &mut Looked,
        now: Timestamp,
    ) {
        let asking = remedy.policy.as_ref().and_then(|name| policies.get(name));
        let asked = asking.map(|policy| asked_by(policy.name(), policy.generation)).unwrap_or_default();
        let place = remedy.place.clone();
        let is_new = !self.entries.contains_key(&place);
        let entry = self.entries.entry(place.clone()).or_insert_with(|| Entry::new(key.clone()));
        if is_new && let Some(standing) = &remedy.standing {
            // Whoever wrote before us took from the same minute.
            standing.written.into_iter().for_each(|at| self.pace.spent(at));
        }
        if is_new && halts(halted, RemediationState::Contested, &asked, Some(&place)) {
            entry.contest.remember(&asked);
        }
        let before: Vec<Text> = entry.policies().cloned().collect();
        let counted = entry.counted();
        let was_there = entry.stands();
        let Due { want, recheck_at, became_contested, note } = entry.take(&remedy, &asked, now);
        if counted != entry.counted() {
            looked.touched.extend(before.into_iter().chain(entry.policies().cloned()));
        }
        let state = if entry.contest.is_contested(&asked) {
            Some(RemediationState::Contested)
        } else {
            let rolled_back = self.stages.rolled_back(&asked, &place.namespace);
            rolled_back.filter(|_| place.kind == Kind::NetworkPolicy).map(|_| RemediationState::RolledBack)
        };
        if let Some((state, policy)) = state.zip(asking) {
            let (object, policy, generation) = (place.object(), policy.name().to_string(), policy.generation);
            looked.halted.push(HaltedRemediation { object, state, policy, generation });
        }
        if was_there && !entry.stands() {
            self.vanished(now);
        }
        looked.recheck_at = [looked.recheck_at, recheck_at].into_iter().flatten().min();
        if let Some(note) = note
            && looked.notes.get(remedy.check).is_none_or(|old| weightier(&note, old))
        {
            looked.notes.insert(remedy.check, note);
        }
        if became_contested {
            // What it was made with goes as well.
            looked.recheck_at = Some(now);
            let uid = remedy.desired.as_ref().map(|desired| desired.subject_uid.clone()).unwrap_or_default();
            let event = contested_event(&place);
            self.news.push_back(Change::Announce(Box::new(announcement(key, &uid, event))));
        }
        let (urgent, waiting) = (&mut self.urgent, &mut self.waiting);
        urgent.remove(&place);
        waiting.remove(&place);
        match want {
            Some(Want::AtOnce) => {
                urgent.insert(place);
            }
            Some(Want::InTurn) => {
                waiting.insert(place);
            }
            None => {}
        }
    }

    /// What can wait for nothing: what does harm, and what is only said.
    pub(super) fn next_urgent(
        &mut self,
        inventory: &Inventory,
        policies: &PolicySet,
        now: Timestamp,
    ) -> Option<Change> {
        if let Some(change) = self.news.pop_front() {
            return Some(change);
        }
        let places: Vec<Place> = self.urgent.iter().cloned().collect();
        for place in places {
            if self.entries.get(&place).is_some_and(|entry| entry.in_flight) {
                continue;
            }
            self.urgent.remove(&place);
            if let Some(act) = self.act(&place, inventory, policies, Want::AtOnce, now) {
                return Some(Change::Remedy(Box::new(act)));
            }
        }
        None
    }

    /// What comes next of all that waits for its turn, if anything may be written now.
    pub(super) fn next_in_turn(
        &mut self,
        inventory: &Inventory,
        policies: &PolicySet,
        now: Timestamp,
    ) -> Option<Change> {
        if self.waiting.is_empty() || self.breaker.open(now).is_some() || !self.pace.take(now) {
            return None;
        }
        while let Some(place) = self.waiting.pop_first() {
            if let Some(act) = self.act(&place, inventory, policies, Want::InTurn, now) {
                return Some(Change::Remedy(Box::new(act)));
            }
        }
        self.pace.returned();
        None
    }

    /// When anything may be written again, if anything waits for that.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        match self.breaker.open(now) {
            Some((_, until)) => until,
            None if self.waiting.is_empty() => None,
            None => self.pace.next_at(now),
        }
    }

    /// Whether it began or ended since this was last asked that nothing is made: every policy's status says so.
    pub(super) fn turned(&mut self, now: Timestamp) -> bool {
        let is_open = self.breaker.open(now).is_some();
        std::mem::replace(&mut self.was_open, is_open) != is_open
    }

    /// The act for a place, by what is known now: it may have waited for long.
    fn act(
        &mut self,
        place: &Place,
        inventory: &Inventory,
        policies: &PolicySet,
        wanted: Want,
        now: Timestamp,
    ) -> Option<Act> {
        let key = self.entries.get(place).filter(|entry| !entry.in_flight)?.key.clone();
        let Planned { remedies, .. } = self.planned(inventory, policies, &key, &[], now);
        let remedy = remedies.into_iter().find(|remedy| remedy.place == *place)?;
        let uid = match (&remedy.desired, &remedy.standing) {
            (Some(desired), _) => desired.subject_uid.clone(),
            (None, Some(standing)) => standing.subject_uid.clone(),
            (None, None) => Text::default(),
        };
        let event = event(&remedy)?;
        let policy = remedy.policy.clone();
        let deed = match (remedy.action?, remedy.desired, remedy.standing) {
            (Action::Create, Some(desired), _) => Deed::Create(desired),
            (Action::Update, Some(desired), Some(standing)) => Deed::Update(desired, standing),
            (Action::Withdraw { cause, .. }, _, Some(standing)) => Deed::Withdraw(standing, cause),
            _ => return None,
        };
        let is_urgent = matches!(deed, Deed::Withdraw(_, Cause::Harm));
        if is_urgent != (wanted == Want::AtOnce) {
            return None;
        }
        if let (SubjectKey::Namespace(name), Deed::Create(_)) = (&key, &deed) {
            self.begin_trial(inventory, policies, (name, policy.as_ref()), now);
        }
        self.entries.get_mut(place)?.act(&deed);
        let seen = self.seen.get(&place.kind).copied().unwrap_or_default();
        Some(Act { place: place.clone(), deed, seen, announcement: announcement(&key, &uid, event) })
    }

    /// Takes in what became of an act; returns the subject, which is to be looked at again.
    pub(super) fn written(&mut self, answer: Answer, now: Timestamp) -> Option<SubjectKey> {
        let Answer { place, paced, version, end } = answer;
        let seen = self.seen.entry(place.kind).or_default();
        *seen = version.max(*seen);
        match (&end, paced) {
            (End::Moot, true) => self.pace.returned(),
            (_, true) => self.pace.answered(now),
            (_, false) => {}
        }
        match &end {
            End::Refused(trip @ Trip::WentBack { .. }) => self.breaker.trip(trip.clone(), now),
            End::Refused(trip) => self.breaker.refused(trip.clone(), now),
            End::Stands | End::Gone(..) if paced => self.breaker.succeeded(),
            _ => {}
        }
        if let Some((why, until)) = self.breaker.open(now).filter(|_| matches!(end, End::Refused(_))) {
            let until = until.map_or_else(|| "this process ends".to_owned(), |until| until.to_string());
            tracing::warn!(%why, %until, "nothing is made any more for now");
        }
        let entry = self.entries.get_mut(&place)?;
        entry.answered(&end, now);
        Some(entry.key.clone())
    }

    /// Whether somebody keeps taking an object away.
    pub(super) fn is_contested(&self, place: &Place, asked: &str) -> bool {
        self.entries.get(place).is_some_and(|entry| entry.contest.is_contested(asked))
    }

    /// Whether anything stands, or is to, for a subject.
    pub(super) fn minds(&self, key: &SubjectKey) -> bool {
        self.of_subject.contains_key(key)
    }

    /// What a policy's status says.
    pub(super) fn under(&self, policy: &Text, now: Timestamp) -> Remediated {
        let of = |kind: Kind, permitted: bool| {
            let mut counts = RemedyCounts::default();
            for (_, entry) in self.entries.iter().filter(|(place, _)| place.kind == kind) {
                entry.count(policy, &mut counts);
            }
            RemediedKind { counts, permitted }
        };
        Remediated {
            pod_disruption_budgets: of(Kind::PodDisruptionBudget, self.terms.pod_disruption_budgets),
            network_policies: of(Kind::NetworkPolicy, self.terms.network_policies),
            suspended: self.breaker.open(now).map(|(why, _)| why.to_string()),
        }
    }
}

/// By whom something is asked for, down to the version.
pub(super) fn asked_by(policy: &str, generation: i64) -> String {
    format!("{policy}/{generation}")
}

fn announcement(key: &SubjectKey, uid: &str, draft: EventDraft) -> Announcement {
    Announcement { regarding: Regarding::subject(key, uid), draft, once: None }
}

fn contested_event(place: &Place) -> EventDraft {
    let note = format!(
        "somebody took away {place} three times within ten minutes; it is not made any more until the policy is changed"
    );
    EventDraft::new(EventType::Warning, "RemediationContested", "Remediate", note)
}

fn event(remedy: &Remedy) -> Option<EventDraft> {
    let place = &remedy.place;
    let policy = remedy.policy.as_ref().map(|policy| format!(" (policy '{policy}')")).unwrap_or_default();
    let (reason, note) = match remedy.action.as_ref()? {
        Action::Create => {
            let why = &remedy.desired.as_ref()?.why;
            ("RemediationCreated", format!("made {place}{policy}: {why}"))
        }
        Action::Update => {
            ("RemediationUpdated", format!("changed {place} to what the policy asks for{policy}"))
        }
        Action::Withdraw { why, .. } => ("RemediationWithdrawn", format!("took {place} away: {why}")),
    };
    Some(EventDraft::new(EventType::Normal, reason, "Remediate", note))
}
