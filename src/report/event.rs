//! What is announced: a change of a workload's verdict, as an Event on the workload.

use crate::api::{ComplianceReport, Truth};

/// The longest note of an Event, in bytes.
const MAX_NOTE: usize = 1024;

/// Normal or Warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the API's own words")]
pub enum EventType {
    Normal,
    Warning,
}

/// An Event to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft {
    /// Normal or Warning.
    pub type_: EventType,
    /// Why, in CamelCase.
    pub reason: &'static str,
    /// What was done, in CamelCase.
    pub action: &'static str,
    /// For people.
    pub note: String,
}

/// The Event for a report that takes the place of one with the verdict `before` (`None`: the subject is new).
/// Nothing is said while the verdict stays, and nothing when a new subject is fine.
pub fn draft(before: Option<Truth>, report: &ComplianceReport) -> Option<EventDraft> {
    if before == Some(report.compliant) {
        return None;
    }
    let why = report.conditions.iter().find(|c| c.type_ == "Compliant").map_or("", |c| c.message.as_str());
    let (type_, reason, note) = match (report.compliant, before) {
        (Truth::False, _) => (EventType::Warning, "NonCompliant", format!("not ready for production: {why}")),
        (Truth::True, Some(_)) => (EventType::Normal, "Compliant", format!("ready for production: {why}")),
        (Truth::Unknown, Some(_)) => (EventType::Warning, "ComplianceUnknown", why.to_owned()),
        (_, None) => return None,
    };
    let mut note = note;
    while note.len() > MAX_NOTE {
        note.pop();
    }
    Some(EventDraft { type_, reason, action: "Evaluate", note })
}
