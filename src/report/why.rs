//! One check on one subject: what it says, who asks for it, and what it would say if nobody does.
//!
//! Pure. Not its job: what the page of the check says (`engine::Page`), or how it is shown (`output`).

use jiff::Timestamp;

use crate::api::ResultWord;
use crate::engine::{Catalogue, Check, InForce, Outcome, Ruleset, evaluate};
use crate::model::{Inventory, SubjectKey};
use crate::policy::{Demand, PolicySet, demands};

use super::audit::judge;

/// What a check says about a subject.
#[derive(Debug)]
pub struct Why<'p> {
    /// What results call the check.
    pub name: String,
    /// The check.
    pub check: &'static Check,
    /// Who asks for it; `None` where no policy that covers the subject does.
    pub demand: Option<Demand<'p>>,
    /// What it says, or would say if a policy asked for it; what keeps the subject from being judged at all, if that
    /// is so. Empty where the check does not judge subjects of this sort.
    pub outcomes: Vec<Outcome>,
}

impl Why<'_> {
    /// Whether a policy asks for it and it fails.
    pub fn fails(&self) -> bool {
        self.demand.is_some() && self.outcomes.iter().any(|outcome| outcome.result == ResultWord::Fail)
    }
}

/// The id that is meant by a check's name, or that of a check of a policy's own.
///
/// # Errors
/// The nearest name, if there is one near.
pub fn check_named(
    name: &str,
    policies: &PolicySet,
    catalogue: &Catalogue,
) -> Result<(String, &'static Check), Option<String>> {
    if let Some(check) = catalogue.get(name) {
        return Ok((check.id.to_owned(), check));
    }
    let asked_for = || policies.iter().flat_map(|policy| &policy.ruleset.checks);
    let own = || asked_for().filter_map(|asked| Some((asked.name.as_ref()?.to_string(), asked.check)));
    match own().find(|(own, _)| own == name) {
        Some(found) => Ok(found),
        None => Err(catalogue.nearest(name).map(str::to_owned)),
    }
}

/// What a check says about a subject; `None` when the subject is not there.
pub fn why<'p>(
    inventory: &Inventory,
    policies: &'p PolicySet,
    key: &SubjectKey,
    (name, check): (&str, &'static Check),
    now: Timestamp,
) -> Option<Why<'p>> {
    let covering = policies.covering(inventory, key);
    let demand = demands(&covering, key).into_iter().find(|demand| demand.name == name);
    let evaluation = match &demand {
        Some(_) => judge(inventory, policies, key, now)?.evaluation,
        None => {
            let params = check.rule.parse(&std::collections::BTreeMap::new()).ok()?;
            let asked = InForce { check, name: None, severity: None, params };
            let threshold = check.severity;
            let ruleset = Ruleset { policy: "".into(), threshold, checks: vec![asked] };
            evaluate(inventory, key, &[&ruleset], now)?
        }
    };
    let mut outcomes = evaluation.outcomes;
    // What cannot be read has one outcome, in place of all.
    if outcomes.iter().any(|outcome| outcome.check == name) {
        outcomes.retain(|outcome| outcome.check == name);
    } else if evaluation.checks > 1 {
        outcomes.clear();
    }
    Some(Why { name: name.to_owned(), check, demand, outcomes })
}
