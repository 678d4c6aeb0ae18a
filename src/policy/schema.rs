//! A value against the schema of a CustomResourceDefinition, as the API server holds it against it.
//!
//! Structural schemas are a small part of JSON Schema, and what people get wrong most is in none of it: fields that are
//! not known, and entries of a list that is a map or a set. A validator of JSON Schema would bring thirty crates, a
//! second dialect of regular expressions, and neither of those two. Not its job: what the rules in CEL ask
//! (`definition`).

use std::collections::BTreeSet;

use regex::RegexBuilder;
use serde_json::{Map, Value};

use super::definition::Definition;
use super::validate::Flaw;

/// The most bytes that a pattern of a schema may take when it is compiled.
const MAX_PATTERN: usize = 1 << 20;
/// The most words that a message lists.
const MAX_WORDS: usize = 8;

/// What is wrong with a value.
#[derive(Debug, Default)]
pub(super) struct Flaws {
    /// The rules that it does not keep, in their words.
    pub(super) by_rule: Vec<Flaw>,
    /// What else the schema does not allow.
    pub(super) by_shape: Vec<Flaw>,
}

/// Holds an object against a definition; `old`: what it takes the place of.
pub(super) fn check(definition: &Definition, value: &Value, old: Option<&Value>) -> Flaws {
    let mut visitor = Visitor { definition, flaws: Flaws::default() };
    visitor.visit(&definition.schema, value, old, "");
    visitor.flaws
}

struct Visitor<'d> {
    definition: &'d Definition,
    flaws: Flaws,
}

impl<'d> Visitor<'d> {
    fn visit(&mut self, schema: &'d Value, value: &Value, old: Option<&Value>, path: &str) {
        let before = self.flaws.by_shape.len();
        if !shape(schema, value, path, &mut self.flaws.by_shape) {
            return;
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let below = join(path, name);
                    match member_schema(schema, name) {
                        Ok(Some(inner)) => {
                            self.visit(inner, member, old.and_then(|old| old.get(name)), &below)
                        }
                        Ok(None) => {}
                        Err(message) => self.flaws.by_shape.push(Flaw::new(&below, message)),
                    }
                }
            }
            Value::Array(items) => {
                // Rules about a change stand in no list.
                for (index, item) in items.iter().enumerate() {
                    if let Some(inner) = schema.get("items") {
                        self.visit(inner, item, None, &format!("{path}[{index}]"));
                    }
                }
            }
            _ => {}
        }
        let is_well_shaped = self.flaws.by_shape.len() == before;
        for broken in self.definition.broken(schema, value, old, path.is_empty()) {
            let at = if broken.below.is_empty() { path.to_owned() } else { join(path, broken.below) };
            // The rule at the root is about the name.
            let at = if at.is_empty() { "metadata.name" } else { &at };
            match broken.unsure {
                None => self.flaws.by_rule.push(Flaw::new(at, broken.message.to_owned())),
                Some(why) if is_well_shaped => {
                    let message = format!("{} (this cannot be evaluated: {why})", broken.message);
                    self.flaws.by_rule.push(Flaw::new(at, message));
                }
                // What has not the type that the rule is for was told.
                Some(_) => {}
            }
        }
    }
}

/// The schema of a member: none where anything goes, and what to say where there is no such member.
fn member_schema<'d>(schema: &'d Value, name: &str) -> Result<Option<&'d Value>, String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties").filter(|others| others.is_object());
    let open = schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
    match (properties.and_then(|known| known.get(name)).or(others), properties) {
        (Some(inner), _) => Ok(Some(inner)),
        (None, Some(known)) if !open => {
            Err(format!("there is no such field{}", meant(name, known.keys().map(String::as_str))))
        }
        (None, _) => Ok(None),
    }
}

/// What is wrong with a value itself; whether it has the type that it should have.
fn shape(schema: &Value, value: &Value, path: &str, flaws: &mut Vec<Flaw>) -> bool {
    let wanted = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let either = schema.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true));
    let fits = match wanted {
        "" if either => value.is_i64() || value.is_string(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => true,
    };
    if !fits {
        let wanted = if either { "an integer or a string" } else { kind_of_type(wanted) };
        flaws.push(Flaw::new(path, format!("must be {wanted}, and is {}", kind_of(value))));
        return false;
    }
    match value {
        Value::Object(members) => object(schema, members, path, flaws),
        Value::Array(items) => array(schema, items, path, flaws),
        Value::String(text) => string(schema, text, path, flaws),
        Value::Number(number) => {
            let is = number.as_i64();
            let least = limit(schema, "minimum").filter(|least| is.is_some_and(|is| is < *least));
            let most = limit(schema, "maximum").filter(|most| is.is_some_and(|is| is > *most));
            if let Some(least) = least {
                flaws.push(Flaw::new(path, format!("must be at least {least}, and is {number}")));
            }
            if let Some(most) = most {
                flaws.push(Flaw::new(path, format!("must be at most {most}, and is {number}")));
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
    true
}

fn object(schema: &Value, members: &Map<String, Value>, path: &str, flaws: &mut Vec<Flaw>) {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in required.filter_map(Value::as_str).filter(|name| !members.contains_key(*name)) {
        flaws.push(Flaw::new(&join(path, name), "is missing, and is required".to_owned()));
    }
    size(schema, ["minProperties", "maxProperties"], members.len(), "members", path, flaws);
}

fn array(schema: &Value, items: &[Value], path: &str, flaws: &mut Vec<Flaw>) {
    size(schema, ["minItems", "maxItems"], items.len(), "entries", path, flaws);
    let keys: Vec<&str> = match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("map") => {
            let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
            keys.into_iter().flatten().filter_map(Value::as_str).collect()
        }
        Some("set") => Vec::new(),
        _ => return,
    };
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let parts: Vec<String> = match keys.as_slice() {
            [] => vec![item.to_string()],
            keys => keys.iter().filter_map(|key| item.get(*key).map(Value::to_string)).collect(),
        };
        let what = parts.join(", ").replace('"', "'");
        if !parts.is_empty() && !seen.insert(parts) {
            let at = format!("{path}[{index}]");
            let at = keys.first().map_or_else(|| at.clone(), |key| join(&at, key));
            flaws.push(Flaw::new(&at, format!("{what} is in the list twice; keep one of the entries")));
        }
    }
}

fn string(schema: &Value, text: &str, path: &str, flaws: &mut Vec<Flaw>) {
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        if !words.contains(&text) {
            let which = match words.len() {
                0..=MAX_WORDS => format!("must be one of {}", words.join(", ")),
                many => format!("must be one of {many} words"),
            };
            let meant = meant(text, words.iter().copied());
            flaws.push(Flaw::new(path, format!("{which}, and is '{text}'{meant}")));
            return;
        }
    }
    size(schema, ["minLength", "maxLength"], text.chars().count(), "characters", path, flaws);
    let pattern = schema.get("pattern").and_then(Value::as_str);
    let compiled = pattern.and_then(|p| RegexBuilder::new(p).size_limit(MAX_PATTERN).build().ok());
    if let (Some(pattern), Some(compiled)) = (pattern, compiled)
        && !compiled.is_match(text)
    {
        flaws.push(Flaw::new(path, format!("'{text}' does not match {pattern}")));
    }
}

fn size(schema: &Value, [least, most]: [&str; 2], is: usize, what: &str, path: &str, flaws: &mut Vec<Flaw>) {
    let is = i64::try_from(is).unwrap_or(i64::MAX);
    if let Some(least) = limit(schema, least).filter(|least| is < *least) {
        let message = match least {
            1 => "must not be empty".to_owned(),
            _ => format!("must have at least {least} {what}, and has {is}"),
        };
        flaws.push(Flaw::new(path, message));
    }
    if let Some(most) = limit(schema, most).filter(|most| is > *most) {
        flaws.push(Flaw::new(path, format!("must have at most {most} {what}, and has {is}")));
    }
}

fn limit(schema: &Value, word: &str) -> Option<i64> {
    let limit = schema.get(word)?;
    // schemars writes some of them with a fraction.
    #[expect(clippy::cast_possible_truncation, reason = "limits of schemas are small and whole")]
    limit.as_i64().or_else(|| limit.as_f64().map(|limit| limit as i64))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The hint at the word that was probably meant.
fn meant<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> String {
    let lower = written.to_lowercase();
    let near = known.map(|word| (strsim::osa_distance(&lower, &word.to_lowercase()), word));
    let near = near.filter(|(distance, _)| *distance <= 1 + written.len() / 4).min();
    near.map(|(_, word)| format!("; did you mean '{word}'?")).unwrap_or_default()
}

fn kind_of_type(wanted: &str) -> &str {
    match wanted {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        _ => "a boolean",
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean (quote it)",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn says_what_the_api_server_would_refuse() {
        let schema = json!({ "type": "object", "required": ["list"], "properties": {
            "list": { "type": "array", "maxItems": 3, "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"], "items": { "type": "object", "properties": {
                    "name": { "type": "string", "minLength": 1, "pattern": "^[a-z]*$" },
                    "size": { "type": "integer", "minimum": 1, "maximum": 5 },
                    "word": { "type": "string", "enum": ["Enabled", "Disabled"] } } } },
            "set": { "type": "array", "x-kubernetes-list-type": "set", "items": { "type": "string" } },
            "map": { "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" } } } });
        let definition = Definition::new(schema);
        for (value, wanted) in [
            (json!({ "list": [] }), vec![]),
            (json!({}), vec!["list: is missing, and is required"]),
            (json!({ "list": 3 }), vec!["list: must be a list, and is a number"]),
            (json!({ "list": [], "lits": 1 }), vec!["lits: there is no such field; did you mean 'list'?"]),
            (
                json!({ "list": [{ "name": "a", "size": 6 }, { "name": "a", "size": 0 }] }),
                vec![
                    "list[1].name: 'a' is in the list twice; keep one of the entries",
                    "list[0].size: must be at most 5, and is 6",
                    "list[1].size: must be at least 1, and is 0",
                ],
            ),
            (json!({ "list": [{ "name": "" }] }), vec!["list[0].name: must not be empty"]),
            (json!({ "list": [{ "name": "A" }] }), vec!["list[0].name: 'A' does not match ^[a-z]*$"]),
            (
                json!({ "list": [{ "word": "enabled" }] }),
                vec![
                    "list[0].word: must be one of Enabled, Disabled, and is 'enabled'; did you mean 'Enabled'?",
                ],
            ),
            (json!({ "list": [{}, {}, {}, {}] }), vec!["list: must have at most 3 entries, and has 4"]),
            (
                json!({ "list": [], "set": ["x", "x"], "map": {} }),
                vec!["map: must not be empty", "set[1]: 'x' is in the list twice; keep one of the entries"],
            ),
            (
                json!({ "list": [], "map": { "k": true } }),
                vec!["map.k: must be a string, and is a boolean (quote it)"],
            ),
        ] {
            let flaws: Vec<String> =
                check(&definition, &value, None).by_shape.iter().map(ToString::to_string).collect();
            assert_eq!(flaws, wanted, "{value}");
        }
    }
}
