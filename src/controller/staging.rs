//! Remediation of namespaces as it goes on: what is remembered of them, and so what is planned.
//!
//! Pure: no client and no clock. Not its job: what should be (`remedy::plan`), or the acts (`remediation`).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::remediation::{Remediation, asked_by};
use crate::api::{HaltedRemediation, RemediationMode, RemediationState, ResultRemediation};
use crate::model::{Inventory, Kind, SubjectKey, Text};
use crate::policy::{Policy, PolicySet};
use crate::remedy::{DENY_INGRESS, Hold, Place, Readiness, Remedy, Rollout, plan};

/// What is planned for a subject.
pub(super) struct Planned {
    pub(super) remedies: Vec<Remedy>,
    /// When it may be another plan though nothing changes.
    pub(super) recheck_at: Option<Timestamp>,
    /// Whether it rests on what does not touch the subject.
    pub(super) hinted: bool,
}

/// What a policy asks of its roll-out.
fn rollout<'a>(policy: &'a Policy, asked: &'a str) -> Rollout<'a> {
    let ask = &policy.remediation.network_policies;
    Rollout {
        policy: policy.name(),
        asked,
        size: usize::try_from(ask.stage_size).unwrap_or(1),
        takes: SignedDuration::from_secs(i64::from(ask.stage_seconds)),
    }
}

impl Remediation {
    /// What is planned for a subject, by what is remembered of it. `halted`: what its report says is not made again.
    pub(super) fn planned(
        &mut self,
        inventory: &Inventory,
        policies: &PolicySet,
        key: &SubjectKey,
        halted: &[HaltedRemediation],
        now: Timestamp,
    ) -> Planned {
        let remedies = plan(inventory, policies, key, (&self.terms, &Hold::Free), now);
        let SubjectKey::Namespace(name) = key else {
            return Planned { remedies, recheck_at: None, hinted: false };
        };
        let hinted = !remedies.is_empty();
        let policy = remedies.iter().find_map(|remedy| policies.get(remedy.policy.as_ref()?));
        let enabled = |policy: &&Policy| policy.remediation.network_policies.mode == RemediationMode::Enabled;
        let Some((policy, space)) = policy.filter(enabled).zip(inventory.space(name)) else {
            self.stages.leave(name);
            return Planned { remedies, recheck_at: None, hinted };
        };
        let asked = asked_by(policy.name(), policy.generation);
        let rollout = rollout(policy, &asked);
        let ready = Readiness::of(space);
        let rolled_back = halts(halted, RemediationState::RolledBack, &asked, None);
        if rolled_back && self.stages.rolled_back(&asked, name).is_none() {
            let why = "workloads lost pods after it had been made; nothing is made there until the policy is changed";
            self.stages.remember(&asked, name, why.to_owned());
        }
        // What was made not long ago, by us or by whoever wrote before us, is on trial still.
        let made = remedies.iter().filter_map(|remedy| remedy.standing.as_ref()?.created).max();
        let young = made.filter(|made| now.duration_since(*made) < rollout.takes);
        if let Some(made) = young.filter(|_| !self.stages.is_on_trial(name)) {
            self.stages.begin(rollout, name, &ready, made);
        }
        if self.stages.observe(rollout, name, &ready, now) {
            tracing::warn!(namespace = %name, policy = %policy.name(), "workloads lost pods: rolling back");
        }
        let mut recheck_at = self.stages.until(rollout, name);
        let is_contested = |place: &Place| {
            self.is_contested(place, &asked)
                || halts(halted, RemediationState::Contested, &asked, Some(place))
        };
        let contested = remedies.iter().map(|remedy| &remedy.place).filter(|place| is_contested(place));
        let contested: BTreeSet<Text> = contested.map(|place| place.name.clone()).collect();
        let hold = if let Some(why) = self.stages.rolled_back(&asked, name) {
            Hold::RolledBack(why.to_owned())
        } else if !contested.is_empty() {
            Hold::Contested(contested)
        } else if let Some((why, until)) = self.stages.waits(rollout, name, now) {
            recheck_at = Some(until);
            Hold::Wait(why)
        } else {
            return Planned { remedies, recheck_at, hinted };
        };
        let remedies = plan(inventory, policies, key, (&self.terms, &hold), now);
        Planned { remedies, recheck_at, hinted }
    }

    /// Something is about to be made in a namespace.
    pub(super) fn begin_trial(
        &mut self,
        inventory: &Inventory,
        policies: &PolicySet,
        (namespace, policy): (&Text, Option<&Text>),
        now: Timestamp,
    ) {
        let policy = policy.and_then(|name| policies.get(name));
        if let Some((policy, space)) = policy.zip(inventory.space(namespace)) {
            let asked = asked_by(policy.name(), policy.generation);
            self.stages.begin(rollout(policy, &asked), namespace, &Readiness::of(space), now);
        }
    }

    /// Whether the workloads of a namespace are watched, as something was just made there.
    pub(super) fn is_on_trial(&self, namespace: &Text) -> bool {
        self.stages.is_on_trial(namespace)
    }
}

/// Whether a report says that something is not made again as long as just this is asked: an object, or any.
pub(super) fn halts(
    halted: &[HaltedRemediation],
    state: RemediationState,
    asked: &str,
    place: Option<&Place>,
) -> bool {
    let object = place.map(Place::object);
    halted.iter().any(|halted| {
        halted.state == state
            && asked_by(&halted.policy, halted.generation) == asked
            && object.as_ref().is_none_or(|object| *object == halted.object)
    })
}

/// Whether a note says more of a result than another: a report has one for each.
pub(super) fn weightier(new: &ResultRemediation, old: &ResultRemediation) -> bool {
    let weight = |note: &ResultRemediation| {
        let rank = match note.state {
            RemediationState::Contested => 5,
            RemediationState::RolledBack => 4,
            RemediationState::Refused => 3,
            RemediationState::Pending => 2,
            RemediationState::Planned => 1,
            RemediationState::Made => 0,
        };
        let names = |object: &String| *object == format!("{}/{DENY_INGRESS}", Kind::NetworkPolicy);
        (rank, note.object.as_ref().is_some_and(names))
    };
    weight(new) > weight(old)
}
