//! The YAML that most manifests are written in, read line by line, many times as fast as all of YAML can be.
//!
//! It reads blocks of mappings and lists, plain and quoted scalars on one line, literal texts and short flows, in ASCII.
//! Whatever it is not sure of is no error but `None`: then the document is `yaml`'s, and so is every message about it.
//! That both read the same is held by a test. Not its job: anchors, tags, escapes, folding, saying what is wrong.

use std::borrow::Cow;

use super::node::{Node, Place, Value};
use super::scalar::{self, Scalar};
use super::yaml::{Entry, merged};

/// Longer documents may have too many values, which `yaml` counts.
const MAX_BYTES: usize = 1 << 20;
/// Deeper ones may be too deep.
const MAX_DEPTH: usize = 50;
/// The longest key, far below what YAML allows.
const MAX_KEY: usize = 256;

/// Reads a document; `None` when it has to be read by `yaml`.
pub(super) fn parse(text: &str, first_line: u32) -> Option<Node<'_>> {
    let printable = |b: u8| b == b'\n' || (b' '..=b'~').contains(&b);
    if text.len() > MAX_BYTES || !text.ends_with('\n') || !text.bytes().all(printable) {
        return None;
    }
    let mut lines = Lines { rest: text, number: first_line.checked_sub(1)?, line: None };
    lines.next();
    let node = block(&mut lines, 0)?;
    // What is left is less indented than the first line was.
    (lines.line.is_none() && matches!(node.value, Value::Map(_))).then_some(node)
}

/// A line that says something.
#[derive(Clone, Copy)]
struct Line<'a> {
    number: u32,
    indent: usize,
    /// Without what is before and behind it.
    text: &'a str,
}

impl<'a> Line<'a> {
    /// The part of the line behind its first bytes and the spaces that follow them.
    fn behind(self, bytes: usize) -> Option<Self> {
        let rest = self.text.get(bytes..)?;
        let text = rest.trim_start_matches(' ');
        Some(Line { text, indent: self.indent + bytes + (rest.len() - text.len()), ..self })
    }

    fn place(self) -> Place {
        let column = u32::try_from(self.indent).unwrap_or(u32::MAX).saturating_add(1);
        Place { line: self.number, column }
    }

    fn is_item(self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }

    fn is_nothing(self) -> bool {
        self.text.is_empty() || self.text.starts_with('#')
    }
}

/// Where the reader is.
struct Lines<'a> {
    rest: &'a str,
    number: u32,
    /// The line to read next; `None` at the end.
    line: Option<Line<'a>>,
}

impl<'a> Lines<'a> {
    /// The next line as it stands, blank or not.
    fn raw(&mut self) -> Option<&'a str> {
        let (line, rest) = self.rest.split_once('\n')?;
        self.rest = rest;
        self.number += 1;
        Some(line)
    }

    /// Goes to the next line that says something.
    fn next(&mut self) {
        self.line = None;
        while let Some(raw) = self.raw() {
            let text = raw.trim_start_matches(' ');
            let line = Line {
                number: self.number,
                indent: raw.len() - text.len(),
                text: text.trim_end_matches(' '),
            };
            if !line.is_nothing() {
                self.line = Some(line);
                return;
            }
        }
    }

    /// The line to read next, when it belongs to a block of this indent; `None` where that is not for sure.
    fn within(&self, indent: usize) -> Option<Option<Line<'a>>> {
        match self.line {
            Some(line) if line.indent > indent => None,
            line => Some(line.filter(|line| line.indent == indent)),
        }
    }
}

/// The mapping or list that begins at this line.
fn block<'a>(lines: &mut Lines<'a>, depth: usize) -> Option<Node<'a>> {
    let line = lines.line?;
    if depth > MAX_DEPTH {
        return None;
    }
    if line.is_item() { list(lines, line.indent, depth) } else { mapping(lines, line, depth) }
}

fn list<'a>(lines: &mut Lines<'a>, indent: usize, depth: usize) -> Option<Node<'a>> {
    let place = lines.line?.place();
    let mut items = Vec::new();
    while let Some(line) = lines.within(indent)?.filter(|line| line.is_item()) {
        let content = line.behind(1).filter(|content| !content.is_nothing() && !content.is_item())?;
        if entry(content)?.is_some() {
            items.push(mapping(lines, content, depth + 1)?);
        } else {
            let value = one_line(content)?;
            items.push(Node { place: content.place(), value });
            lines.next();
        }
    }
    Some(Node { place, value: Value::List(items) })
}

/// A mapping whose first entry is this line, or the part of it behind a dash.
fn mapping<'a>(lines: &mut Lines<'a>, first: Line<'a>, depth: usize) -> Option<Node<'a>> {
    let (place, indent) = (first.place(), first.indent);
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut next = Some(first);
    while let Some(line) = next.filter(|line| !line.is_item()) {
        let (key, value) = entry(line)??;
        let node = if value.is_nothing() {
            lines.next();
            match lines.line {
                Some(below) if below.indent > indent || (below.indent == indent && below.is_item()) => {
                    block(lines, depth + 1)?
                }
                _ => Node { place: value.place(), value: Value::Scalar(Scalar::Null) },
            }
        } else if let Some(chomp) = literal(value.text) {
            let text = literal_text(lines, indent, chomp)?;
            Node { place: value.place(), value: Value::Scalar(Scalar::Text(Cow::Owned(text))) }
        } else {
            let node = Node { place: value.place(), value: one_line(value)? };
            lines.next();
            node
        };
        entries.push((key, line.place(), node));
        next = lines.within(indent)?;
    }
    Some(Node { place, value: Value::Map(merged(entries, place).ok()?) })
}

/// The key of a line and what is behind it; inside `None` when it has no key, outside when that is not for sure.
fn entry<'a>(line: Line<'a>) -> Option<Option<(Cow<'a, str>, Line<'a>)>> {
    if line.text.starts_with(['"', '\'']) {
        let (key, behind) = quoted(line)?;
        let colon = behind.text == ":" || behind.text.starts_with(": ");
        return match (behind.text.is_empty() || behind.text.starts_with('#'), colon) {
            (true, _) => Some(None),
            // YAML wants the colon right behind the quote here.
            (false, true) if behind.indent == line.indent + key.len() + 2 => {
                Some(Some((Cow::Borrowed(key), behind.behind(1)?)))
            }
            _ => None,
        };
    }
    if line.text.starts_with(['[', '{']) {
        return Some(None);
    }
    let bytes = line.text.as_bytes();
    let ends = |(at, byte): (usize, &u8)| *byte == b':' && matches!(bytes.get(at + 1), None | Some(b' '));
    let Some(colon) = bytes.iter().enumerate().position(ends) else { return Some(None) };
    let key = line.text.get(..colon)?;
    let simple = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/');
    let begins = key.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    if !begins || key.starts_with("..") || key.len() > MAX_KEY || !key.bytes().all(simple) {
        return None;
    }
    Some(Some((scalar::resolve(Cow::Borrowed(key)).into_key(), line.behind(colon + 1)?)))
}

/// A quoted text without escapes, and what is behind it.
fn quoted(line: Line<'_>) -> Option<(&str, Line<'_>)> {
    let quote = line.text.chars().next()?;
    let (text, rest) = line.text.get(1..)?.split_once(quote)?;
    let plain = !text.contains('\\') && !rest.starts_with(quote) && text.len() < MAX_KEY * 4;
    if plain { Some((text, line.behind(text.len() + 2)?)) } else { None }
}

/// A value that ends where its line does.
fn one_line<'a>(line: Line<'a>) -> Option<Value<'a>> {
    let (value, behind) = match line.text.as_bytes().first()? {
        b'"' | b'\'' => {
            let (text, behind) = quoted(line)?;
            (Value::Scalar(Scalar::Text(Cow::Borrowed(text))), behind)
        }
        b'[' | b'{' => flow(line, 0)?,
        _ => return plain(line.text).map(Value::Scalar),
    };
    // A comment needs a space before it.
    let before = behind.indent.checked_sub(line.indent + 1)?;
    let comment = behind.text.starts_with('#') && line.text.as_bytes().get(before) == Some(&b' ');
    (behind.text.is_empty() || comment).then_some(value)
}

fn plain(text: &str) -> Option<Scalar<'_>> {
    let all = text.as_bytes();
    let comment = all.windows(2).position(|pair| pair == b" #");
    let text = text.get(..comment.unwrap_or(text.len()))?.trim_end_matches(' ');
    let mut bytes = text.bytes();
    let begins = match bytes.next()? {
        b'-' => bytes.next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'-'),
        b => b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'$' | b'+' | b'~' | b'(' | b'<'),
    };
    if !begins || text.ends_with(':') || text.as_bytes().windows(2).any(|pair| pair == b": ") {
        return None;
    }
    Some(scalar::resolve(Cow::Borrowed(text)))
}

/// A list or mapping between brackets, and what is behind it.
fn flow<'a>(line: Line<'a>, depth: usize) -> Option<(Value<'a>, Line<'a>)> {
    let close = if line.text.starts_with('[') { ']' } else { '}' };
    let (mut items, mut entries): (Vec<Node<'a>>, Vec<Entry<'a>>) = Default::default();
    let mut at = line.behind(1)?;
    while !at.text.starts_with(close) {
        let place = at.place();
        if close == ']' {
            let (value, behind) = flow_value(at, depth)?;
            items.push(Node { place, value });
            at = behind;
        } else {
            let (key, behind) = word(at)?;
            let colon = behind.text.starts_with(": ") && behind.indent == at.indent + key.len();
            let value_at = colon.then(|| behind.behind(1)).flatten()?;
            let (value, behind) = flow_value(value_at, depth)?;
            let key = scalar::resolve(Cow::Borrowed(key)).into_key();
            entries.push((key, place, Node { place: value_at.place(), value }));
            at = behind;
        }
        if at.text.starts_with(',') {
            at = at.behind(1)?;
            // A comma before the end is allowed, and rare.
            if at.text.starts_with(close) {
                return None;
            }
        } else if !at.text.starts_with(close) {
            return None;
        }
    }
    let value = match close {
        ']' => Value::List(items),
        _ => Value::Map(merged(entries, line.place()).ok()?),
    };
    Some((value, at.behind(1)?))
}

fn flow_value<'a>(at: Line<'a>, depth: usize) -> Option<(Value<'a>, Line<'a>)> {
    match at.text.as_bytes().first()? {
        b'"' | b'\'' => {
            let (text, behind) = quoted(at)?;
            Some((Value::Scalar(Scalar::Text(Cow::Borrowed(text))), behind))
        }
        b'[' | b'{' if depth < 8 => flow(at, depth + 1),
        _ => {
            let (text, behind) = word(at)?;
            Some((Value::Scalar(scalar::resolve(Cow::Borrowed(text))), behind))
        }
    }
}

/// A plain scalar of a flow, and what is behind it.
fn word(at: Line<'_>) -> Option<(&str, Line<'_>)> {
    let simple = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/');
    let end = at.text.bytes().position(|b| !simple(b))?;
    let text = at.text.get(..end)?;
    let begins = match text.trim_start_matches('-').bytes().next() {
        Some(first) => first.is_ascii_alphanumeric() || (first == b'/' && !text.starts_with('-')),
        None => false,
    };
    let behind = at.behind(end)?;
    // With anything else behind it, it goes on in a way that is not read here.
    (begins && behind.text.starts_with([',', ']', '}', ':'])).then_some((text, behind))
}

/// Whether a value is the head of a literal text, and whether that keeps its last line's end.
fn literal(text: &str) -> Option<bool> {
    match text {
        "|" => Some(true),
        "|-" => Some(false),
        _ => None,
    }
}

/// The text below `|`, and goes to the line behind it.
fn literal_text(lines: &mut Lines<'_>, parent: usize, last_end: bool) -> Option<String> {
    let mut text = String::new();
    let mut indent = None;
    let mut ends = 0;
    loop {
        let before = (lines.rest, lines.number);
        let Some(raw) = lines.raw() else { break };
        let spaces = raw.len() - raw.trim_start_matches(' ').len();
        if spaces == raw.len() {
            // Spaces that are part of the text, or that say how far it is indented.
            if indent.is_none_or(|indent| spaces > indent) {
                return None;
            }
            ends += 1;
            continue;
        }
        let indent = *indent.get_or_insert(spaces);
        if spaces < indent || indent <= parent {
            (lines.rest, lines.number) = before;
            break;
        }
        text.extend(std::iter::repeat_n('\n', std::mem::replace(&mut ends, 1)));
        text.push_str(raw.get(indent..)?);
    }
    if text.is_empty() {
        return None;
    }
    if last_end {
        text.push('\n');
    }
    lines.next();
    // A line between the two indents is no part of anything.
    lines.line.is_none_or(|line| line.indent <= parent).then_some(text)
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
