//! What a change of policies would change, for people and machines.
//!
//! Not its job: what that is (`report`), or where things stand in files (`cli`).

use std::fmt::Write;

use jiff::Timestamp;
use serde::Serialize;

use crate::api::{PreviewCheck, Severity};

use super::effective::SubjectHead;
use super::terminal::{Style, clean};

/// What a change of policies would change; as JSON it is just this.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffView {
    /// What would newly fail.
    pub newly_failing: ChangesView,
    /// What would no longer fail.
    pub no_longer_failing: ChangesView,
}

/// One direction of the change, in the numbers that the status of a previewed policy has.
#[derive(Debug, Serialize)]
pub struct ChangesView {
    /// How many workloads would change their verdict.
    pub workloads: i32,
    /// How many namespaces would.
    pub namespaces: i32,
    /// On how many subjects each check changes, the most first.
    pub checks: Vec<PreviewCheck>,
    /// Each subject.
    pub subjects: Vec<SubjectChange>,
}

/// What changes for one subject.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectChange {
    /// The subject.
    #[serde(flatten)]
    pub subject: SubjectHead,
    /// Whether its verdict changes, and not only what it fails for.
    pub verdict_changes: bool,
    /// What fails on the one side only.
    pub findings: Vec<FindingView>,
}

/// A failure.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    /// The check.
    pub check: String,
    /// How bad it is.
    pub severity: Severity,
    /// Why.
    pub message: String,
    /// Where the field at fault stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The exemption by which it is exempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exemption: Option<String>,
    /// Why that was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt_reason: Option<String>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt_until: Option<Timestamp>,
}

/// The change for people.
pub fn policy_diff(view: &DiffView) -> String {
    let mut out = String::new();
    let DiffView { newly_failing, no_longer_failing } = view;
    direction(
        &mut out,
        newly_failing,
        ["would newly fail", "newly not ready", "already not ready, for less"],
    );
    out.push('\n');
    direction(
        &mut out,
        no_longer_failing,
        ["would no longer fail", "no longer not ready", "still not ready"],
    );
    out
}

fn direction(out: &mut String, changes: &ChangesView, [what, verdict, same]: [&str; 3]) {
    let ChangesView { workloads, namespaces, checks, subjects } = changes;
    let head = format!("{} and {} {what}", count(*workloads, "workload"), count(*namespaces, "namespace"));
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}", Style::Heading.paint(head));
    let widest = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    for PreviewCheck { name, subjects } in checks {
        let _ = writeln!(out, "  {:<widest$}  on {}", clean(name), count(*subjects, "subject"));
    }
    for SubjectChange { subject, verdict_changes, findings } in subjects {
        let verdict = if *verdict_changes { Style::Bad.paint(verdict) } else { Style::Dim.paint(same) };
        let _ = writeln!(out, "\n{}\n  {verdict}", subject.line());
        for FindingView { check, severity, message, place, .. } in findings {
            let word = severity.as_str().to_lowercase();
            let word = Style::Severity(*severity).paint(format_args!("{word:<8}"));
            let place = place.as_ref().map(|place| Style::Dim.paint(format_args!("  {}", clean(place))));
            let _ = writeln!(out, "  {word}  {}{}", clean(check), place.unwrap_or_default());
            let _ = writeln!(out, "            {}", clean(message));
        }
    }
}

fn count(n: i32, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
