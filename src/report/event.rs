//! What is announced: a change of a workload's verdict, and that an exemption ends soon.

use jiff::Timestamp;

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

impl EventDraft {
    /// An Event whose note is as long as the API allows.
    pub fn new(type_: EventType, reason: &'static str, action: &'static str, mut note: String) -> Self {
        while note.len() > MAX_NOTE {
            note.pop();
        }
        Self { type_, reason, action, note }
    }
}

/// The Event for a report that takes the place of one with the verdict `before`. Nothing while the verdict stays.
pub fn draft(before: Truth, report: &ComplianceReport) -> Option<EventDraft> {
    if before == report.compliant {
        return None;
    }
    let why = report.conditions.iter().find(|c| c.type_ == "Compliant").map_or("", |c| c.message.as_str());
    let (type_, reason, note) = match report.compliant {
        Truth::False => (EventType::Warning, "NonCompliant", format!("not ready for production: {why}")),
        Truth::True => (EventType::Normal, "Compliant", format!("ready for production: {why}")),
        Truth::Unknown => (EventType::Warning, "ComplianceUnknown", why.to_owned()),
    };
    Some(EventDraft::new(type_, reason, "Evaluate", note))
}

/// The Event for an exemption that ends in a week. `which`: the one of several that an object has.
pub fn expires_soon(which: Option<&str>, until: Timestamp, results: u32) -> EventDraft {
    let what = which.map_or("the exemption".to_owned(), |which| format!("the exemption '{which}'"));
    let noun = if results == 1 { "result" } else { "results" };
    let comes = match results {
        0 => "nothing fails that it is for, so that it can go".to_owned(),
        n => format!("{n} {noun} will fail from then on; fix what they say, or renew it"),
    };
    let note = format!("{what} ends at {until}: {comes}");
    EventDraft::new(EventType::Warning, "ExemptionExpiresSoon", "Evaluate", note)
}
