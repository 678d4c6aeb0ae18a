//! One YAML document to a tree of nodes that know their place, as kubectl would read it.
//!
//! Anchors, aliases and merge keys are resolved and bounded. Not its job: splitting a stream into documents
//! (`stream`), or what the document means (`load`).

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, Tag};
use hashbrown::HashMap;

use super::node::{Node, Place, Size, Value, size};
use super::plain;
use super::scalar::{self, Scalar};

/// The deepest nesting that is read; Kubernetes' own objects need about twenty.
const MAX_DEPTH: usize = 100;
/// The most nodes that a document may have once its aliases are followed.
const MAX_NODES: usize = 2_000_000;
/// Up to so many keys are compared each with each, which needs no memory.
const FEW: usize = 12;
/// The most bytes of text that a document's aliases may repeat.
const MAX_REPEATED: usize = 16 << 20;

/// Why a document is not YAML, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub reason: String,
}

/// Parses one document; `None` when there is nothing in it.
///
/// `first_line` is the line of the file on which `text` begins.
pub fn parse(text: &str, first_line: u32) -> Result<Option<Node<'_>>, YamlError> {
    match plain::parse(text, first_line) {
        Some(node) => Ok(Some(node)),
        None => parse_any(text, first_line),
    }
}

/// The same, by a parser that knows all of YAML.
pub(super) fn parse_any(text: &str, first_line: u32) -> Result<Option<Node<'_>>, YamlError> {
    Builder { first_line, anchors: HashMap::new(), nodes: 0, repeated: 0, stack: Vec::new(), root: None }
        .run(text)
}

enum Open<'a> {
    List(Vec<Node<'a>>),
    Map { entries: Vec<Entry<'a>>, key: Option<(Cow<'a, str>, Place)> },
}

struct Frame<'a> {
    open: Open<'a>,
    place: Place,
    anchor: usize,
}

struct Builder<'a> {
    first_line: u32,
    anchors: HashMap<usize, Node<'a>>,
    nodes: usize,
    repeated: usize,
    stack: Vec<Frame<'a>>,
    root: Option<Node<'a>>,
}

impl<'a> Builder<'a> {
    fn run(mut self, text: &'a str) -> Result<Option<Node<'a>>, YamlError> {
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| YamlError {
                place: self.place(error.marker()),
                reason: format!("not valid YAML: {}", error.info()),
            })?;
            let place = self.place(&span.start);
            match event {
                Event::Scalar(text, style, anchor, tag) => {
                    let value = Value::Scalar(resolve(text, style, tag.as_deref()));
                    self.finish(Node { place, value }, anchor)?;
                }
                Event::SequenceStart(_, anchor, _) => self.open(Open::List(Vec::new()), place, anchor)?,
                Event::MappingStart(_, anchor, _) => {
                    self.open(Open::Map { entries: Vec::new(), key: None }, place, anchor)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close()?,
                Event::Alias(anchor) => {
                    let node = self.anchors.get(&anchor).cloned();
                    let node = node.ok_or_else(|| YamlError {
                        place,
                        reason: "the alias stands inside of what it names".to_owned(),
                    })?;
                    self.repeat(&node, place)?;
                    self.finish(Node { place, ..node }, 0)?;
                }
                Event::DocumentStart(..) if self.root.is_some() => {
                    return Err(YamlError { place, reason: "a second document without `---`".to_owned() });
                }
                _ => {}
            }
        }
        Ok(self.root)
    }

    fn place(&self, marker: &granit_parser::Marker) -> Place {
        let line = u32::try_from(marker.line()).unwrap_or(u32::MAX);
        let column = u32::try_from(marker.col()).unwrap_or(u32::MAX);
        // The parser counts lines from 1 and columns from 0.
        Place {
            line: line.saturating_add(self.first_line).saturating_sub(1),
            column: column.saturating_add(1),
        }
    }

    /// Counts what an alias repeats, which may be much more, and deeper, than what is written.
    fn repeat(&mut self, node: &Node<'a>, place: Place) -> Result<(), YamlError> {
        let Size { nodes, depth, bytes } = size(node);
        self.nodes += nodes;
        self.repeated += bytes;
        if self.stack.len() + depth > MAX_DEPTH {
            let reason = format!("nested deeper than {MAX_DEPTH} levels once its aliases are followed");
            return Err(YamlError { place, reason });
        }
        if self.repeated > MAX_REPEATED {
            let reason = format!("its aliases repeat more than {} MiB of text", MAX_REPEATED >> 20);
            return Err(YamlError { place, reason });
        }
        Ok(())
    }

    fn open(&mut self, open: Open<'a>, place: Place, anchor: usize) -> Result<(), YamlError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(YamlError { place, reason: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        self.stack.push(Frame { open, place, anchor });
        Ok(())
    }

    fn close(&mut self) -> Result<(), YamlError> {
        let Some(Frame { open, place, anchor }) = self.stack.pop() else { return Ok(()) };
        let value = match open {
            Open::List(items) => Value::List(items),
            Open::Map { entries, .. } => Value::Map(merged(entries, place)?),
        };
        self.finish(Node { place, value }, anchor)
    }

    /// Puts a finished node where it belongs.
    fn finish(&mut self, node: Node<'a>, anchor: usize) -> Result<(), YamlError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let reason = format!("more than {MAX_NODES} values once its aliases are followed");
            return Err(YamlError { place: node.place, reason });
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut().map(|frame| &mut frame.open) {
            None => self.root = Some(node),
            Some(Open::List(items)) => items.push(node),
            Some(Open::Map { entries, key }) => match key.take() {
                Some((name, place)) => entries.push((name, place, node)),
                None => match node.value {
                    Value::Scalar(scalar) => *key = Some((scalar.into_key(), node.place)),
                    _ => {
                        let reason = "a key of a mapping has to be a plain text".to_owned();
                        return Err(YamlError { place: node.place, reason });
                    }
                },
            },
        }
        Ok(())
    }
}

fn resolve<'a>(text: Cow<'a, str>, style: ScalarStyle, tag: Option<&Tag>) -> Scalar<'a> {
    let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix() == "str");
    if style == ScalarStyle::Plain && !is_text { scalar::resolve(text) } else { Scalar::Text(text) }
}

/// An entry of a mapping: its key, where that stands, and its value.
pub(super) type Entry<'a> = (Cow<'a, str>, Place, Node<'a>);

/// Applies `<<` and, as kubectl does, lets the last of two equal keys win.
pub(super) fn merged(entries: Vec<Entry<'_>>, place: Place) -> Result<Vec<Entry<'_>>, YamlError> {
    let plain = |entries: &[Entry<'_>]| -> bool {
        if entries.len() <= FEW {
            let mut rest = entries;
            while let Some(((key, _, _), others)) = rest.split_first() {
                if key == "<<" || others.iter().any(|(other, _, _)| other == key) {
                    return false;
                }
                rest = others;
            }
            return true;
        }
        let mut keys: Vec<&str> = entries.iter().map(|(key, _, _)| key.as_ref()).collect();
        keys.sort_unstable();
        let doubled = keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
        !doubled && keys.binary_search(&"<<").is_err()
    };
    if plain(&entries) {
        return Ok(entries);
    }
    let mut own: Vec<Entry<'_>> = Vec::new();
    let mut slots: HashMap<Cow<'_, str>, usize> = HashMap::new();
    let mut inherited = Vec::new();
    for (key, at, node) in entries {
        if key == "<<" {
            let sources = match node.value {
                Value::List(list) => list,
                value => vec![Node { place: node.place, value }],
            };
            for source in sources {
                let Value::Map(more) = source.value else {
                    return Err(YamlError { place, reason: "`<<` merges mappings only".to_owned() });
                };
                inherited.extend(more);
            }
        } else if let Some(slot) = slots.get(&key).and_then(|slot| own.get_mut(*slot)) {
            *slot = (key, at, node);
        } else {
            slots.insert(key.clone(), own.len());
            own.push((key, at, node));
        }
    }
    // Of merged mappings the first wins, and what is written here wins over all of them.
    for (key, at, node) in inherited {
        if !slots.contains_key(&key) {
            slots.insert(key.clone(), own.len());
            own.push((key, at, node));
        }
    }
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(yaml: &str) -> String {
        let mut out = String::new();
        parse(yaml, 1).unwrap().unwrap().write_json(&mut out);
        out
    }

    #[test]
    fn follows_anchors_and_merge_keys() {
        let yaml = "base: &b {x: 1, z: 2}\na:\n  <<: *b\n  z: 3\nb: [*b]\n";
        assert_eq!(json(yaml), r#"{"base":{"x":1,"z":2},"a":{"z":3,"x":1},"b":[{"x":1,"z":2}]}"#);
    }

    #[test]
    fn null_is_absent() {
        assert_eq!(json("a:\nb: null\nc: ~\nd: [null]\n"), r#"{"d":[null]}"#);
    }

    #[test]
    fn the_last_of_two_equal_keys_wins() {
        assert_eq!(json("a: 1\na: 2\n"), r#"{"a":2}"#);
    }

    #[test]
    fn says_where_the_error_is() {
        let error = parse("a: 1\nb: [1\nc: 2\n", 10).unwrap_err();
        assert!(error.place.line >= 11, "{error:?}");
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..9 {
            let items = vec![format!("*a{}", i - 1); 10].join(", ");
            bomb.push_str(&format!("a{i}: &a{i} [{items}]\n"));
        }
        assert!(parse(&bomb, 1).unwrap_err().reason.contains("aliases"));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        assert!(parse(&deep, 1).is_err());
    }

    #[test]
    fn depth_is_bounded_through_aliases_too() {
        let (open, close) = ("[".repeat(60), "]".repeat(60));
        let yaml = format!("a: &a {open}x{close}\nb: {open}*a{close}\n");
        assert!(parse(&yaml, 1).unwrap_err().reason.contains("deeper"));
    }

    #[test]
    fn an_alias_of_a_long_text_is_no_bomb() {
        let yaml = format!("s: &s {}\nl: [{}]\n", "x".repeat(1 << 20), vec!["*s"; 1000].join(", "));
        assert!(parse(&yaml, 1).unwrap_err().reason.contains("repeat"));
    }

    #[test]
    fn a_doubled_key_among_many_takes_no_square() {
        let keys: String = (0..100_000).map(|i| format!("k{i}: 1\n")).collect();
        let began = std::time::Instant::now();
        let yaml = format!("k0: 0\n{keys}<<: {{k1: 2, z: 3}}\n");
        let node = parse(&yaml, 1).unwrap().unwrap();
        let Value::Map(entries) = node.value else { panic!("a mapping") };
        assert_eq!(entries.len(), 100_001);
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}
