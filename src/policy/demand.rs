//! What the policies that cover a subject ask of it together, check by check: who asks, how strictly, how it counts.
//!
//! Pure. Not its job: which policies cover the subject (`set`), or whether it does what is asked (`engine`).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::api::Severity;
use crate::engine::{Check, Definition, InForce, Scope};
use crate::model::SubjectKey;

use super::resolve::Policy;

/// A check that at least one policy asks for.
#[derive(Clone, Debug)]
pub struct Demand<'p> {
    /// What results call it.
    pub name: &'p str,
    /// The check.
    pub check: &'static Check,
    /// The policies that ask for it, by name.
    pub asking: Vec<Asking<'p>>,
}

/// How one policy asks for a check.
#[derive(Clone, Debug)]
pub struct Asking<'p> {
    /// The policy.
    pub policy: &'p Policy,
    /// The severity that it gives to a failure, or else the check's own.
    pub severity: Severity,
    /// Whether it is the policy that says so.
    pub overrides_severity: bool,
    /// The parameters that differ from the check's defaults.
    pub parameters: Map<String, Value>,
    /// What the policy says in the place of the check, where the parameters are what defines it.
    pub definition: Option<Definition>,
}

impl Asking<'_> {
    /// Whether a failure of this severity makes the subject non-compliant under the policy.
    pub fn counts(&self) -> bool {
        self.severity >= self.policy.ruleset.threshold
    }
}

impl Demand<'_> {
    /// The requirement, in one line.
    pub fn title(&self) -> &str {
        let defined = self.asking.iter().find_map(|asking| asking.definition.as_ref());
        defined.map_or(self.check.title, |definition| &definition.title)
    }

    /// The severity in force: the highest that any policy asks for.
    pub fn severity(&self) -> Severity {
        self.asking.iter().map(|asking| asking.severity).max().unwrap_or(self.check.severity)
    }
}

/// What the policies ask of a subject, by name of the check.
pub fn demands<'p>(policies: &[&'p Policy], key: &SubjectKey) -> Vec<Demand<'p>> {
    let scope = match key {
        SubjectKey::Namespace(_) => Scope::Namespace,
        SubjectKey::Workload(_) => Scope::Workload,
    };
    let mut demands: BTreeMap<&str, Demand<'_>> = BTreeMap::new();
    for policy in policies {
        let judging = |c: &&InForce| c.check.rule.judges_with(scope, &c.params);
        for in_force in policy.ruleset.checks.iter().filter(judging) {
            let check = in_force.check;
            let name = in_force.name();
            let demand = demands.entry(name).or_insert(Demand { name, check, asking: Vec::new() });
            demand.asking.push(Asking {
                policy,
                severity: in_force.severity.unwrap_or(check.severity),
                overrides_severity: in_force.severity.is_some(),
                parameters: tuned(in_force),
                definition: check.rule.defined_by(&in_force.params),
            });
        }
    }
    demands.into_values().collect()
}

/// The parameters that differ from the defaults.
fn tuned(in_force: &InForce) -> Map<String, Value> {
    let object = |json: &str| serde_json::from_str::<Map<String, Value>>(json).unwrap_or_default();
    let default = in_force.check.rule.parse(&BTreeMap::new());
    let default = default.map(|params| object(params.as_json())).unwrap_or_default();
    let mut given = object(in_force.params.as_json());
    given.retain(|name, value| default.get(name) != Some(value));
    given
}
