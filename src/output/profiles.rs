//! The built-in profiles for people and machines.
//!
//! Not its job: what is in them (`policy`).

use std::fmt::Write;

use serde_json::{Value, json};

use crate::api::Level;
use crate::engine::Check;

use super::json::pretty;
use super::terminal::Style;

/// A profile with its checks.
#[derive(Debug)]
pub struct ProfileChecks {
    /// Its level and version: `Standard/v1.0`.
    pub name: String,
    /// Whether `latest` means this version.
    pub newest: bool,
    /// Its checks, each with the level where it starts.
    pub checks: Vec<(&'static Check, Level)>,
}

impl ProfileChecks {
    /// Those of its checks that another has not.
    fn without<'a>(&'a self, other: &ProfileChecks) -> Vec<&'a (&'static Check, Level)> {
        let has = |check: &Check| other.checks.iter().any(|(theirs, _)| theirs.id == check.id);
        self.checks.iter().filter(|(check, _)| !has(check)).collect()
    }
}

/// Every profile, a line each.
pub fn profiles(all: &[ProfileChecks]) -> String {
    let mut out = String::new();
    for ProfileChecks { name, newest, checks } in all {
        let latest = if *newest { "  latest" } else { "" };
        let name = Style::Heading.paint(format_args!("{name:<16}"));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{name}{:>4} checks{latest}", checks.len());
    }
    out.push_str("\n`seaworthy profiles show Standard` shows the checks of one; a policy pins one as in\n");
    out.push_str("`profile: {level: Standard, version: v1.0}`. What a version has never changes.\n");
    out
}

/// The checks of one profile.
pub fn profile(profile: &ProfileChecks) -> String {
    let mut out = format!("{}\n", Style::Heading.paint(&profile.name));
    let all: Vec<_> = profile.checks.iter().collect();
    lines(&mut out, "  ", &all);
    let _ = writeln!(out, "\n{} checks.", profile.checks.len());
    out
}

/// What going from one profile to another adds and takes away.
pub fn profile_diff(from: &ProfileChecks, to: &ProfileChecks) -> String {
    let (added, removed) = (to.without(from), from.without(to));
    let mut out = format!("{} to {}\n", Style::Heading.paint(&from.name), Style::Heading.paint(&to.name));
    lines(&mut out, "+ ", &added);
    lines(&mut out, "- ", &removed);
    let _ = writeln!(out, "\n{} checks more, {} fewer.", added.len(), removed.len());
    out
}

fn lines(out: &mut String, mark: &str, checks: &[&(&'static Check, Level)]) {
    let widest = checks.iter().map(|(check, _)| check.id.len()).max().unwrap_or(0);
    for (check, level) in checks {
        let severity = Style::Severity(check.severity).paint(format_args!("{:<8}", check.severity));
        let (id, level, title) = (check.id, level.as_str(), check.title);
        let _ = writeln!(out, "{mark}{id:<widest$}  {severity}  {level:<8}  {title}");
    }
}

/// Every profile as a JSON array.
pub fn profiles_json(all: &[ProfileChecks]) -> String {
    let each = all.iter().map(|p| json!({"profile": p.name, "latest": p.newest, "checks": p.checks.len()}));
    pretty(&each.collect::<Vec<_>>())
}

/// One profile as JSON.
pub fn profile_json(profile: &ProfileChecks) -> String {
    pretty(&json!({
        "profile": profile.name,
        "latest": profile.newest,
        "checks": profile.checks.iter().map(entry).collect::<Vec<_>>(),
    }))
}

/// What going from one profile to another adds and takes away, as JSON.
pub fn profile_diff_json(from: &ProfileChecks, to: &ProfileChecks) -> String {
    let entries = |checks: Vec<&(&'static Check, Level)>| checks.into_iter().map(entry).collect::<Vec<_>>();
    pretty(&json!({
        "from": from.name,
        "to": to.name,
        "added": entries(to.without(from)),
        "removed": entries(from.without(to)),
    }))
}

fn entry((check, level): &(&'static Check, Level)) -> Value {
    json!({ "name": check.id, "level": level, "severity": check.severity, "category": check.category,
            "title": check.title })
}
