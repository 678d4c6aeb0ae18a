//! One check on one subject: what it says, who asks for it, and what it would say if nobody does.
//!
//! Pure. Not its job: what the page of the check says (`engine::Page`), or how it is shown (`output`).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::api::ResultWord;
use crate::engine::{Catalogue, Check, Definition, InForce, Outcome, Ruleset, evaluate};
use crate::model::{Inventory, SubjectKey};
use crate::policy::{Demand, PolicySet, demands};

use super::audit::judge;

/// A check, by the name that results have.
#[derive(Clone, Debug)]
pub struct Named {
    /// What results call it.
    pub name: String,
    /// The check as somebody asks for it, and with its defaults where nobody has to.
    in_force: InForce,
}

/// What a check says about a subject.
#[derive(Debug)]
pub struct Why<'p> {
    /// What results call it.
    pub name: String,
    /// Who asks for it; `None` where no policy that covers the subject does.
    pub demand: Option<Demand<'p>>,
    /// What it says, or would say if a policy asked for it; what keeps the subject from being judged at all, if that
    /// is so. Empty where the check does not judge subjects of this sort.
    pub outcomes: Vec<Outcome>,
    asked: InForce,
}

impl Why<'_> {
    /// Whether a policy asks for it and it fails.
    pub fn fails(&self) -> bool {
        self.demand.is_some() && self.outcomes.iter().any(|outcome| outcome.result == ResultWord::Fail)
    }

    /// The requirement, in one line.
    pub fn title(&self) -> String {
        match &self.demand {
            Some(demand) => demand.title().to_owned(),
            None => defined_by(&self.asked).map_or(self.asked.check.title.to_owned(), |own| own.title),
        }
    }

    /// What to do about it: what the page of the check says, or each policy that defines it.
    pub fn how_to_fix(&self) -> String {
        let mut each: Vec<(String, Vec<&str>)> = Vec::new();
        for asking in self.demand.iter().flat_map(|demand| &demand.asking) {
            let Some(definition) = &asking.definition else { continue };
            match each.iter_mut().find(|(text, _)| *text == definition.how_to_fix) {
                Some((_, policies)) => policies.push(asking.policy.name()),
                None => each.push((definition.how_to_fix.clone(), vec![asking.policy.name()])),
            }
        }
        let of_policies =
            |(text, policies): (String, Vec<&str>)| format!("For {}: {text}", policies.join(", "));
        match each.len() {
            0 => defined_by(&self.asked).map_or_else(
                || self.asked.check.page().section("How to fix it").to_owned(),
                |definition| definition.how_to_fix,
            ),
            1 => each.into_iter().map(|(text, _)| text).collect(),
            _ => each.into_iter().map(of_policies).collect::<Vec<_>>().join("\n\n"),
        }
    }
}

fn defined_by(in_force: &InForce) -> Option<Definition> {
    in_force.check.rule.defined_by(&in_force.params)
}

/// The check that is meant by a name: one of the catalogue, or one of a policy's own.
///
/// # Errors
/// The nearest name, if there is one near.
pub fn check_named(name: &str, policies: &PolicySet, catalogue: &Catalogue) -> Result<Named, Option<String>> {
    let defaults = |check: &'static Check| {
        let params = check.rule.parse(&BTreeMap::new()).ok()?;
        Some(Named {
            name: check.id.to_owned(),
            in_force: InForce { check, name: None, severity: None, params },
        })
    };
    if let Some(named) = catalogue.get(name).and_then(defaults) {
        return Ok(named);
    }
    let asked_for = || policies.iter().flat_map(|policy| &policy.ruleset.checks);
    if let Some(in_force) = asked_for().find(|in_force| in_force.name() == name) {
        return Ok(Named { name: name.to_owned(), in_force: in_force.clone() });
    }
    let own = asked_for().filter_map(|in_force| in_force.name.as_deref());
    let near = own.map(|own| (strsim::osa_distance(name, own), own));
    let near = near.filter(|(distance, _)| *distance <= 1 + name.len() / 4).min();
    Err(near.map(|(_, own)| own).or_else(|| catalogue.nearest(name)).map(str::to_owned))
}

/// What a check says about a subject; `None` when the subject is not there.
pub fn why<'p>(
    inventory: &Inventory,
    policies: &'p PolicySet,
    key: &SubjectKey,
    named: &Named,
    now: Timestamp,
) -> Option<Why<'p>> {
    let covering = policies.covering(inventory, key);
    let name = named.name.as_str();
    let demand = demands(&covering, key).into_iter().find(|demand| demand.name == name);
    let evaluation = match &demand {
        Some(_) => judge(inventory, policies, key, now)?.evaluation,
        None => {
            let threshold = named.in_force.check.severity;
            let ruleset = Ruleset { policy: "".into(), threshold, checks: vec![named.in_force.clone()] };
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
    Some(Why { name: name.to_owned(), demand, outcomes, asked: named.in_force.clone() })
}
