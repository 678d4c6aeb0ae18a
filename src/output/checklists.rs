//! The published checklists for people and machines.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::data::Checklist;
use crate::report::{Answer, ItemAnswer, ItemState};

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
            let checks = checks.iter().map(|answer| (answer, ""));
            let by = checks.chain(practices.iter().map(|answer| (answer, "@")));
            let by = by.map(|(answer, mark)| match (answer.name, answer.state, answer.failing) {
                (name, ItemState::Unknown, 0) => Style::Unsure.paint(format_args!("{mark}{name} (unknown)")),
                (name, _, 0) => format!("{mark}{name}"),
                (name, _, n) => Style::Bad.paint(format_args!("{mark}{name} ({n})")),
            });
            let by: Vec<String> = by.collect();
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
        let answers = |all: &[Answer]| -> Vec<Value> {
            let answer = |answer: &Answer| match audited {
                true => json!(answer),
                false => json!({ "name": answer.name }),
            };
            all.iter().map(answer).collect()
        };
        let (checks, practices) = (answers(checks), answers(practices));
        let mut item =
            json!({"id": id, "list": list, "item": text, "checks": checks, "practices": practices});
        if audited && let Some(item) = item.as_object_mut() {
            item.insert("state".to_owned(), json!(state));
        }
        item
    };
    let items: Vec<Value> = items.iter().map(item).collect();
    let mut text = serde_json::to_string_pretty(&items).unwrap_or_default();
    text.push('\n');
    text
}
