//! A roll-out by stages: a few namespaces on trial at one time, and back where workloads lose pods.
//!
//! Not its job: what is made there (`network_policy`).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::super::network_policy::Readiness;
use crate::model::Text;

/// The longest that a policy waits after a setback.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What a policy asks of its roll-out, and which one it is, down to the version.
#[derive(Clone, Copy, Debug)]
pub struct Rollout<'a> {
    /// The policy.
    pub policy: &'a Text,
    /// The policy and its version.
    pub asked: &'a str,
    /// How many namespaces may be on trial.
    pub size: usize,
    /// How long a trial takes.
    pub takes: SignedDuration,
}

/// All roll-outs.
#[derive(Debug, Default)]
pub struct Stages {
    policies: BTreeMap<Text, Stage>,
    /// The namespaces that were rolled back: under which version of which policy, and why.
    rolled_back: BTreeMap<Text, (String, String)>,
}

#[derive(Debug, Default)]
struct Stage {
    trials: BTreeMap<Text, Trial>,
    /// The version of the policy that had setbacks, how many, and until when it waits.
    asked: String,
    setbacks: u32,
    not_before: Option<Timestamp>,
}

#[derive(Debug)]
struct Trial {
    before: Readiness,
    until: Timestamp,
}

impl Stages {
    /// Forgets everything, as somebody else may write meanwhile.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Forgets the trial of a namespace, as nothing is asked for there.
    pub fn leave(&mut self, namespace: &Text) {
        for stage in self.policies.values_mut() {
            stage.trials.remove(namespace);
        }
    }

    /// Whether a namespace is on trial, so that its workloads are watched.
    pub fn is_on_trial(&self, namespace: &Text) -> bool {
        self.policies.values().any(|stage| stage.trials.contains_key(namespace))
    }

    /// Something is made in a namespace: its trial begins, or goes on for longer.
    pub fn begin(&mut self, rollout: Rollout<'_>, namespace: &Text, now: &Readiness, at: Timestamp) {
        let until = at.saturating_add(rollout.takes).unwrap_or(at);
        let trials = &mut self.policies.entry(rollout.policy.clone()).or_default().trials;
        let trial = trials.entry(namespace.clone()).or_insert_with(|| Trial { before: now.clone(), until });
        trial.until = trial.until.max(until);
    }

    /// Takes in how the workloads of a namespace are; whether it has just been rolled back.
    pub fn observe(
        &mut self,
        rollout: Rollout<'_>,
        namespace: &Text,
        ready: &Readiness,
        now: Timestamp,
    ) -> bool {
        let Some(stage) = self.policies.get_mut(rollout.policy) else { return false };
        let Some(trial) = stage.trials.get(namespace) else { return false };
        let lost = ready.lost_since(&trial.before);
        if lost.is_none() && now < trial.until {
            return false;
        }
        stage.trials.remove(namespace);
        let Some(why) = lost else {
            stage.setbacks = 0;
            return false;
        };
        if stage.asked != rollout.asked {
            (stage.setbacks, stage.asked) = (0, rollout.asked.to_owned());
        }
        let wait = rollout.takes.saturating_mul(1 << stage.setbacks.min(16)).min(LONGEST);
        stage.setbacks = stage.setbacks.saturating_add(1);
        stage.not_before = now.saturating_add(wait).ok();
        self.remember(
            rollout.asked,
            namespace,
            format!("{why}; nothing is made there until the policy is changed"),
        );
        true
    }

    /// Takes a namespace as rolled back, as whoever wrote before us did.
    pub fn remember(&mut self, asked: &str, namespace: &Text, why: String) {
        self.rolled_back.insert(namespace.clone(), (asked.to_owned(), why));
    }

    /// Why a namespace was rolled back under what is asked now.
    pub fn rolled_back(&self, asked: &str, namespace: &Text) -> Option<&str> {
        let (of, why) = self.rolled_back.get(namespace)?;
        (of == asked).then_some(why.as_str())
    }

    /// Until when a namespace is on trial.
    pub fn until(&self, rollout: Rollout<'_>, namespace: &Text) -> Option<Timestamp> {
        Some(self.policies.get(rollout.policy)?.trials.get(namespace)?.until)
    }

    /// Why nothing may be begun with in a namespace, and until when at least.
    pub fn waits(
        &self,
        rollout: Rollout<'_>,
        namespace: &Text,
        now: Timestamp,
    ) -> Option<(String, Timestamp)> {
        let stage = self.policies.get(rollout.policy)?;
        if stage.trials.contains_key(namespace) {
            return None;
        }
        let paused = stage.not_before.filter(|until| now < *until && stage.asked == rollout.asked);
        if let Some(until) = paused {
            return Some((format!("another namespace was rolled back; it goes on at {until}"), until));
        }
        let running: Vec<Timestamp> =
            stage.trials.values().map(|trial| trial.until).filter(|at| now < *at).collect();
        let first = running.iter().min().copied().filter(|_| running.len() >= rollout.size)?;
        Some((format!("{} other namespaces are on trial, which comes first", running.len()), first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Decoded, decode};
    use crate::model::{Inventory, Kind};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn ready(available: i64, generation: i64) -> Readiness {
        let json = serde_json::json!({"metadata": {"name": "api", "namespace": "n", "generation": generation},
            "spec": {"replicas": 3}, "status": {"availableReplicas": available}});
        let mut inventory = Inventory::live();
        match decode(Kind::Deployment, &json.to_string(), "").unwrap() {
            Decoded::Record(record) => drop(inventory.apply(record)),
            Decoded::Unreadable(_, error) => panic!("{error}"),
        }
        Readiness::of(inventory.space("n").unwrap())
    }

    fn rollout<'a>(policy: &'a Text, asked: &'a str) -> Rollout<'a> {
        Rollout { policy, asked, size: 2, takes: SignedDuration::from_secs(100) }
    }

    #[test]
    fn a_few_at_a_time_and_the_next_ones_after_the_first_stayed_ready() {
        let (mut stages, policy) = (Stages::default(), Text::new("p"));
        let of = rollout(&policy, "p/1");
        let [a, b, c] = ["a", "b", "c"].map(Text::new);
        for namespace in [&a, &b] {
            assert_eq!(stages.waits(of, namespace, at(0)), None);
            stages.begin(of, namespace, &ready(3, 1), at(0));
        }
        assert_eq!(stages.waits(of, &a, at(1)), None, "what has begun goes on");
        assert_eq!(stages.waits(of, &c, at(1)).unwrap().1, at(100));
        stages.begin(of, &a, &ready(3, 1), at(50));
        assert_eq!(stages.until(of, &a), Some(at(150)), "a later write makes it longer");
        assert_eq!(stages.waits(of, &c, at(100)), None, "b has passed");
        assert!(!stages.observe(of, &a, &ready(3, 1), at(149)) && stages.is_on_trial(&a));
        assert!(!stages.observe(of, &a, &ready(3, 1), at(150)) && !stages.is_on_trial(&a));
        assert!(!stages.observe(of, &a, &ready(0, 1), at(151)), "after its trial it is nobody's fault here");
    }

    #[test]
    fn where_pods_are_lost_it_goes_back_and_the_others_wait_each_time_longer() {
        let (mut stages, policy) = (Stages::default(), Text::new("p"));
        let of = rollout(&policy, "p/1");
        let [a, b, c] = ["a", "b", "c"].map(Text::new);
        stages.begin(of, &a, &ready(3, 1), at(0));
        assert!(
            !stages.observe(of, &a, &ready(2, 2), at(5)),
            "somebody changed it, and it replaces its pods"
        );
        assert!(stages.observe(of, &a, &ready(2, 1), at(10)));
        assert!(stages.rolled_back("p/1", &a).unwrap().contains("2 of 3 pods available, and had 3 before"));
        assert_eq!(stages.waits(of, &b, at(10)).unwrap().1, at(110));
        stages.begin(of, &b, &ready(3, 1), at(110));
        assert!(stages.observe(of, &b, &ready(1, 1), at(111)));
        assert_eq!(stages.waits(of, &c, at(120)).unwrap().1, at(311));
        // Whoever changes the policy says that it is to be tried again.
        let again = rollout(&policy, "p/2");
        assert_eq!((stages.rolled_back("p/2", &a), stages.waits(again, &c, at(120))), (None, None));
    }
}
