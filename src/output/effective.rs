//! Which policy asks what of a subject, for people and machines.
//!
//! Not its job: who covers it (`policy`), or where things stand in files (`cli`).

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::api::{Remediation, RemediationMode, Severity};

use super::terminal::{Style, clean};

/// A subject, and where it stands.
#[derive(Debug, Serialize)]
pub struct SubjectHead {
    /// Its kind.
    pub kind: String,
    /// Its namespace; empty for a namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl SubjectHead {
    /// The line that names it.
    pub(super) fn line(&self) -> String {
        let (kind, name) = (clean(&self.kind), clean(&self.name));
        let title = match self.namespace.as_str() {
            "" => format!("{kind} {name}"),
            namespace => format!("{kind} {}/{name}", clean(namespace)),
        };
        let place = self.place.as_ref().map(|place| Style::Dim.paint(format_args!("  {}", clean(place))));
        format!("{}{}", Style::Heading.paint(title), place.unwrap_or_default())
    }
}

/// What policies ask of a subject; as JSON it is just this.
#[derive(Debug, Serialize)]
pub struct Effective {
    /// The subject.
    #[serde(flatten)]
    pub subject: SubjectHead,
    /// Every policy.
    pub policies: Vec<PolicyStanding>,
    /// The checks in force, worst first.
    pub checks: Vec<CheckDemand>,
}

/// A policy, and whether it covers the subject.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyStanding {
    /// Its name.
    pub name: String,
    /// Its profile.
    pub profile: String,
    /// The lowest severity whose failures make the subject non-compliant.
    pub compliance_threshold: Severity,
    /// What it lets be made where it is missing, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
    /// Why it does not cover the subject; it does where this is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_covered_because: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A check in force.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckDemand {
    /// What results call it.
    pub check: String,
    /// The requirement.
    pub title: String,
    /// The severity in force.
    pub severity: Severity,
    /// Who asks for it.
    pub asked_by: Vec<Asked>,
}

/// How a policy asks for a check.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The policy.
    pub policy: String,
    /// The severity, where the policy says so itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The parameters that differ from the check's defaults.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub parameters: Map<String, Value>,
    /// The whole of it, where the check is the policy's own.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub definition: Map<String, Value>,
    /// The policy's threshold.
    pub compliance_threshold: Severity,
    /// Whether a failure makes the subject non-compliant under the policy.
    pub decides_compliance: bool,
}

impl Asked {
    /// What of it is not as everywhere else.
    pub(super) fn line(&self) -> String {
        let mut line = clean(&self.policy).into_owned();
        if let Some(severity) = self.severity {
            let _ = write!(line, ", severity {severity}");
        }
        if !self.parameters.is_empty() {
            let written = Value::Object(self.parameters.clone()).to_string();
            let _ = write!(line, ", parameters {}", clean(&written));
        }
        if !self.decides_compliance {
            let _ = write!(line, ", below its threshold {}", self.compliance_threshold);
        }
        line
    }
}

/// What may be made where it is missing.
fn remedies(Remediation { pod_disruption_budgets, network_policies }: &Remediation) -> String {
    let each =
        [("PodDisruptionBudgets", pod_disruption_budgets.mode), ("NetworkPolicies", network_policies.mode)];
    let said = each.into_iter().filter_map(|(plural, mode)| {
        let mode = match mode {
            RemediationMode::Disabled => return None,
            RemediationMode::DryRun => "would be made (DryRun)",
            RemediationMode::Enabled => "are made",
        };
        Some(format!(", missing {plural} {mode}"))
    });
    said.collect()
}

/// The policies and checks for people.
pub fn effective(view: &Effective) -> String {
    let Effective { subject, policies, checks } = view;
    let mut out = format!("{}\n", subject.line());
    let widest = policies.iter().map(|policy| policy.name.chars().count()).max().unwrap_or(0);
    let (covering, others): (Vec<_>, Vec<_>) =
        policies.iter().partition(|policy| policy.not_covered_because.is_none());
    let mut section = |title: &str, policies: &[&PolicyStanding]| {
        if policies.is_empty() {
            return;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(out, "\n{title}");
        for policy in policies {
            let what = match &policy.not_covered_because {
                Some(why) => clean(why).into_owned(),
                None => {
                    let remedies = policy.remediation.as_ref().map(remedies).unwrap_or_default();
                    format!("profile {}, threshold {}{remedies}", policy.profile, policy.compliance_threshold)
                }
            };
            let place = policy.place.as_ref().map(|p| Style::Dim.paint(format_args!("  {}", clean(p))));
            let _ = writeln!(out, "  {:<widest$}  {what}{}", clean(&policy.name), place.unwrap_or_default());
        }
    };
    section("Covered by", &covering);
    section("Not covered by", &others);
    if checks.is_empty() {
        out.push_str("\nNo check is in force.\n");
        return out;
    }
    let _ = writeln!(out, "\n{} checks in force", checks.len());
    let widest = checks.iter().map(|check| check.check.len()).max().unwrap_or(0);
    for CheckDemand { check, severity, asked_by, .. } in checks {
        let word = severity.as_str().to_lowercase();
        let word = Style::Severity(*severity).paint(format_args!("{word:<8}"));
        let asked: Vec<String> = asked_by.iter().map(Asked::line).collect();
        let _ = writeln!(out, "  {word}  {:<widest$}  {}", clean(check), asked.join("; "));
    }
    out
}
