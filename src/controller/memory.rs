//! What is remembered of one object of remediation: whether it stands, what became of it so far, and what is due.
//!
//! Pure: `now` is passed in. Not its job: what should be (`remedy::plan`), or which object is next (`remediation`).

use jiff::{SignedDuration, Timestamp};

use super::act::{Deed, End};
use crate::api::{RemediationState, RemedyCounts, ResultRemediation};
use crate::model::{Kind, SubjectKey, Text};
use crate::remedy::{Action, Cause, Contest, Outcome, Recovery, Remedy};

/// How long the watch may take to show what was written.
const ECHO: SignedDuration = SignedDuration::from_secs(10);
/// How long Kubernetes has to take away what belonged to an object that is gone, before we do.
const GARBAGE: SignedDuration = SignedDuration::from_secs(60);
/// The wait before a write is tried again; it doubles up to the longest. What does harm is tried again sooner.
const WAIT: SignedDuration = SignedDuration::from_secs(1);
const LONGEST: SignedDuration = SignedDuration::from_secs(600);
const LONGEST_OF_HARM: SignedDuration = SignedDuration::from_secs(8);

/// When something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// At once.
    AtOnce,
    /// When it is its turn.
    InTurn,
}

/// What follows from a look.
#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) want: Option<Want>,
    pub(super) recheck_at: Option<Timestamp>,
    /// Somebody took it away once too often, just now.
    pub(super) became_contested: bool,
    /// What the report says.
    pub(super) note: Option<ResultRemediation>,
}

/// What is remembered of one object.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: SubjectKey,
    pub(super) in_flight: bool,
    /// It is being taken away by us: the watch may show that before we are answered.
    leaving: bool,
    pub(super) contest: Contest,
    recovery: Recovery,
    expected: Option<Expected>,
    /// The uid of the one that we took away: the watch may show it for a moment.
    withdrawn: Option<Text>,
    /// The resourceVersion of the one that is being changed, or was: the same.
    changed: Option<Text>,
    failures: u32,
    failed_at: Option<Timestamp>,
    abandoned_since: Option<Timestamp>,
    policy: Option<Text>,
    conflicting: Vec<Text>,
    state: Option<RemediationState>,
}

/// An object that is there, or has just been written.
#[derive(Debug)]
struct Expected {
    since: Timestamp,
    /// Whether the watch has shown it.
    shown: bool,
}

impl Entry {
    pub(super) fn new(key: SubjectKey) -> Self {
        Self {
            key,
            in_flight: false,
            leaving: false,
            contest: Contest::default(),
            recovery: Recovery::default(),
            expected: None,
            withdrawn: None,
            changed: None,
            failures: 0,
            failed_at: None,
            abandoned_since: None,
            policy: None,
            conflicting: Vec::new(),
            state: None,
        }
    }

    /// Whether the object stands, as far as is known.
    pub(super) fn stands(&self) -> bool {
        self.expected.is_some() && !self.leaving
    }

    /// The policies whose counts it is in.
    pub(super) fn policies(&self) -> impl Iterator<Item = &Text> {
        self.policy.iter().chain(&self.conflicting)
    }

    /// What of it is counted.
    pub(super) fn counted(&self) -> (Option<Text>, Vec<Text>, Option<RemediationState>) {
        (self.policy.clone(), self.conflicting.clone(), self.state)
    }

    /// Adds it to the counts of a policy.
    pub(super) fn count(&self, policy: &Text, counts: &mut RemedyCounts) {
        counts.conflicting += i32::from(self.conflicting.contains(policy));
        let number = match self.state.filter(|_| self.policy.as_ref() == Some(policy)) {
            Some(RemediationState::Made) => &mut counts.made,
            Some(RemediationState::Planned) => &mut counts.planned,
            Some(RemediationState::Pending) => &mut counts.pending,
            Some(RemediationState::Refused) => &mut counts.refused,
            Some(RemediationState::Contested) => &mut counts.contested,
            Some(RemediationState::RolledBack) => &mut counts.rolled_back,
            None => return,
        };
        *number += 1;
    }

    /// Takes in what should be. `asked`: by whom, down to the version.
    pub(super) fn take(&mut self, remedy: &Remedy, asked: &str, now: Timestamp) -> Due {
        let standing = remedy.standing.as_deref();
        let of_standing = standing.map(|standing| standing.policy.clone());
        self.policy = remedy.policy.clone().or(of_standing).filter(|policy| !policy.is_empty());
        self.conflicting.clone_from(&remedy.conflicting);
        let mut due = Due::default();
        match standing {
            Some(standing) if self.withdrawn.as_ref() == Some(&standing.uid) => {
                self.state = None;
                return due;
            }
            Some(standing) => {
                let is_old = self.changed.as_ref() == Some(&standing.version);
                if !is_old || self.expected.is_none() {
                    self.expected = Some(Expected { since: now, shown: true });
                }
            }
            None => {
                if let Some(until) = self.echo_until(now) {
                    self.state = Some(RemediationState::Made);
                    let note = self.note(remedy, String::new());
                    return Due { recheck_at: Some(until), note, ..due };
                }
                let is_wanted = matches!(remedy.outcome, Outcome::Pending(_));
                if self.expected.take().is_some() && is_wanted && !self.leaving {
                    due.became_contested = self.contest.reverted(asked, now);
                }
            }
        }
        let reason = self.decide(remedy, asked, &mut due, now);
        due.note = self.note(remedy, reason);
        due
    }

    /// Until when to wait for the watch to show what was written.
    fn echo_until(&self, now: Timestamp) -> Option<Timestamp> {
        let expected = self.expected.as_ref().filter(|expected| !expected.shown)?;
        expected.since.saturating_add(ECHO).ok().filter(|until| now < *until)
    }

    /// What is due, and how things stand; returns the reason for the latter.
    fn decide(&mut self, remedy: &Remedy, asked: &str, due: &mut Due, now: Timestamp) -> String {
        let remark = || remedy.remark.clone().unwrap_or_default();
        let (state, mut reason) = match &remedy.outcome {
            Outcome::Nothing => (None, String::new()),
            Outcome::Made => (Some(RemediationState::Made), edited(remedy).unwrap_or_else(remark)),
            Outcome::Planned => (Some(RemediationState::Planned), remark()),
            Outcome::RolledBack(why) => (Some(RemediationState::RolledBack), why.clone()),
            Outcome::Pending(why) => (Some(RemediationState::Pending), why.clone()),
            Outcome::Refused(why) => (Some(RemediationState::Refused), why.clone()),
        };
        self.state = state;
        let is_pending = state == Some(RemediationState::Pending);
        if is_pending && self.contest.is_contested(asked) {
            self.state = Some(RemediationState::Contested);
            return "somebody took it away three times within ten minutes; it is not made any more until the policy is \
                    changed"
                .to_owned();
        }
        due.recheck_at = remedy.recheck_at;
        if remedy.action != Some(Action::Create) {
            self.recovery.unwell();
        }
        let wait = match &remedy.action {
            None => return reason,
            Some(Action::Create) => {
                let recovering = self.recovery.well(now);
                if recovering.is_some() {
                    "it was withdrawn, and waits until all has been well for five minutes"
                        .clone_into(&mut reason);
                }
                recovering.or_else(|| self.retry_at(LONGEST))
            }
            Some(Action::Update) => {
                let version = remedy.standing.as_ref().map(|standing| &standing.version);
                let echo = self.echo_until(now).filter(|_| self.changed.as_ref() == version);
                echo.or_else(|| self.retry_at(LONGEST))
            }
            Some(Action::Withdraw { cause: Cause::Harm, .. }) => self.retry_at(LONGEST_OF_HARM),
            Some(Action::Withdraw { cause: Cause::Unasked, .. }) => self.retry_at(LONGEST),
            Some(Action::Withdraw { cause: Cause::Abandoned, .. }) => {
                let since = *self.abandoned_since.get_or_insert(now);
                since.saturating_add(GARBAGE).ok().max(self.retry_at(LONGEST))
            }
        };
        match wait.filter(|until| now < *until) {
            Some(until) => due.recheck_at = [due.recheck_at, Some(until)].into_iter().flatten().min(),
            None => {
                let harm = matches!(remedy.action, Some(Action::Withdraw { cause: Cause::Harm, .. }));
                due.want = Some(if harm { Want::AtOnce } else { Want::InTurn });
            }
        }
        reason
    }

    /// When a write that failed may be tried again.
    fn retry_at(&self, longest: SignedDuration) -> Option<Timestamp> {
        let failed_at = self.failed_at?;
        let wait = WAIT.saturating_mul(1 << self.failures.saturating_sub(1).min(12)).min(longest);
        failed_at.saturating_add(wait).ok()
    }

    fn note(&self, remedy: &Remedy, reason: String) -> Option<ResultRemediation> {
        let state = self.state?;
        let object = (state != RemediationState::Refused).then(|| remedy.place.object());
        Some(ResultRemediation {
            state,
            policy: self.policy.as_ref().map(ToString::to_string).unwrap_or_default(),
            object,
            reason: reason.chars().take(512).collect(),
        })
    }

    /// Something is done about it from now on.
    pub(super) fn act(&mut self, deed: &Deed) {
        self.in_flight = true;
        self.leaving = matches!(deed, Deed::Withdraw(..));
        if let Deed::Update(_, standing) = deed {
            self.changed = Some(standing.version.clone());
        }
    }

    /// Takes in how an act ended.
    pub(super) fn answered(&mut self, end: &End, now: Timestamp) {
        (self.in_flight, self.leaving) = (false, false);
        match end {
            End::Stands => {
                self.expected = Some(Expected { since: now, shown: false });
                (self.failures, self.failed_at) = (0, None);
            }
            End::Gone(uid, cause) => {
                self.expected = None;
                self.withdrawn = Some(uid.clone());
                (self.failures, self.failed_at) = (0, None);
                if *cause == Cause::Harm {
                    self.recovery.withdrawn();
                }
            }
            End::Moot | End::Refused(_) | End::Failed => {
                self.failures = self.failures.saturating_add(1);
                self.failed_at = Some(now);
            }
        }
    }
}

/// What is said of one that somebody has made theirs.
fn edited(remedy: &Remedy) -> Option<String> {
    let by = remedy.standing.as_ref()?.edited_by.as_ref()?;
    let but = match remedy.place.kind {
        Kind::PodDisruptionBudget => ", unless another one selects its pods",
        _ => "",
    };
    Some(format!("'{by}' has changed it: it stays as it is{but}"))
}
