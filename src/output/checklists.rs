//! The published checklists for people and machines.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::data::Checklist;
use crate::report::{ItemAnswer, ItemState};

use super::terminal::Style;

/// The lists, an item a line: how it stands, what it asks for, and what answers for it.
/// `audited`: whether anything was, so that states mean something.
pub fn table(items: &[ItemAnswer], audited: bool) -> String {
    let mut out = String::new();
    let widest = items.iter().map(|answer| answer.item.text.chars().count()).max().unwrap_or(0);
    for list in Checklist::ALL {
        let of_list: Vec<&ItemAnswer> = items.iter().filter(|answer| answer.item.list == list).collect();
        if of_list.is_empty() {
            continue;
        }
        let gap = if out.is_empty() { "" } else { "\n" };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{gap}{}", Style::Heading.paint(list.title()));
        for ItemAnswer { item, state, checks, practices } in &of_list {
            let mut checks = checks.clone();
            checks.sort_by_key(|answer| answer.state);
            let checks = checks.iter().map(|answer| match (answer.state, answer.failing) {
                (ItemState::Unknown, 0) => Style::Unsure.paint(format_args!("{} (unknown)", answer.check)),
                (_, 0) => answer.check.to_owned(),
                (_, n) => Style::Bad.paint(format_args!("{} ({n})", answer.check)),
            });
            let attested = practices.iter().map(|name| format!("@{name}"));
            let by: Vec<String> = checks.chain(attested).collect();
            let state = if audited { word(*state) } else { String::new() };
            let (id, text) = (item.id, item.text);
            let _ = writeln!(out, "  {id}  {state}{text:<widest$}  {}", by.join(", "));
        }
        if audited {
            let _ = writeln!(out, "  {}", sum(&of_list));
        }
    }
    out.push_str("\n@ marks a practice that no API shows: a person attests it.");
    if audited {
        out.push_str(" In brackets: how many workloads and namespaces fail.");
    }
    out.push('\n');
    out
}

fn word(state: ItemState) -> String {
    let (style, word) = match state {
        ItemState::Fail => (Style::Bad, "fail"),
        ItemState::Unknown => (Style::Unsure, "unknown"),
        ItemState::Exempt => (Style::Unsure, "exempt"),
        ItemState::Pass => (Style::Good, "pass"),
        ItemState::NotApplicable => (Style::Dim, "not applicable"),
        ItemState::NotAskedFor => (Style::Dim, "not asked for"),
    };
    style.paint(format_args!("{word:<16}"))
}

fn sum(items: &[&ItemAnswer]) -> String {
    let count = |state| items.iter().filter(|answer| answer.state == state).count();
    format!(
        "{} items: {} pass, {} fail, {} unknown, {} exempt, {} not applicable, {} not asked for",
        items.len(),
        count(ItemState::Pass),
        count(ItemState::Fail),
        count(ItemState::Unknown),
        count(ItemState::Exempt),
        count(ItemState::NotApplicable),
        count(ItemState::NotAskedFor)
    )
}

/// The lists as a JSON array of items.
pub fn json(items: &[ItemAnswer], audited: bool) -> String {
    let item = |ItemAnswer { item, state, checks, practices }: &ItemAnswer| {
        let (id, list, text) = (item.id, item.list.title(), item.text);
        if audited {
            json!({"id": id, "list": list, "item": text, "state": state, "checks": checks, "practices": practices})
        } else {
            let names: Vec<Value> = checks.iter().map(|answer| json!({"check": answer.check})).collect();
            json!({"id": id, "list": list, "item": text, "checks": names, "practices": practices})
        }
    };
    let items: Vec<Value> = items.iter().map(item).collect();
    let mut text = serde_json::to_string_pretty(&items).unwrap_or_default();
    text.push('\n');
    text
}
