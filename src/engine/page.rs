//! A check's page: Markdown that people read, whose fenced YAML blocks are the check's tests.
//!
//! The word after `yaml` says what the check must find in the block, the quoted texts the exact messages:
//! ` ```yaml fails "container 'api' has ..." `, ` ```yaml passes `, ` ```yaml not-applicable "..." `,
//! ` ```yaml unknown "..." `; `with {"minimum": 3}` before the messages sets parameters, and `offline` before that
//! marks documents that no API server keeps as they are. Several documents in one block are neighbours, and a block is
//! everything there is, except under `unknown`, where it is an ordinary input.
//! Not its job: running the examples (`checks` tests and the live parity test do).

use std::collections::BTreeMap;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use serde_json::Value;

/// A page, taken apart.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// The whole of it, as written.
    pub text: &'a str,
    /// Its examples, in order.
    pub examples: Vec<Example>,
    /// What is wrong with its fences; empty on a good page.
    pub problems: Vec<String>,
}

/// What the check must say of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It fails, with exactly the messages.
    Fails,
    /// It passes.
    Passes,
    /// It does not apply.
    NotApplicable,
    /// It cannot be known.
    Unknown,
}

/// A fenced block.
#[derive(Clone, Debug)]
pub struct Example {
    /// What the check must say.
    pub expected: Expected,
    /// No API server keeps the documents as they are, so that only files can hold them.
    pub offline: bool,
    /// The parameters that the check has.
    pub params: BTreeMap<String, Value>,
    /// The exact messages, in the order of the results.
    pub messages: Vec<String>,
    /// The documents.
    pub yaml: String,
}

impl<'a> Page<'a> {
    /// Takes a page apart.
    pub fn parse(text: &'a str) -> Self {
        let mut page = Self { text, examples: Vec::new(), problems: Vec::new() };
        let mut block: Option<(String, String)> = None;
        for event in Parser::new(text) {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    block = Some((info.to_string(), String::new()));
                }
                Event::Text(part) => {
                    if let Some((_, yaml)) = &mut block {
                        yaml.push_str(&part);
                    }
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((info, yaml)) = block.take() {
                        page.add(&info, yaml);
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// What stands below a heading of the second level; empty where there is no such heading.
    pub fn section(&self, heading: &str) -> &'a str {
        let sections = self.text.split("\n## ").skip(1);
        let mut named = sections.filter_map(|section| section.split_once('\n'));
        named.find(|(title, _)| *title == heading).map_or("", |(_, body)| body.trim())
    }

    fn add(&mut self, info: &str, yaml: String) {
        let Some(rest) = info.strip_prefix("yaml ") else { return };
        match example(rest.trim(), yaml) {
            Ok(example) => self.examples.push(example),
            Err(problem) => self.problems.push(format!("block \"{info}\": {problem}")),
        }
    }
}

fn example(info: &str, yaml: String) -> Result<Example, String> {
    let (word, rest) = info.split_once(' ').unwrap_or((info, ""));
    let expected = match word {
        "fails" => Expected::Fails,
        "passes" => Expected::Passes,
        "not-applicable" => Expected::NotApplicable,
        "unknown" => Expected::Unknown,
        _ => return Err(format!("`{word}` is none of fails, passes, not-applicable, unknown")),
    };
    let (offline, rest) = match rest.trim().strip_prefix("offline") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (params, rest) = match rest.trim().strip_prefix("with ") {
        Some(rest) => with(rest)?,
        None => (BTreeMap::new(), rest),
    };
    let messages = quoted(rest.trim())?;
    if messages.is_empty() != (expected == Expected::Passes) {
        return Err("a message belongs to every verdict but `passes`".to_owned());
    }
    Ok(Example { expected, offline, params, messages, yaml })
}

fn with(rest: &str) -> Result<(BTreeMap<String, Value>, &str), String> {
    let mut values = serde_json::Deserializer::from_str(rest).into_iter();
    let params = match values.next() {
        Some(Ok(params)) => params,
        Some(Err(error)) => return Err(format!("the parameters are not a JSON object: {error}")),
        None => return Err("`with` needs a JSON object".to_owned()),
    };
    Ok((params, rest.get(values.byte_offset()..).unwrap_or("")))
}

fn quoted(mut rest: &str) -> Result<Vec<String>, String> {
    let mut messages = Vec::new();
    while !rest.is_empty() {
        let body = rest.strip_prefix('"').ok_or_else(|| format!("`{rest}` is not a quoted message"))?;
        let (message, after) = body.split_once('"').ok_or("a message has no closing quote")?;
        messages.push(message.to_owned());
        rest = after.trim_start();
    }
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_page_apart() {
        let page = Page::parse(
            "# t\n\n```yaml fails with {\"minimum\": 3} \"one 'x'\" \"two\"\nkind: Pod\n```\n\ntext\n\n```yaml passes offline\na: 1\n---\nb: 2\n```\n```sh\nls\n```\n",
        );
        assert!(page.problems.is_empty(), "{:?}", page.problems);
        let [first, second] = page.examples.as_slice() else { panic!("two examples") };
        assert_eq!(first.expected, Expected::Fails);
        assert_eq!(first.messages, ["one 'x'", "two"]);
        assert_eq!(first.params.get("minimum"), Some(&Value::from(3)));
        assert_eq!(first.yaml, "kind: Pod\n");
        assert_eq!(second.yaml, "a: 1\n---\nb: 2\n");
        assert!(second.offline && !first.offline);
        let page = Page::parse("# t\n\n## One\n\nfirst\nlines\n\n## Two\nsecond\n");
        assert_eq!(
            [page.section("One"), page.section("Two"), page.section("On")],
            ["first\nlines", "second", ""]
        );
    }

    #[test]
    fn names_what_is_wrong_with_a_block() {
        for info in
            ["yaml fail \"x\"", "yaml fails", "yaml passes \"x\"", "yaml fails \"x", "yaml fails with {"]
        {
            let text = format!("```{info}\na: 1\n```\n");
            let page = Page::parse(&text);
            assert_eq!(page.problems.len(), 1, "{info}");
        }
    }
}
