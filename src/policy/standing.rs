//! What an exemption comes to over all that it is for: its state, in one word and one sentence, and whether it is
//! over-broad.
//!
//! Not its job: whether it holds for one subject (`exemption::decide`, `exempting`).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::api::{ExemptionCounts, ExemptionState};
use crate::engine::{Catalogue, Scope};
use crate::model::{SubjectKey, Text};

use super::exempting::Applied;
use super::exemption::{Checks, Exemption, ExemptionId, Refusal, Standing, Whom};
use super::set::PolicySet;

/// What an exemption came to over several subjects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Used {
    /// The subjects that it is for and that a policy covers.
    pub subjects: u32,
    /// The results that are exempt by it.
    pub results: u32,
    best: Option<Standing>,
    refusal: Option<Refusal>,
}

impl Used {
    /// Adds what it came to for one more subject: under one policy, or under all.
    pub fn add(&mut self, applied: &Applied, policy: Option<&Text>) {
        let mut results = policy.is_none().then_some(applied.results);
        for under in applied.under.iter().filter(|under| policy.is_none_or(|policy| under.policy == *policy))
        {
            self.best = self.best.take().into_iter().chain([under.standing.clone()]).min();
            self.refusal = self.refusal.take().or_else(|| under.refusal.clone());
            results.get_or_insert(under.results);
        }
        self.subjects = self.subjects.saturating_add(1);
        self.results = self.results.saturating_add(results.unwrap_or_default());
    }
}

/// A state and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The word.
    pub state: ExemptionState,
    /// The sentence.
    pub message: String,
}

/// How an exemption stands at an instant: from itself, and from what it came to for each subject at that instant.
pub fn stand(exemption: &Exemption, used: &Used, unknown: &[String], now: Timestamp) -> Stand {
    let named = match &exemption.checks {
        Checks::Every => usize::MAX,
        Checks::Named(names) => names.len(),
    };
    let (state, mut message) = if let Some(flaw) = &exemption.flaw {
        (ExemptionState::Refused, flaw.clone())
    } else if let Some(until) = exemption.until.filter(|until| *until <= now) {
        return Stand { state: ExemptionState::Expired, message: format!("it ended at {until}") };
    } else if unknown.len() == named {
        (ExemptionState::Refused, String::new())
    } else if used.results > 0 {
        let (results, subjects) = (used.results, used.subjects);
        let until = exemption.until.map_or(String::new(), |until| format!(" until {until}"));
        let noun = if results == 1 { "result is" } else { "results are" };
        let of = if subjects == 1 { String::new() } else { format!(", of {subjects} subjects selected") };
        (ExemptionState::Active, format!("{results} {noun} exempt{until}{of}"))
    } else {
        match &used.best {
            Some(Standing::InForce) => (ExemptionState::Unused, "nothing fails that it is for".to_owned()),
            Some(Standing::Pending(policy)) => (
                ExemptionState::Pending,
                format!("policy '{policy}' wants it approved, as it is now, by an Approved condition"),
            ),
            Some(Standing::Refused(why)) => (ExemptionState::Refused, why.to_string()),
            Some(Standing::Expired) | None if used.subjects > 0 => {
                (ExemptionState::Unused, "no policy asks here for what it is for".to_owned())
            }
            Some(Standing::Expired) | None => {
                (ExemptionState::Unused, "it selects nothing that a policy covers".to_owned())
            }
        }
    };
    // What holds in part says what does not.
    let refused = used.refusal.iter().map(ToString::to_string);
    let refused = refused.filter(|_| state != ExemptionState::Refused);
    for more in refused.chain(unknown.iter().cloned()) {
        if !message.is_empty() {
            message.push_str("; ");
        }
        message.push_str(&more);
    }
    Stand { state, message }
}

/// The names among an exemption's checks that nothing has, each as a sentence with what may have been meant.
pub fn unknown_names(exemption: &Exemption, policies: &PolicySet, catalogue: &Catalogue) -> Vec<String> {
    let Checks::Named(names) = &exemption.checks else { return Vec::new() };
    let unknown = names.iter().filter(|name| !policies.knows(catalogue, name));
    unknown.map(|name| no_such_check(catalogue, name)).collect()
}

/// That there is no check of a name, and which one may have been meant.
pub fn no_such_check(catalogue: &Catalogue, name: &str) -> String {
    match catalogue.nearest(name) {
        Some(near) => format!("there is no check '{name}'; did you mean '{near}'?"),
        None => format!("there is no check '{name}'; `seaworthy checks list` shows them all"),
    }
}

/// How an exemption is over-broad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breadth {
    every_check: bool,
    everybody: bool,
}

impl Breadth {
    /// The reason of the condition.
    pub fn reason(self) -> &'static str {
        match (self.every_check, self.everybody) {
            (true, true) => "Everything",
            (true, false) => "EveryCheck",
            (false, _) => "EveryWorkload",
        }
    }
}

/// Whether an exemption is over-broad: it is for every check, or for all workloads that it could be for.
pub fn breadth(exemption: &Exemption, catalogue: &Catalogue) -> Option<Breadth> {
    let judges_workloads = |name: &Text| {
        // What a policy defines itself is about workloads.
        catalogue.get(name).is_none_or(|check| check.rule.judges(Scope::Workload))
    };
    let (every_check, of_workloads) = match &exemption.checks {
        Checks::Every => (true, true),
        Checks::Named(names) => (false, names.iter().any(judges_workloads)),
    };
    let everybody = of_workloads && exemption.whom.is_everybody();
    (every_check || everybody).then_some(Breadth { every_check, everybody })
}

/// What is over-broad about an exemption, as a sentence.
pub fn breadth_message(exemption: &Exemption, breadth: Breadth) -> String {
    let whom = match &exemption.whom {
        Whom::Namespace(name) | Whom::Workloads(name, _) => format!("all workloads of namespace '{name}'"),
        Whom::Subject(SubjectKey::Namespace(name)) => format!("the namespace '{name}'"),
        Whom::Subject(SubjectKey::Workload(id)) => format!("{} '{}'", id.kind, id.name),
        Whom::Target { kind, name, .. } => format!("{kind} '{name}'"),
        Whom::Covered { .. } if breadth.everybody => "all that the policy covers".to_owned(),
        Whom::Covered { .. } => "what its selectors select".to_owned(),
    };
    if breadth.every_check {
        format!("it exempts {whom} from every check; name the checks that it is about")
    } else {
        format!("it exempts {whom}; select those that it is about")
    }
}

/// Counts the exemptions that concern a policy, by how each stands under it: `applied` of all its subjects.
pub fn counts<'a>(
    policies: &PolicySet,
    policy: &Text,
    applied: impl Iterator<Item = &'a Applied>,
    catalogue: &Catalogue,
    now: Timestamp,
) -> ExemptionCounts {
    let mut each = Ledger::default();
    for entry in policies.get(policy).into_iter().flat_map(|policy| &policy.exemptions) {
        each.note(entry);
    }
    for applied in applied.filter(|applied| applied.under.iter().any(|under| under.policy == *policy)) {
        each.add(applied, Some(policy));
    }
    let mut counts = ExemptionCounts::default();
    for (exemption, used) in each.iter() {
        counts.add(stand(exemption, used, &unknown_names(exemption, policies, catalogue), now).state);
    }
    counts
}

/// What each of many exemptions came to.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    of: BTreeMap<ExemptionId, (Arc<Exemption>, Used)>,
}

impl Ledger {
    /// Notes that there is one, whatever it came to.
    pub fn note(&mut self, exemption: &Arc<Exemption>) -> &mut Used {
        let id = exemption.id.clone();
        &mut self.of.entry(id).or_insert_with(|| (Arc::clone(exemption), Used::default())).1
    }

    /// Adds what one came to for a subject: under one policy, or under all.
    pub fn add(&mut self, applied: &Applied, policy: Option<&Text>) {
        self.note(&applied.exemption).add(applied, policy);
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<Exemption>, &Used)> {
        self.of.values().map(|(exemption, used)| (exemption, used))
    }
}
