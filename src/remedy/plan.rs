//! What is to be made, changed or taken away for a subject, and why, or why not.
//!
//! Total: every look at a subject gives a `Remedy` for each object that a policy asks for or that of ours stands there.
//! It says what should be, not what may be done at this moment; that is for `restraint`, which remembers.

use jiff::Timestamp;

use super::consent::{self, Asked, Terms};
use super::desired::{self, Desired};
use super::network_policy::{self, Hold};
use super::ownership::{Place, Standing, is_made_for};
use super::pod_disruption_budget::{self as budgets, Harm, Look, Need};
use crate::api::{DeletionPolicy, PodDisruptionBudgetRemediation, RemediationMode};
use crate::engine::{Context, Outcome as CheckOutcome};
use crate::model::{DisruptionBudget, Inventory, Kind, Space, SubjectKey, Text, Workload, WorkloadId};
use crate::policy::{Policy, PolicySet};

/// What becomes of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// The object.
    pub place: Place,
    /// The check whose finding it remedies.
    pub check: &'static str,
    /// The policy that decides.
    pub policy: Option<Text>,
    /// Policies that ask for something else, and do not get it.
    pub conflicting: Vec<Text>,
    /// How things stand.
    pub outcome: Outcome,
    /// The object as it should be, where it should.
    pub desired: Option<Box<Desired>>,
    /// The object as it stands, if it is ours.
    pub standing: Option<Box<Standing>>,
    /// What is to be done.
    pub action: Option<Action>,
    /// What has to be said of it where it stands, or would.
    pub remark: Option<String>,
    /// When this may change though nothing else does.
    pub recheck_at: Option<Timestamp>,
}

/// How things stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is nothing to remedy.
    Nothing,
    /// The object stands.
    Made,
    /// It would be made if the policy's mode were Enabled.
    Planned,
    /// It will be made, and waits for something.
    Pending(String),
    /// It is not made, and why.
    Refused(String),
    /// It was taken away again, and why.
    RolledBack(String),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make `desired`.
    Create,
    /// Make `standing` what `desired` says.
    Update,
    /// Take `standing` away.
    Withdraw {
        /// Why, for people.
        why: String,
        /// For which sort of reason.
        cause: Cause,
    },
}

/// For which sort of reason an object is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It does harm where it stands, so that nothing may hold this up.
    Harm,
    /// No policy asks for it any more, and the last one wanted it deleted.
    Unasked,
    /// What it was made for is gone. Kubernetes deletes it with its owner, unless it was told not to.
    Abandoned,
}

impl Remedy {
    /// Nothing is made after all where the subject is exempt from the check, by its results. What stands is not concerned.
    pub fn heed_exemptions(&mut self, outcomes: &[CheckOutcome]) {
        let of_check = outcomes.iter().find(|outcome| outcome.check == self.check);
        let exempt = of_check.and_then(|outcome| outcome.exempt.as_ref());
        if let Some(exempt) = exempt.filter(|_| self.standing.is_none() && self.outcome != Outcome::Nothing) {
            let why = format!("{} is exempt by {}: {}", self.check, exempt.by, exempt.reason);
            self.outcome = Outcome::Refused(why);
            self.desired = None;
            self.action = None;
        }
    }
}

/// What becomes of the objects of a subject. `hold`: what is remembered of a namespace.
pub fn plan(
    inventory: &Inventory,
    policies: &PolicySet,
    key: &SubjectKey,
    (terms, hold): (&Terms, &Hold),
    now: Timestamp,
) -> Vec<Remedy> {
    let Some(space) = inventory.space(key.namespace()) else { return Vec::new() };
    // Kubernetes is taking everything away, and nothing can be made.
    let is_going = space.object().map_or(inventory.is_live(), |namespace| namespace.meta.terminating);
    let mut remedies = match key {
        SubjectKey::Workload(id) if !is_going => for_workload(inventory, space, policies, id, terms, now),
        SubjectKey::Namespace(name) if !is_going => {
            network_policy::for_namespace(inventory, space, policies, name, (terms, hold), now)
        }
        _ => Vec::new(),
    };
    for remedy in remedies.iter_mut().filter(|remedy| !terms.permit(remedy.place.kind)) {
        remedy.action = None;
    }
    remedies
}

/// The subjects for which something of ours stands, also those that are gone.
pub fn subjects_of_ours(inventory: &Inventory) -> impl Iterator<Item = SubjectKey> {
    let budgets = inventory.spaces().flat_map(|(_, space)| space.made_budgets());
    let budgets = budgets.filter_map(Standing::of_budget);
    let policies = inventory.spaces().flat_map(|(_, space)| space.made_network_policies());
    budgets.chain(policies.filter_map(Standing::of_network_policy)).filter_map(|standing| standing.subject)
}

fn for_workload(
    inventory: &Inventory,
    space: &Space,
    policies: &PolicySet,
    id: &WorkloadId,
    terms: &Terms,
    now: Timestamp,
) -> Vec<Remedy> {
    let key = SubjectKey::Workload(id.clone());
    let own = |budget: &DisruptionBudget| Standing::of_budget(budget).map(Box::new);
    let ours = space.made_budgets().filter(|budget| is_made_for(&budget.meta, id));
    let ours: Vec<_> = ours.filter_map(|budget| Some((budget, own(budget)?))).collect();
    // What is being deleted, or cannot be read, is there all the same: whatever stands for it stays.
    let Some(meta) = space.meta_of(id.kind, &id.name) else {
        return ours.into_iter().map(|(_, standing)| abandoned(standing, "is gone", id)).collect();
    };
    let (ours, others): (Vec<_>, Vec<_>) =
        ours.into_iter().partition(|(_, standing)| standing.subject_uid == meta.uid && !meta.uid.is_empty());
    let mut remedies: Vec<Remedy> =
        others.into_iter().map(|(_, standing)| abandoned(standing, "is another one now", id)).collect();
    let Some(workload) = space.workload(id.kind, &id.name).filter(|workload| workload.is_subject()) else {
        return remedies;
    };
    let covering = policies.covering(inventory, &key);
    let asked = consent::asked(&covering, |policy: &Policy| &policy.remediation.pod_disruption_budgets);
    if asked.is_none() && ours.is_empty() {
        return remedies;
    }
    let place = Place {
        kind: Kind::PodDisruptionBudget,
        namespace: id.namespace.clone(),
        name: desired::name_for(id.kind, &id.name),
    };
    // Of several, as after a change of names, the one that is called as it should be stays.
    let (mut ours, extra): (Vec<_>, Vec<_>) =
        ours.into_iter().partition(|(budget, _)| budget.meta.name == place.name);
    ours.extend(extra);
    let budgets: Vec<&DisruptionBudget> = ours.iter().map(|(budget, _)| *budget).collect();
    let mut ours = ours.into_iter().map(|(_, standing)| standing);
    let first = ours.next();
    remedies.extend(ours.map(|standing| {
        let why = "another of ours selects the same pods".to_owned();
        withdrawal(standing, why, Cause::Harm)
    }));
    let cx = Context::new(inventory, &id.namespace, now);
    let case = Case { cx: &cx, space, workload, terms, asked, place };
    let mut remedy = case.remedy(first, &budgets);
    remedy.recheck_at = cx.recheck_at();
    remedies.push(remedy);
    remedies
}

/// One workload, and what is asked for it.
struct Case<'a, 'p> {
    cx: &'a Context<'a>,
    space: &'a Space,
    workload: &'a Workload,
    terms: &'a Terms,
    asked: Option<Asked<'p, PodDisruptionBudgetRemediation>>,
    place: Place,
}

impl Case<'_, '_> {
    fn remedy(&self, standing: Option<Box<Standing>>, ours: &[&DisruptionBudget]) -> Remedy {
        let found = budgets::look(self.cx, self.workload, ours);
        let mut remedy = Remedy {
            place: standing.as_ref().map_or_else(|| self.place.clone(), |standing| standing.place.clone()),
            check: budgets::CHECK,
            policy: self.asked.as_ref().map(|asked| asked.policy.name().clone()),
            conflicting: self.asked.as_ref().map(|asked| asked.conflicting.clone()).unwrap_or_default(),
            outcome: Outcome::Nothing,
            desired: None,
            standing,
            action: None,
            remark: None,
            recheck_at: None,
        };
        let refusal = self.refusal();
        match remedy.standing.clone() {
            Some(standing) => self.of_ours(&mut remedy, ours.first(), &standing, found, refusal.is_some()),
            None => self.of_none(&mut remedy, found, refusal),
        }
        remedy
    }

    /// Why nothing may be made here, whatever is missing.
    fn refusal(&self) -> Option<String> {
        let namespace = &self.workload.meta.namespace;
        let own = self.space.object().map(|object| &object.meta.annotations);
        let of_namespace = || consent::declined(&format!("namespace '{namespace}'"), own);
        let of_workload = || consent::declined("it", Some(&self.workload.meta.annotations));
        consent::platform_namespace(namespace, self.terms).or_else(of_workload).or_else(of_namespace)
    }

    fn of_none(&self, remedy: &mut Remedy, Look { harm: _, need }: Look, refusal: Option<String>) {
        let Some(asked) = &self.asked else { return };
        let (fewest, because, waits) = match need {
            Need::None => return,
            Need::Refused(why) => {
                remedy.outcome = Outcome::Refused(refusal.unwrap_or(why));
                return;
            }
            Need::Missing { fewest, because, waits } => (fewest, because, waits),
        };
        let taken = || {
            let other = self.cx.budget(&self.place.name);
            other.map(|_| format!("{} is there already, and is not ours", self.place))
        };
        if let Some(why) = refusal.or_else(taken) {
            remedy.outcome = Outcome::Refused(why);
            return;
        }
        remedy.desired = Some(Box::new(self.desired(asked, fewest, &because)));
        remedy.outcome = match (asked.ask.mode, waits) {
            (RemediationMode::Enabled, _) if !self.terms.pod_disruption_budgets => Outcome::Refused(
                "the controller runs without --remediation=pod-disruption-budgets".to_owned(),
            ),
            (RemediationMode::Enabled, Some(why)) => Outcome::Pending(why),
            (RemediationMode::Enabled, None) => {
                remedy.action = Some(Action::Create);
                Outcome::Pending("it is its turn soon".to_owned())
            }
            _ => Outcome::Planned,
        };
    }

    fn of_ours(
        &self,
        remedy: &mut Remedy,
        budget: Option<&&DisruptionBudget>,
        standing: &Standing,
        Look { harm, need }: Look,
        refused: bool,
    ) {
        remedy.outcome = Outcome::Made;
        // What somebody made theirs only makes room for a budget that they cannot have overlooked.
        let is_edited = standing.edited_by.is_some();
        if let Some(Harm { why, .. }) = harm.filter(|harm| !is_edited || harm.overlaps) {
            remedy.action = Some(Action::Withdraw { why, cause: Cause::Harm });
            remedy.outcome = Outcome::Nothing;
            return;
        }
        if is_edited {
            return;
        }
        let Some(asked) = self.asked.as_ref().filter(|_| !refused) else {
            if standing.deletion == DeletionPolicy::Delete {
                let why = "no policy asks for it any more".to_owned();
                remedy.action = Some(Action::Withdraw { why, cause: Cause::Unasked });
            }
            return;
        };
        let (RemediationMode::Enabled, Need::Missing { fewest, because, .. }, Some(budget)) =
            (asked.ask.mode, need, budget)
        else {
            return;
        };
        let max_unavailable = asked.ask.max_unavailable;
        let says = budgets::says(budget, self.workload, max_unavailable, fewest);
        let marks = standing.policy == *asked.policy.name() && standing.deletion == asked.ask.deletion_policy;
        if !says || !marks {
            let mut desired = self.desired(asked, fewest, &because);
            desired.place = standing.place.clone();
            remedy.desired = Some(Box::new(desired));
            remedy.action = Some(Action::Update);
        }
    }

    fn desired(
        &self,
        asked: &Asked<'_, PodDisruptionBudgetRemediation>,
        fewest: i64,
        because: &str,
    ) -> Desired {
        let Workload { kind, meta, .. } = self.workload;
        let name = &meta.name;
        Desired {
            place: self.place.clone(),
            subject: SubjectKey::Workload(self.workload.id()),
            subject_uid: meta.uid.clone(),
            policy: asked.policy.name().clone(),
            deletion: asked.ask.deletion_policy,
            spec: budgets::spec(self.workload, asked.ask.max_unavailable, fewest),
            rests_on: None,
            why: format!(
                "no PodDisruptionBudget selects the pods of {kind} '{name}' ({because}), so that node drains may evict all \
                 of them at once"
            ),
        }
    }
}

/// What becomes of one whose workload is no more.
fn abandoned(standing: Box<Standing>, what: &str, id: &WorkloadId) -> Remedy {
    let why = format!("{} '{}', for which it was made, {what}", id.kind, id.name);
    withdrawal(standing, why, Cause::Abandoned)
}

fn withdrawal(standing: Box<Standing>, why: String, cause: Cause) -> Remedy {
    let is_theirs = standing.edited_by.is_some() && cause != Cause::Harm;
    Remedy {
        place: standing.place.clone(),
        check: budgets::CHECK,
        policy: None,
        conflicting: Vec::new(),
        outcome: Outcome::Nothing,
        desired: None,
        action: (!is_theirs).then_some(Action::Withdraw { why, cause }),
        standing: Some(standing),
        remark: None,
        recheck_at: None,
    }
}
