//! Why one check says what it says of one subject, for people and machines.
//!
//! Not its job: what it says (`report`), or where things stand in files (`cli`).

use std::fmt::Write;

use serde::Serialize;

use crate::api::ResultWord;

use super::effective::{Asked, SubjectHead};
use super::policy_diff::FindingView;
use super::table::exempt_by;
use super::terminal::{Style, clean};

/// What a check says of a subject; as JSON it is just this.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WhyView {
    /// The subject.
    #[serde(flatten)]
    pub subject: SubjectHead,
    /// What results call the check.
    pub check: String,
    /// The requirement.
    pub title: String,
    /// The verdict; `None` where the check does not judge subjects of this sort.
    pub result: Option<ResultWord>,
    /// Each reason for it.
    pub findings: Vec<FindingView>,
    /// The policies that ask for the check; where there is none, this is what it would say.
    pub asked_by: Vec<Asked>,
    /// What the page of the check says about fixing it.
    pub how_to_fix: String,
}

/// The answer for people.
pub fn why(view: &WhyView) -> String {
    let WhyView { subject, check, title, result, findings, asked_by, how_to_fix } = view;
    let mut out = format!("{}\n", subject.line());
    let would = asked_by.is_empty();
    // Writing to a String cannot fail.
    let _ = match result {
        None => writeln!(out, "  {} does not judge a {}", clean(check), clean(&subject.kind)),
        Some(result) => {
            // What keeps the subject from being judged at all stands in the place of what the check says.
            let verdict = match findings.iter().all(|finding| finding.check == *check) {
                true => verdict(*result, would),
                false => Style::Unsure.paint("cannot be judged"),
            };
            writeln!(out, "  {verdict}  {}: {}", clean(check), clean(title))
        }
    };
    for FindingView { severity, message, place, exemption, exempt_reason, exempt_until, .. } in findings {
        let word = severity.as_str().to_lowercase();
        let word = match result {
            Some(ResultWord::Fail) if exemption.is_none() => {
                Style::Severity(*severity).paint(format_args!("{word:<8}"))
            }
            _ => format!("{:<8}", ""),
        };
        let message = match (message.as_str(), result) {
            ("", Some(ResultWord::Pass)) => "the requirement is met",
            (message, _) => message,
        };
        let place = place.as_ref().map(|place| Style::Dim.paint(format_args!("  {}", clean(place))));
        let _ = writeln!(out, "  {word}  {}{}", clean(message), place.unwrap_or_default());
        if let Some(by) = exemption {
            let by = exempt_by(by, exempt_reason.as_deref(), *exempt_until);
            let _ = writeln!(out, "  {:<8}  {}", "", Style::Dim.paint(format_args!("exempt {}", clean(&by))));
        }
    }
    if would {
        out.push_str("\nNo policy that covers it asks for this check.\n");
    } else {
        out.push_str("\nAsked for by\n");
        for asked in asked_by {
            let bar = match asked.decides_compliance {
                true => format!(": a failure is at or above its threshold {}", asked.compliance_threshold),
                false => String::new(),
            };
            let _ = writeln!(out, "  {}{bar}", asked.line());
        }
    }
    let _ = writeln!(out, "\nHow to fix it\n{}", textwrap::indent(how_to_fix, "  "));
    out
}

fn verdict(result: ResultWord, would: bool) -> String {
    let (style, is, would_be) = match result {
        ResultWord::Fail => (Style::Bad, "fails", "would fail"),
        ResultWord::Unknown => (Style::Unsure, "cannot tell", "could not tell"),
        ResultWord::Exempt => (Style::Dim, "is exempt", "would be exempt"),
        ResultWord::Pass => (Style::Good, "passes", "would pass"),
        ResultWord::NotApplicable => (Style::Dim, "does not apply", "would not apply"),
    };
    style.paint(if would { would_be } else { is })
}
