//! The part of the table that says how each exemption stands.
//!
//! Not its job: how it stands (`policy::stand`).

use std::fmt::Write;

use crate::api::ExemptionState;

use super::table::{INDENT, Look, fill, width};
use super::terminal::{Style, clean};

/// An exemption, and how it stands.
#[derive(Clone, Debug)]
pub struct ExemptionRow {
    /// Its state.
    pub state: ExemptionState,
    /// What it is: `ComplianceExemption shop/name`.
    pub name: String,
    /// The checks that it is for, as people read them.
    pub checks: String,
    /// Where it stands.
    pub place: Option<String>,
    /// Why it is in this state.
    pub message: String,
    /// What is over-broad about it.
    pub over_broad: Option<String>,
}

/// The exemptions, each with its state; empty where there are none.
pub fn exemptions(rows: &[ExemptionRow], look: Look) -> String {
    let mut out = String::new();
    if rows.is_empty() {
        return out;
    }
    Style::Heading.write(&mut out, look.colour, "Exemptions");
    out.push('\n');
    for ExemptionRow { state, name, checks, place, message, over_broad } in rows {
        let (style, word) = match state {
            ExemptionState::Active => (Style::Good, "active"),
            ExemptionState::Pending => (Style::Unsure, "pending"),
            ExemptionState::Unused => (Style::Unsure, "unused"),
            ExemptionState::Expired => (Style::Bad, "expired"),
            ExemptionState::Refused => (Style::Bad, "refused"),
        };
        out.push_str("  ");
        style.write(&mut out, look.colour, format_args!("{word:<8}"));
        // Writing to a String cannot fail.
        let _ = write!(out, "  {}: {}", clean(name), clean(checks));
        if let Some(place) = place {
            Style::Dim.write(&mut out, look.colour, format_args!("  {}", clean(place)));
        }
        out.push('\n');
        let over_broad = over_broad.as_ref().map(|why| format!("over-broad: {why}"));
        for text in [Some(message.clone()), over_broad].into_iter().flatten() {
            fill(&mut out, &clean(&text), [INDENT; 2], width(look));
            out.push('\n');
        }
    }
    out.push('\n');
    out
}
