//! What is to be made, changed or taken away for a namespace, one object after the other.
//!
//! Not its job: whether it may be isolated (`ground`), or what the objects say (`objects`).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::super::consent::{self, Asked, Terms};
use super::super::desired::Desired;
use super::super::ownership::{Place, Standing};
use super::super::plan::{Action, Cause, Outcome, Remedy};
use super::ground::{self, Ground};
use super::objects::{Role, allows_lookups, says, spec};
use super::{NETWORK_CHECK, enforcement};
use crate::api::{DeletionPolicy, NetworkPolicyRemediation, RemediationMode};
use crate::engine::Context;
use crate::model::{Inventory, Kind, NetworkPolicy, Space, SubjectKey, Text};
use crate::policy::{Policy, PolicySet};

/// What is remembered of a namespace and cannot be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// Nothing.
    #[default]
    Free,
    /// It is not its turn; what has been begun goes on.
    Wait(String),
    /// Workloads lost pods after something had been made: all of it goes, and nothing is made anew.
    RolledBack(String),
    /// Somebody keeps taking these away: what went with them goes too.
    Contested(BTreeSet<Text>),
}

/// One of ours, as it stands.
struct Own<'a> {
    policy: &'a NetworkPolicy,
    standing: Box<Standing>,
}

/// What becomes of the objects of a namespace.
pub(in crate::remedy) fn for_namespace(
    inventory: &Inventory,
    space: &Space,
    policies: &PolicySet,
    name: &Text,
    (terms, hold): (&Terms, &Hold),
    now: Timestamp,
) -> Vec<Remedy> {
    let key = SubjectKey::Namespace(name.clone());
    let uid = space.object().map(|object| object.meta.uid.clone()).unwrap_or_default();
    let own = space.made_network_policies().filter_map(|policy| {
        let standing = Box::new(Standing::of_network_policy(policy)?);
        let role = Role::ALL.into_iter().find(|role| policy.meta.name == role.name())?;
        // A copy of one that was made for another namespace is somebody's own.
        let is_own = standing.subject_uid == uid && standing.subject.as_ref() == Some(&key);
        is_own.then_some((role, Own { policy, standing }))
    });
    let own: Vec<(Role, Own<'_>)> = own.collect();
    let covering = policies.covering(inventory, &key);
    let asked = consent::asked(&covering, |policy: &Policy| &policy.remediation.network_policies);
    if asked.is_none() && own.is_empty() {
        return Vec::new();
    }
    let cx = Context::new(inventory, name, now);
    let names: Vec<&Text> = own.iter().map(|(_, own)| &own.policy.meta.name).collect();
    let ground = ground::look(&cx, space, policies, &names, asked.as_ref().map(|asked| asked.ask));
    let declined = || consent::declined("it", space.object().map(|object| &object.meta.annotations));
    let refusal = consent::platform_namespace(name, terms).or_else(declined);
    let case = Case { key, uid, asked, ground, own, refusal, terms, hold, remark: enforcement::remark(&cx) };
    let mut remedies: Vec<Remedy> = Role::ALL.into_iter().filter_map(|role| case.remedy(role)).collect();
    deny_first(&mut remedies);
    remedies
}

/// Denies go first: as long as one that is to go stands, no allow goes that is to go as well.
fn deny_first(remedies: &mut [Remedy]) {
    let goes = |remedy: &Remedy| matches!(remedy.action, Some(Action::Withdraw { .. }));
    let denies =
        |remedy: &Remedy| Role::ALL.iter().any(|role| role.denies() && remedy.place.name == role.name());
    if remedies.iter().any(|remedy| goes(remedy) && denies(remedy)) {
        for remedy in remedies.iter_mut().filter(|remedy| goes(remedy) && !denies(remedy)) {
            remedy.action = None;
        }
    }
}

/// One namespace, and what is asked for it.
struct Case<'a, 'p> {
    key: SubjectKey,
    uid: Text,
    asked: Option<Asked<'p, NetworkPolicyRemediation>>,
    ground: Ground,
    own: Vec<(Role, Own<'a>)>,
    refusal: Option<String>,
    terms: &'a Terms,
    hold: &'a Hold,
    remark: Option<String>,
}

impl Case<'_, '_> {
    fn own(&self, role: Role) -> Option<&Own<'_>> {
        self.own.iter().find(|(known, _)| *known == role).map(|(_, own)| own)
    }

    fn place(&self, role: Role) -> Place {
        let namespace = self.key.namespace().clone();
        Place { kind: Kind::NetworkPolicy, namespace, name: Text::new(role.name()) }
    }

    fn remedy(&self, role: Role) -> Option<Remedy> {
        let asked = self.asked.as_ref().filter(|asked| role.is_asked(asked.ask));
        let own = self.own(role);
        if asked.is_none() && own.is_none() {
            return None;
        }
        let mut remedy = Remedy {
            place: self.place(role),
            check: NETWORK_CHECK,
            policy: asked.map(|asked| asked.policy.name().clone()),
            conflicting: asked.map(|asked| asked.conflicting.clone()).unwrap_or_default(),
            outcome: Outcome::Nothing,
            desired: None,
            standing: own.map(|own| own.standing.clone()),
            action: None,
            remark: self.remark.clone(),
            recheck_at: None,
        };
        match (own, asked) {
            (Some(own), asked) => self.of_ours(&mut remedy, role, own, asked),
            (None, Some(asked)) => self.of_none(&mut remedy, role, asked),
            (None, None) => {}
        }
        Some(remedy)
    }

    /// Why nothing may stand, whatever is seen of the namespace.
    fn held(&self, role: Role) -> Option<Outcome> {
        match self.hold {
            Hold::RolledBack(why) => Some(Outcome::RolledBack(why.clone())),
            Hold::Contested(names) if !names.contains(role.name()) => {
                let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
                Some(Outcome::Refused(format!(
                    "somebody keeps taking away {}, which goes with it",
                    names.join(", ")
                )))
            }
            Hold::Free | Hold::Wait(_) | Hold::Contested(_) => None,
        }
    }

    fn of_none(&self, remedy: &mut Remedy, role: Role, asked: &Asked<'_, NetworkPolicyRemediation>) {
        let held = self.held(role).filter(|_| asked.ask.mode == RemediationMode::Enabled);
        let refusal = self.refusal.as_ref().or_else(|| self.ground.refusal(role.direction()));
        if let Some(outcome) = refusal.map(|why| Outcome::Refused(why.clone())).or(held) {
            remedy.outcome = outcome;
            return;
        }
        remedy.desired = Some(Box::new(self.desired(role, asked)));
        remedy.outcome = if asked.ask.mode != RemediationMode::Enabled {
            Outcome::Planned
        } else if !self.terms.network_policies {
            Outcome::Refused("the controller runs without --remediation=network-policies".to_owned())
        } else if let Some(why) = self.waits(role, asked) {
            Outcome::Pending(why)
        } else {
            remedy.action = Some(Action::Create);
            Outcome::Pending("it is its turn soon".to_owned())
        };
    }

    /// Why an object is not made at this moment.
    fn waits(&self, role: Role, asked: &Asked<'_, NetworkPolicyRemediation>) -> Option<String> {
        if let Hold::Wait(why) = self.hold
            && self.own.is_empty()
        {
            return Some(why.clone());
        }
        if !role.denies() {
            return self.ground.waits.clone();
        }
        // Every allow that can be made has to be seen standing, and saying what it should, before anything is denied.
        let allows = Role::ALL.into_iter().filter(|allow| !allow.denies() && allow.is_asked(asked.ask));
        let mut allows = allows
            .filter(|allow| Some(*allow) == role.allow() || self.ground.refusal(allow.direction()).is_none());
        let missing = allows.find(|allow| self.own(*allow).is_none_or(|own| !self.says(*allow, own, asked)));
        let missing = missing.map(|allow| format!("NetworkPolicy '{}' has to stand before", allow.name()));
        missing.or_else(|| self.ground.waits.clone())
    }

    fn of_ours(
        &self,
        remedy: &mut Remedy,
        role: Role,
        own: &Own<'_>,
        asked: Option<&Asked<'_, NetworkPolicyRemediation>>,
    ) {
        remedy.outcome = Outcome::Made;
        let standing = &own.standing;
        // What somebody made theirs does what they want, and so does what a deny of theirs needs.
        let is_theirs = |own: &Own<'_>| own.standing.edited_by.is_some();
        let deny =
            Role::ALL.into_iter().filter(|deny| deny.allow() == Some(role)).find_map(|deny| self.own(deny));
        if is_theirs(own) || deny.is_some_and(is_theirs) {
            return;
        }
        if let Some(why) = self.harm(role, own) {
            remedy.action = Some(Action::Withdraw { why, cause: Cause::Harm });
            remedy.outcome = match self.held(role) {
                Some(outcome @ Outcome::RolledBack(_)) => outcome,
                _ => Outcome::Nothing,
            };
            return;
        }
        let Some(asked) = asked.filter(|_| self.refusal.is_none()) else {
            if standing.deletion == DeletionPolicy::Delete {
                let why = "no policy asks for it any more".to_owned();
                remedy.action = Some(Action::Withdraw { why, cause: Cause::Unasked });
            }
            return;
        };
        let may_change = self.ground.refusal(role.direction()).is_none();
        if asked.ask.mode == RemediationMode::Enabled && may_change && !self.says(role, own, asked) {
            remedy.desired = Some(Box::new(self.desired(role, asked)));
            remedy.action = Some(Action::Update);
        }
    }

    /// Why one of ours must go at once.
    fn harm(&self, role: Role, own: &Own<'_>) -> Option<String> {
        let direction = role.direction();
        if let Some(why) = self.ground.harm(direction) {
            return Some(why.clone());
        }
        if let Some(Outcome::RolledBack(why) | Outcome::Refused(why)) = self.held(role) {
            return Some(why);
        }
        // A deny that was made with an allow.
        if own.policy.meta.controller.is_some()
            && let Some(allow) = role.allow().filter(|allow| self.own(*allow).is_none())
        {
            return Some(format!("NetworkPolicy '{}', which it was made with, is gone", allow.name()));
        }
        // Lookups go elsewhere than the allow of ours says.
        let dns = self.ground.dns.as_ref()?;
        let allow = self.own(Role::AllowEgress).filter(|allow| allow.standing.edited_by.is_none())?;
        let is_egress = matches!(role, Role::AllowEgress | Role::DenyEgress);
        (is_egress && !allows_lookups(allow.policy, dns))
            .then(|| "the cluster's DNS is elsewhere than when it was made".to_owned())
    }

    /// Whether one of ours says what it should, and for whom.
    fn says(&self, role: Role, own: &Own<'_>, asked: &Asked<'_, NetworkPolicyRemediation>) -> bool {
        let Own { policy, standing } = own;
        let marks = standing.policy == *asked.policy.name() && standing.deletion == asked.ask.deletion_policy;
        // One that was made when there was no allow belongs to the one that there is now.
        let belongs = policy.meta.controller.is_some() || self.rests_on(role).is_none();
        marks && belongs && says(policy, &self.spec(role, asked))
    }

    fn spec(&self, role: Role, asked: &Asked<'_, NetworkPolicyRemediation>) -> Value {
        spec(role, asked.ask, self.ground.dns.as_ref())
    }

    /// The allow of ours that a deny goes with, and its uid.
    fn rests_on(&self, role: Role) -> Option<(Place, Text)> {
        let own = self.own(role.allow()?)?;
        Some((own.standing.place.clone(), own.standing.uid.clone()))
    }

    fn desired(&self, role: Role, asked: &Asked<'_, NetworkPolicyRemediation>) -> Desired {
        Desired {
            place: self.place(role),
            subject: self.key.clone(),
            subject_uid: self.uid.clone(),
            policy: asked.policy.name().clone(),
            deletion: asked.ask.deletion_policy,
            spec: self.spec(role, asked),
            why: role.why(self.key.namespace()),
            rests_on: self.rests_on(role),
        }
    }
}
