//! What is well written in a policy or an exemption and can never have an effect. Only what is certain is said.
//!
//! Not its job: what is written wrongly (`validate`), or what an exemption comes to where it can (`standing`).

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::api::{ComplianceExemption, Match, ProductionPolicy};
use crate::engine::{Catalogue, InForce, Scope, selector};
use crate::model::{Operator, Requirement, Selector, Text};

use super::exemption::{Checks, Exemption, NAMESPACE_NAME, Refusal, Standing, Whom, decide};
use super::resolve::Policy;
use super::set::knows;
use super::standing::no_such_check;
use super::validate::Flaw;

const INVALID: &str = "has a key or a value that no label can have, so it selects nothing";

/// Of the selectors of a policy and of its exemptions.
pub(super) fn of_selectors(policy: &ProductionPolicy) -> Vec<Flaw> {
    let Match { namespace_selector, object_selector, exclude_namespaces } = &policy.spec.match_;
    let mut flaws = Vec::new();
    let mut useless = |field: String, why: String| flaws.push(Flaw::new(&field, why));
    let named = named_but(exclude_namespaces);
    let namespaces = [&named, &selector(namespace_selector)];
    let objects = object_selector.as_ref().map(selector).unwrap_or_default();
    if namespaces[1].is_invalid() {
        useless("spec.match.namespaceSelector".to_owned(), INVALID.to_owned());
    } else if !Selector::can_meet(&namespaces) {
        let but = if exclude_namespaces.is_empty() { "" } else { " but those of excludeNamespaces" };
        let why = format!("asks for labels that no namespace{but} can have, so it selects nothing");
        useless("spec.match.namespaceSelector".to_owned(), why);
    }
    if objects.is_invalid() {
        useless("spec.match.objectSelector".to_owned(), INVALID.to_owned());
    } else if !Selector::can_meet(&[&objects]) {
        let why = "asks for labels that nothing can have, so it selects nothing";
        useless("spec.match.objectSelector".to_owned(), why.to_owned());
    }
    for (at, entry) in policy.spec.exemptions.iter().enumerate() {
        let mut narrows = |field: &str, own: Option<Selector>, covered: &[&Selector], what: &str| {
            let field = format!("spec.exemptions[{at}].{field}");
            match own {
                Some(own) if own.is_invalid() => useless(field, INVALID.to_owned()),
                Some(own) if Selector::can_meet(covered) => {
                    let all: Vec<&Selector> = covered.iter().copied().chain([&own]).collect();
                    if !Selector::can_meet(&all) {
                        useless(field, format!("selects no {what} that the policy covers (spec.match)"));
                    }
                }
                _ => {}
            }
        };
        let own = entry.namespace_selector.as_ref().map(selector);
        narrows("namespaceSelector", own, &namespaces, "namespace");
        narrows("objectSelector", entry.object_selector.as_ref().map(selector), &[&objects], "workload");
    }
    flaws
}

/// What every namespace is that is not one of these: it has a label of its name.
fn named_but(excluded: &[String]) -> Selector {
    let of = |operator, values| Requirement { key: Text::new(NAMESPACE_NAME), operator, values };
    let mut match_expressions = vec![of(Operator::Exists, Vec::new())];
    if !excluded.is_empty() {
        match_expressions.push(of(Operator::NotIn, excluded.iter().map(|name| Text::new(name)).collect()));
    }
    Selector { match_expressions, ..Selector::default() }
}

/// Of the exemptions that a policy grants from itself.
pub(super) fn of_entries(policy: &Policy, now: Timestamp) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let reach: Vec<_> = policy.exemptions.iter().map(|entry| meant(policy, &entry.checks)).collect();
    let mut alive = Vec::new();
    for (at, (entry, meant)) in policy.exemptions.iter().zip(&reach).enumerate() {
        let mut flaw = |field: &str, why: String| {
            flaws.push(Flaw::new(&format!("spec.exemptions[{at}].{field}"), why));
        };
        let unasked = unasked(policy, &entry.checks);
        for (index, name) in &unasked {
            let why = format!("the policy does not ask for '{name}', so there is nothing to exempt");
            flaw(&format!("checks[{index}]"), why);
        }
        if let Some(why) = ended(entry, now) {
            flaw("expirationTime", why);
        } else if selects_workloads(entry) && !meant.is_empty() && !judge_workloads(policy, meant) {
            let why = "selects workloads, and its checks judge namespaces only, so it exempts nothing";
            flaw("objectSelector", why.to_owned());
        } else if unasked.is_empty() {
            alive.push(Entry { at, exemption: entry, meant });
        }
    }
    for entry in &alive {
        // Of two that are the same, it is the later.
        let wider = |other: &&Entry<'_>| {
            other.at != entry.at && other.covers(entry) && (entry.at > other.at || !entry.covers(other))
        };
        if let Some(other) = alive.iter().find(wider) {
            let why = "exempts all that this does, and for as long; one of them is enough";
            let field = format!("spec.exemptions[{}]", entry.at);
            flaws.push(Flaw::new(&field, format!("{} {why}", other.exemption.id)));
        }
    }
    flaws
}

/// An exemption of a policy that can have an effect.
struct Entry<'p> {
    at: usize,
    exemption: &'p Exemption,
    meant: &'p BTreeSet<&'p str>,
}

impl Entry<'_> {
    /// Whether it exempts all that the other does, for as long.
    fn covers(&self, other: &Self) -> bool {
        let end = |entry: &Self| entry.exemption.until.unwrap_or(Timestamp::MAX);
        let within = |own: &Option<Selector>, wide: &Option<Selector>| match (own, wide) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(wide)) => own.is_within(wide),
        };
        let for_them = match (&other.exemption.whom, &self.exemption.whom) {
            (
                Whom::Covered { namespaces, workloads },
                Whom::Covered { namespaces: wide_namespaces, workloads: wide_workloads },
            ) => within(namespaces, wide_namespaces) && within(workloads, wide_workloads),
            _ => false,
        };
        end(other) <= end(self) && for_them && other.meant.is_subset(self.meant)
    }
}

fn ended(exemption: &Exemption, now: Timestamp) -> Option<String> {
    let until = exemption.until.filter(|until| *until <= now)?;
    Some(format!("the exemption ended at {until}; take it out, or set a later end"))
}

/// The names of the results that some checks mean.
fn meant<'p>(policy: &'p Policy, checks: &Checks) -> BTreeSet<&'p str> {
    policy.ruleset.checks.iter().map(InForce::name).filter(|name| policy.is_meant(checks, name)).collect()
}

/// Those of some names, with their places, that the policy does not ask for.
fn unasked<'c>(policy: &Policy, checks: &'c Checks) -> Vec<(usize, &'c Text)> {
    let Checks::Named(names) = checks else { return Vec::new() };
    let alone = |name: &Text| Checks::Named(vec![name.clone()]);
    names.iter().enumerate().filter(|(_, name)| meant(policy, &alone(name)).is_empty()).collect()
}

fn selects_workloads(exemption: &Exemption) -> bool {
    matches!(exemption.whom, Whom::Workloads(..) | Whom::Covered { workloads: Some(_), .. })
}

fn judge_workloads(policy: &Policy, names: &BTreeSet<&str>) -> bool {
    let named = policy.ruleset.checks.iter().filter(|in_force| names.contains(in_force.name()));
    named.into_iter().any(|c| c.check.rule.judges_with(Scope::Workload, &c.params))
}

/// Of a ComplianceExemption, by itself and beside the policies of the same input, if there are any.
pub(super) fn of_object(
    object: &ComplianceExemption,
    exemption: &Exemption,
    policies: &[Policy],
    catalogue: &Catalogue,
    now: Timestamp,
) -> Vec<Flaw> {
    if let Some(why) = ended(exemption, now) {
        return vec![Flaw::new("spec.expirationTime", why)];
    }
    let in_force = || policies.iter().flat_map(|policy| &policy.ruleset.checks);
    let unknown = |name: &str| {
        // Where no policy is seen, a name may be that of a custom check; one that is nearly another's hardly is.
        let is_sure = !policies.is_empty() || catalogue.nearest(name).is_some();
        (is_sure && !knows(catalogue, name, in_force())).then(|| no_such_check(catalogue, name))
    };
    let names = object.spec.checks.iter().enumerate().filter(|(_, name)| **name != "*");
    let unknown: Vec<Flaw> = names
        .filter_map(|(at, name)| Some(Flaw::new(&format!("spec.checks[{at}]"), unknown(name)?)))
        .collect();
    if !unknown.is_empty() {
        return unknown;
    }
    let namespace = Text::new(&object.metadata.namespace);
    let covering: Vec<_> =
        policies.iter().filter(|policy| policy.selection.can_cover_namespace(&namespace)).collect();
    let mut refused: Option<Refusal> = None;
    for policy in &covering {
        for name in meant(policy, &exemption.checks) {
            match decide(exemption, &policy.permits, name, now).standing {
                Standing::InForce | Standing::Pending(_) => return Vec::new(),
                Standing::Refused(why) => refused = refused.or(Some(why)),
                Standing::Expired => {}
            }
        }
    }
    let flaw = match refused {
        None if covering.is_empty() => return Vec::new(),
        None => {
            let why = "no policy beside it asks for what it is for, so it exempts nothing";
            Flaw::new("spec.checks", why.to_owned())
        }
        Some(why) => {
            let field = match &why {
                Refusal::Endless { .. } => "spec",
                Refusal::TooLong { .. } => "spec.expirationTime",
                _ => "spec.checks",
            };
            Flaw::new(field, format!("it can exempt nothing: {why}"))
        }
    };
    vec![flaw]
}
