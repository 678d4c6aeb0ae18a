//! One policy, resolved against the catalogue.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::api::{Enforcement, EventMode, Passed, ProductionPolicy, Remediation, State};
use crate::engine::{Catalogue, Check, InForce, ParamError, Ruleset};
use crate::model::{DeclaredKind, Needs, Text};

use super::attestation::{self, AskError};
use super::custom;
use super::exemption::{Checks, Exemption, ExemptionId, Permits};
use super::grant;
use super::profile::{BuiltIn, NoProfile};
use super::selection::Selection;
use super::set::knows;
use super::standing::{breadth, no_such_check};
use super::{networks, workload_kinds};

/// A policy that can be applied.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its `metadata.uid`; empty offline.
    pub uid: Text,
    /// Its `metadata.generation`; 0 offline.
    pub generation: i64,
    /// Its `metadata.creationTimestamp`: of several policies that would remedy one thing, the oldest does.
    pub created: Option<Timestamp>,
    /// The profile and its version: `Standard/v1.0`.
    pub profile: String,
    /// Whom it covers.
    pub selection: Selection,
    /// What it asks for.
    pub ruleset: Ruleset,
    /// The exemptions that it grants itself.
    pub exemptions: Vec<Arc<Exemption>>,
    /// The names of those that are over-broad.
    pub over_broad: Vec<String>,
    /// Names that checks in force had before, each with the id: exemptions may still say them.
    pub former: Vec<(&'static str, &'static str)>,
    /// What others may exempt from it.
    pub permits: Permits,
    /// What may be made where it is missing.
    pub remediation: Remediation,
    /// The kinds of workloads that it declares.
    pub kinds: Vec<DeclaredKind>,
    /// The objects that its custom checks look at whole.
    pub needs: Needs,
    /// Whether it decides what reports say, or is only tried.
    pub enforced: bool,
    /// Whether reports list what passes.
    pub lists_passed: bool,
    /// Whether a change of a verdict is announced.
    pub announces: bool,
}

impl Policy {
    /// Its name.
    pub fn name(&self) -> &Text {
        &self.ruleset.policy
    }

    /// Whether an exemption is for results of this name, which it may call as they were called before.
    pub fn is_meant(&self, named: &Checks, check: &str) -> bool {
        let before = || self.former.iter().filter(|(_, id)| *id == check);
        named.cover(check) || before().any(|(old, _)| named.cover(old))
    }
}

/// Why a policy, or a part of it, cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Its name cannot be a label's value.
    #[error("metadata.name: '{0}' is longer than 63 characters, and reports carry it as a label; shorten it")]
    Name(String),
    /// There is no such profile version.
    #[error("spec.profile.version: {0}")]
    Profile(#[from] NoProfile),
    /// There is no such check.
    #[error("spec.checks[{index}].name: there is no check '{name}'{}", hint(nearest))]
    Check {
        /// Its place in the list.
        index: usize,
        /// What was written.
        name: String,
        /// What may have been meant.
        nearest: Option<&'static str>,
    },
    /// A check is set twice.
    #[error("spec.checks[{index}].name: '{name}' is set twice; keep one of the settings")]
    Twice {
        /// Its place in the list.
        index: usize,
        /// The check.
        name: String,
    },
    /// Its parameters are not its check's.
    #[error("spec.checks[{index}].{error}")]
    Parameters {
        /// Its place in the list.
        index: usize,
        /// What is wrong.
        error: ParamError,
    },
    /// An exemption makes no sense.
    #[error("spec.exemptions[{index}].{flaw}")]
    Exemption {
        /// Its place in the list.
        index: usize,
        /// What is wrong, with the field.
        flaw: String,
    },
    /// What may be exempt is no check.
    #[error("spec.exemptionPolicy.allowedChecks[{index}]: {unknown}")]
    AllowedCheck {
        /// Its place in the list.
        index: usize,
        /// That it is none.
        unknown: String,
    },
    /// A practice cannot be asked for like this.
    #[error("spec.attestations[{index}].{error}")]
    Practice {
        /// Its place in the list.
        index: usize,
        /// What is wrong.
        error: AskError,
    },
    /// A custom check cannot be run.
    #[error("spec.customChecks[{index}].{field}: {what}")]
    Custom {
        /// Its place in the list.
        index: usize,
        /// The field at fault.
        field: String,
        /// What is wrong; in an expression, with line and column.
        what: String,
    },
    /// A kind of workload is declared without an API group.
    #[error("spec.workloadKinds[{index}].apiVersion: '{api_version}' has no API group; write group/version")]
    KindApiVersion {
        /// Its place in the list.
        index: usize,
        /// What was written.
        api_version: String,
    },
    /// A kind is declared that is known.
    #[error("spec.workloadKinds[{index}].kind: {kind} is known without being declared; take the entry out")]
    KindKnown {
        /// Its place in the list.
        index: usize,
        /// The kind.
        kind: String,
    },
    /// There were too many kinds already.
    #[error(
        "spec.workloadKinds[{index}]: too many kinds were declared since the start; start the controller anew"
    )]
    KindsExhausted {
        /// Its place in the list.
        index: usize,
    },
    /// What it asks of NetworkPolicies makes no sense.
    #[error("spec.remediation.networkPolicies.{0}")]
    Networks(String),
    /// Nothing is asked for.
    #[error(
        "spec.checks: must not be empty when spec.profile.level is None and there are neither attestations nor customChecks"
    )]
    Empty,
}

fn hint(nearest: &Option<&'static str>) -> String {
    let meant = nearest.map(|id| format!("; did you mean '{id}'?"));
    meant.unwrap_or_else(|| "; `seaworthy checks list` shows them all".to_owned())
}

/// Resolves a policy.
///
/// # Errors
/// Everything that is wrong with it, not only the first thing.
pub fn resolve(policy: &ProductionPolicy, catalogue: &Catalogue) -> Result<Policy, Vec<PolicyError>> {
    let ProductionPolicy { metadata, spec, status: _ } = policy;
    let mut errors = Vec::new();
    if metadata.name.chars().count() > 63 {
        errors.push(PolicyError::Name(metadata.name.clone()));
    }
    let profile = BuiltIn::find(spec.profile.level, &spec.profile.version);
    let built_in = profile.as_ref().map_err(Clone::clone).and_then(|profile| profile.checks(catalogue));
    let built_in = built_in.unwrap_or_else(|error| {
        errors.push(error.into());
        Vec::new()
    });
    let mut in_force: BTreeMap<&'static str, InForce> = built_in
        .into_iter()
        .filter_map(|(check, _)| Some((check.id, in_force(check, &BTreeMap::new()).ok()?)))
        .collect();
    let mut seen = BTreeSet::new();
    for (index, setting) in spec.checks.iter().enumerate() {
        let name = setting.name.clone();
        let known = catalogue.get(&setting.name);
        // A check may be written under a name that it had before.
        if !seen.insert(known.map_or(setting.name.as_str(), |check| check.id)) {
            errors.push(PolicyError::Twice { index, name });
            continue;
        }
        let Some(check) = known else {
            let nearest = catalogue.nearest(&setting.name);
            errors.push(PolicyError::Check { index, name, nearest });
            continue;
        };
        if setting.state == State::Disabled {
            in_force.remove(check.id);
            continue;
        }
        let none = BTreeMap::new();
        match self::in_force(check, setting.parameters.as_ref().unwrap_or(&none)) {
            Ok(check) => {
                in_force.insert(check.check.id, InForce { severity: setting.severity, ..check });
            }
            Err(error) => errors.push(PolicyError::Parameters { index, error }),
        }
    }
    let (practices, wrong) = attestation::in_force(&spec.attestations);
    errors.extend(wrong.into_iter().map(|(index, error)| PolicyError::Practice { index, error }));
    let kinds = workload_kinds::kinds(&spec.workload_kinds, &mut errors);
    errors.extend(networks::flaws(&spec.remediation.network_policies).into_iter().map(PolicyError::Networks));
    let (custom, mut needs) =
        custom::resolve(&spec.custom_checks, &spec.workload_kinds, &kinds, catalogue, &mut errors);
    if networks::asks(&spec.remediation.network_policies) {
        needs.add_callbacks();
    }
    if in_force.is_empty() && practices.is_empty() && custom.is_empty() && errors.is_empty() {
        errors.push(PolicyError::Empty);
    }
    let mut checks: Vec<InForce> = in_force.into_values().chain(practices).chain(custom).collect();
    checks.sort_by(|a, b| called(a).cmp(called(b)));
    let name = Text::new(&metadata.name);
    let exemptions = exemptions(policy, &name, &checks, catalogue, &mut errors);
    let former = checks.iter().flat_map(|c| catalogue.names(c.check).skip(1).map(|old| (old, c.check.id)));
    let former: Vec<_> = former.collect();
    let (true, Ok(profile)) = (errors.is_empty(), profile) else { return Err(errors) };
    Ok(Policy {
        uid: Text::new(&metadata.uid),
        generation: metadata.generation,
        created: metadata.creation_timestamp,
        profile: profile.to_string(),
        selection: Selection::from(&spec.match_),
        ruleset: Ruleset { policy: name.clone(), threshold: spec.compliance_threshold, checks },
        over_broad: over_broad(&exemptions, catalogue),
        remediation: spec.remediation.clone(),
        exemptions,
        former,
        permits: Permits::new(&name, &spec.exemption_policy, catalogue),
        kinds,
        enforced: spec.enforcement == Enforcement::Enforced,
        needs,
        lists_passed: spec.reporting.passed == Passed::Include,
        announces: spec.reporting.events == EventMode::OnTransition,
    })
}

fn over_broad(exemptions: &[Arc<Exemption>], catalogue: &Catalogue) -> Vec<String> {
    let names = exemptions.iter().filter_map(|exemption| match &exemption.id {
        ExemptionId::Entry { name, .. } if breadth(exemption, catalogue).is_some() => Some(name.to_string()),
        _ => None,
    });
    names.collect()
}

/// The exemptions that a policy grants, and what is wrong with them and with what it permits to others.
fn exemptions(
    policy: &ProductionPolicy,
    name: &Text,
    checks: &[InForce],
    catalogue: &Catalogue,
    errors: &mut Vec<PolicyError>,
) -> Vec<Arc<Exemption>> {
    let unknown =
        |check: &str| (!knows(catalogue, check, checks.iter())).then(|| no_such_check(catalogue, check));
    let mut granted: Vec<Arc<Exemption>> = Vec::new();
    for (index, entry) in policy.spec.exemptions.iter().enumerate() {
        let (exemption, mut flaws) = grant::of_entry(name, entry);
        if granted.iter().any(|other| other.id == exemption.id) {
            flaws.push(format!("name: '{}' is taken by another exemption", entry.name));
        }
        if let Checks::Named(names) = &exemption.checks {
            let unknown = names.iter().enumerate().filter_map(|(at, name)| Some((at, unknown(name)?)));
            flaws.extend(unknown.map(|(at, unknown)| format!("checks[{at}]: {unknown}")));
        }
        errors.extend(flaws.into_iter().map(|flaw| PolicyError::Exemption { index, flaw }));
        granted.push(Arc::new(exemption));
    }
    let allowed = policy.spec.exemption_policy.allowed_checks.iter().flatten().enumerate();
    errors.extend(
        allowed
            .filter_map(|(index, name)| Some(PolicyError::AllowedCheck { index, unknown: unknown(name)? })),
    );
    granted
}

/// What results call it.
fn called(in_force: &InForce) -> &str {
    in_force.name.as_ref().map_or(in_force.check.id, Text::as_str)
}

fn in_force(
    check: &'static Check,
    given: &BTreeMap<String, serde_json::Value>,
) -> Result<InForce, ParamError> {
    Ok(InForce { check, name: None, severity: None, params: check.rule.parse(given)? })
}
