//! One policy, resolved against the catalogue.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::api::{EventMode, Passed, ProductionPolicy, Remediation, State};
use crate::engine::{Catalogue, Check, InForce, ParamError, Ruleset};
use crate::model::Text;

use super::profile;
use super::selection::Selection;

/// A policy that can be applied.
#[derive(Clone, Debug)]
pub struct Policy {
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
    /// What may be made where it is missing.
    pub remediation: Remediation,
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
}

/// Why a policy, or a part of it, cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Its name cannot be a label's value.
    #[error("metadata.name: '{0}' is longer than 63 characters, and reports carry it as a label; shorten it")]
    Name(String),
    /// There is no such profile version.
    #[error("spec.profile.version: there is no version '{version}'; use latest or one of {known}")]
    Version {
        /// What was written.
        version: String,
        /// What there is.
        known: String,
    },
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
    /// Nothing is asked for.
    #[error("spec.checks: must not be empty when spec.profile.level is None")]
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
    let version = profile::version(&spec.profile.version);
    if version.is_none() {
        let known = profile::VERSIONS.join(", ");
        errors.push(PolicyError::Version { version: spec.profile.version.clone(), known });
    }
    let mut in_force: BTreeMap<&'static str, InForce> = profile::checks(catalogue, spec.profile.level)
        .filter_map(|check| Some((check.id, in_force(check, &BTreeMap::new()).ok()?)))
        .collect();
    let mut seen = Vec::new();
    for (index, setting) in spec.checks.iter().enumerate() {
        let name = setting.name.clone();
        if seen.contains(&&setting.name) {
            errors.push(PolicyError::Twice { index, name });
            continue;
        }
        seen.push(&setting.name);
        let Some(check) = catalogue.get(&setting.name) else {
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
    if in_force.is_empty() && errors.is_empty() {
        errors.push(PolicyError::Empty);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Policy {
        generation: metadata.generation,
        created: metadata.creation_timestamp,
        profile: format!("{}/{}", spec.profile.level.as_str(), version.unwrap_or(profile::LATEST)),
        selection: Selection::from(&spec.match_),
        ruleset: Ruleset {
            policy: Text::new(&metadata.name),
            threshold: spec.compliance_threshold,
            checks: catalogue.iter().filter_map(|check| in_force.remove(check.id)).collect(),
        },
        remediation: spec.remediation.clone(),
        lists_passed: spec.reporting.passed == Passed::Include,
        announces: spec.reporting.events == EventMode::OnTransition,
    })
}

fn in_force(
    check: &'static Check,
    given: &BTreeMap<String, serde_json::Value>,
) -> Result<InForce, ParamError> {
    Ok(InForce { check, severity: None, params: check.rule.parse(given)? })
}
