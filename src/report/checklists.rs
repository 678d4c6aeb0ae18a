//! The published checklists, item by item, with what was found: for people who have one of them on the wall.
//!
//! Not its job: printing (`output`), or which check answers for which item (`Check::sources`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use rayon::prelude::*;
use serde::Serialize;

use crate::api::{ATTESTATION_PREFIX, ResultWord};
use crate::data::{Item, Practice, checklist_items, practices};
use crate::engine::{Catalogue, Check};
use crate::model::Inventory;
use crate::policy::PolicySet;

use super::audit::judge;

/// How an item, or a check that answers for it, stands. The worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum ItemState {
    /// Something fails.
    Fail,
    /// Nothing fails, and something cannot be known.
    Unknown,
    /// Something is exempt that would fail, and all else is well.
    Exempt,
    /// All is well.
    Pass,
    /// There is nothing that it concerns.
    NotApplicable,
    /// No policy asks for it.
    NotAskedFor,
}

/// A check or a practice that answers for an item.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Answer {
    /// The check, or the practice.
    pub name: &'static str,
    /// How it stands over all subjects.
    pub state: ItemState,
    /// How many subjects fail it.
    pub failing: usize,
}

/// An item, with how it stands.
#[derive(Clone, Debug)]
pub struct ItemAnswer {
    /// The item.
    pub item: Item,
    /// The worst of its answers.
    pub state: ItemState,
    /// The checks that answer for it, in the catalogue's order.
    pub checks: Vec<Answer>,
    /// The practices that answer for it; only a policy can ask for one.
    pub practices: Vec<Answer>,
}

/// Every item of every list, as it stands for what is covered.
pub fn checklists(
    inventory: &Inventory,
    policies: &PolicySet,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Vec<ItemAnswer> {
    let subjects: Vec<_> = inventory.subjects().into_iter().collect();
    let judged = subjects.par_iter().filter_map(|key| Some(judge(inventory, policies, key, now)?.evaluation));
    let of_each: Vec<BTreeMap<String, ItemState>> = judged
        .map(|evaluation| {
            let mut worst = BTreeMap::new();
            for outcome in evaluation.outcomes {
                let state = state_of(outcome.result);
                let known = worst.entry(outcome.check.into_owned()).or_insert(state);
                *known = state.min(*known);
            }
            worst
        })
        .collect();
    let answer = |name: &'static str, result: &str| {
        let states = || of_each.iter().filter_map(|worst| worst.get(result).copied());
        Answer {
            name,
            state: states().min().unwrap_or(ItemState::NotAskedFor),
            failing: states().filter(|state| *state == ItemState::Fail).count(),
        }
    };
    let answers: Vec<(&Check, Answer)> =
        catalogue.iter().map(|check| (check, answer(check.id, check.id))).collect();
    let attested = |practice: Practice| {
        let answer = answer(practice.name, &format!("{ATTESTATION_PREFIX}{}", practice.name));
        (practice, answer)
    };
    let practices: Vec<(Practice, Answer)> = practices().map(attested).collect();
    let of_item = |item: Item| {
        let ours = answers.iter().filter(|(check, _)| check.sources.contains(&item.id));
        let checks: Vec<Answer> = ours.map(|(_, answer)| *answer).collect();
        let attested = practices.iter().filter(|(practice, _)| practice.items.contains(&item.id));
        let practices: Vec<Answer> = attested.map(|(_, answer)| *answer).collect();
        let states = checks.iter().chain(&practices).map(|answer| answer.state);
        ItemAnswer { item, state: states.min().unwrap_or(ItemState::NotAskedFor), checks, practices }
    };
    checklist_items().map(of_item).collect()
}

fn state_of(result: ResultWord) -> ItemState {
    match result {
        ResultWord::Fail => ItemState::Fail,
        ResultWord::Unknown => ItemState::Unknown,
        ResultWord::Exempt => ItemState::Exempt,
        ResultWord::Pass => ItemState::Pass,
        ResultWord::NotApplicable => ItemState::NotApplicable,
    }
}
