//! The catalogue for people and machines: a list, and one check's page.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::api::Level;
use crate::engine::{Catalogue, Check, Sees};

use super::json::pretty;
use super::terminal::Style;

fn profile_word(check: &Check) -> &'static str {
    match check.profile {
        Level::None => "OptIn",
        level => level.as_str(),
    }
}

/// The list: by category, with the profile where each check starts.
pub fn list(catalogue: &Catalogue) -> String {
    let widest = catalogue.iter().map(|check| check.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    let mut last = None;
    for check in catalogue.iter() {
        if last != Some(check.category) {
            let gap = if last.is_some() { "\n" } else { "" };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{gap}{}", Style::Heading.paint(check.category));
            last = Some(check.category);
        }
        let severity = Style::Severity(check.severity).paint(format_args!("{:<8}", check.severity));
        let profile = profile_word(check);
        let _ = writeln!(out, "  {:<widest$}  {severity}  {profile:<8}  {}", check.id, check.title);
    }
    let _ = writeln!(
        out,
        "\n{} checks. `seaworthy explain CHECK` shows the page of one.",
        catalogue.iter().count()
    );
    out
}

/// The list as a JSON array.
pub fn list_json(catalogue: &Catalogue) -> String {
    pretty(&catalogue.iter().map(entry).collect::<Vec<Value>>())
}

fn entry(check: &'static Check) -> Value {
    let defaults = check.rule.parse(&std::collections::BTreeMap::new());
    let parameters = defaults.ok().and_then(|p| serde_json::from_str::<Value>(p.as_json()).ok());
    json!({
        "id": check.id,
        "title": check.title,
        "category": check.category,
        "severity": check.severity,
        "profile": profile_word(check),
        "sees": check.sees.as_str(),
        "sources": check.sources,
        "remediation": check.remediation,
        "parameters": parameters.unwrap_or_else(|| json!({})),
    })
}

/// One check: what it is in short, and its page.
pub fn explain(check: &Check) -> String {
    let sees = match check.sees {
        Sees::Template => "the object alone",
        Sees::Related => "the object and what stands around it",
        Sees::Live => "what runs in a cluster",
        Sees::Manifest => "the manifest as it was written",
    };
    let page = check.page.trim_start_matches("# ").trim_start_matches(check.id).trim_start();
    format!(
        "{}\n{}\n\nSeverity: {}   Category: {}   Profile: {}   Sees: {sees}\nAnswers:  {}\nTo do:    {}\n\n{page}",
        Style::Heading.paint(check.id),
        check.title,
        Style::Severity(check.severity).paint(check.severity),
        check.category,
        profile_word(check),
        check.sources.join(", "),
        check.remediation,
    )
}
