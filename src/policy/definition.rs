//! The definitions of our own kinds as the API server has them: the schema of each, and its rules in CEL, asked as the
//! API server asks them.
//!
//! They are the very files that are applied to a cluster, so that no rule stands twice. Not its job: what a schema says
//! besides its rules (`schema`), or what an object means (`validate`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::api::{ATTESTATION_KIND, EXEMPTION_KIND, POLICY_KIND, REPORT_KIND};
use crate::cel::{self, Compiler, Program, Scope};

/// What rules speak of: the value that they stand at, and what it was before.
const VARIABLES: [&str; 2] = ["self", "oldSelf"];
const OLD: usize = 1;

/// A kind's definition.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) schema: Value,
    /// By their text; what is wrong with one that cannot be compiled, which a test says.
    rules: BTreeMap<String, Result<Program, String>>,
}

static DEFINITIONS: LazyLock<[(&str, Definition); 4]> = LazyLock::new(|| {
    let read = |yaml: &str| {
        let crd = serde_saphyr::from_str::<Value>(yaml).unwrap_or_default();
        let schema = crd.pointer("/spec/versions/0/schema/openAPIV3Schema");
        Definition::new(schema.cloned().unwrap_or_default())
    };
    [
        (POLICY_KIND, read(include_str!("../../crds/seaworthy.dev_productionpolicies.yaml"))),
        (EXEMPTION_KIND, read(include_str!("../../crds/seaworthy.dev_complianceexemptions.yaml"))),
        (ATTESTATION_KIND, read(include_str!("../../crds/seaworthy.dev_practiceattestations.yaml"))),
        (REPORT_KIND, read(include_str!("../../crds/seaworthy.dev_compliancereports.yaml"))),
    ]
});

/// The definition of a kind of ours.
pub(super) fn definition(kind: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|(name, _)| *name == kind).map(|(_, definition)| definition)
}

/// Every rule at a schema.
fn rules(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten()
}

fn word<'r>(rule: &'r Value, name: &str) -> &'r str {
    rule.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A rule that a value does not keep.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken<'r> {
    /// The field that it is about, below the value.
    pub(super) below: &'r str,
    /// What it says to that.
    pub(super) message: &'r str,
    /// Why it cannot be told whether the value keeps it.
    pub(super) unsure: Option<String>,
}

impl Definition {
    pub(super) fn new(schema: Value) -> Self {
        let mut compiler = Compiler::new(VARIABLES);
        let mut known = BTreeMap::new();
        each(&schema, &mut |schema| {
            for rule in rules(schema) {
                let text = word(rule, "rule");
                let compile = || compiler.compile(text).map_err(|error| error.to_string());
                known.entry(text.to_owned()).or_insert_with(compile);
            }
        });
        Self { schema, rules: known }
    }

    /// The rules of a schema within the definition that a value does not keep. Those about a change are asked where it
    /// is known what the value was before.
    pub(super) fn broken<'d>(
        &'d self,
        schema: &'d Value,
        value: &Value,
        old: Option<&Value>,
        is_root: bool,
    ) -> Vec<Broken<'d>> {
        if rules(schema).next().is_none() {
            return Vec::new();
        }
        let see = |value| if is_root { seen_root(schema, value) } else { seen(schema, value) };
        let selves = Selves { this: see(value), old: old.and_then(see) };
        let ask = |rule: &'d Value| {
            let unsure = match self.rules.get(word(rule, "rule"))? {
                Ok(program) if program.uses().any(|used| used == OLD) && old.is_none() => return None,
                Ok(program) => match program.run(&selves) {
                    Ok(cel::Value::Bool(true)) => return None,
                    Ok(cel::Value::Bool(false)) => None,
                    Ok(other) => Some(format!("it gives a value of type {}", other.type_of())),
                    Err(error) => Some(error.to_string()),
                },
                Err(error) => Some(error.clone()),
            };
            let below = word(rule, "fieldPath").trim_start_matches('.');
            Some(Broken { below, message: word(rule, "message"), unsure })
        };
        rules(schema).filter_map(ask).collect()
    }
}

/// Every schema within a schema, itself included.
fn each(schema: &Value, visit: &mut impl FnMut(&Value)) {
    visit(schema);
    let properties = schema.get("properties").and_then(Value::as_object);
    let others = ["items", "additionalProperties"].into_iter().filter_map(|name| schema.get(name));
    for inner in properties.into_iter().flat_map(Map::values).chain(others) {
        each(inner, visit);
    }
}

struct Selves<'v> {
    this: Option<cel::Value<'v>>,
    old: Option<cel::Value<'v>>,
}

impl<'v> Scope<'v> for Selves<'v> {
    fn variable(&self, number: usize) -> Result<cel::Value<'v>, String> {
        let value = if number == OLD { &self.old } else { &self.this };
        value.clone().ok_or_else(|| "it is nested too deep".to_owned())
    }
}

/// An object as the rules at its root see it: of its metadata only the name.
fn seen_root<'v>(schema: &'v Value, value: &'v Value) -> Option<cel::Value<'v>> {
    let name =
        |name| Some((name, cel::Value::of_text(value.pointer(&format!("/metadata/{name}"))?.as_str()?)));
    let metadata = cel::Value::of_members(["name", "generateName"].into_iter().filter_map(name))?;
    let head = ["apiVersion", "kind"];
    let head = head.into_iter().filter_map(|n| Some((n, cel::Value::of_text(value.get(n)?.as_str()?))));
    let rest = members(schema, value.as_object()?).filter(|(name, _, _)| *name != "metadata");
    let rest = rest.filter_map(|(name, schema, value)| Some((name, seen(schema, value)?)));
    cel::Value::of_members(rest.chain(head).chain([("metadata", metadata)]))
}

/// The members of an object that its schema knows; those that are not written have their defaults.
fn members<'v>(
    schema: &'v Value,
    written: &'v Map<String, Value>,
) -> impl Iterator<Item = (&'v str, &'v Value, &'v Value)> {
    let known = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties").filter(|others| others.is_object());
    let other = move |(name, value): (&'v String, &'v Value)| {
        let is_known = known.is_some_and(|known| known.contains_key(name));
        others.filter(|_| !is_known).map(|schema| (name.as_str(), schema, value))
    };
    let others = written.iter().filter_map(other);
    let known = known.into_iter().flatten().filter_map(|(name, schema)| {
        let value = written.get(name).filter(|value| !value.is_null());
        Some((name.as_str(), schema, value.or_else(|| schema.get("default"))?))
    });
    known.chain(others)
}

/// A value as rules see it: with the defaults of its schema, without what that does not know, and with instants where
/// it has them.
fn seen<'v>(schema: &'v Value, value: &'v Value) -> Option<cel::Value<'v>> {
    Some(match value {
        Value::Null => cel::Value::Null,
        Value::Bool(truth) => cel::Value::Bool(*truth),
        Value::Number(number) => match number.as_i64() {
            Some(whole) if word(schema, "type") != "number" => cel::Value::Int(whole),
            _ => cel::Value::Double(number.as_f64()?),
        },
        Value::String(text) => match text.parse::<Timestamp>() {
            Ok(instant) if word(schema, "format") == "date-time" => cel::Value::Timestamp(instant),
            _ => cel::Value::of_text(text),
        },
        Value::Array(items) => {
            let schema = schema.get("items").unwrap_or(&Value::Null);
            let items: Option<Vec<_>> = items.iter().map(|item| seen(schema, item)).collect();
            cel::Value::of_items(items?)?
        }
        Value::Object(written) => {
            let members: Option<Vec<_>> = members(schema, written)
                .map(|(name, schema, value)| Some((name, seen(schema, value)?)))
                .collect();
            cel::Value::of_members(members?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cel::Type;

    #[test]
    fn every_rule_of_every_kind_can_be_asked() {
        let mut count = 0;
        for (kind, definition) in DEFINITIONS.iter() {
            assert!(definition.schema.get("properties").is_some(), "{kind}");
            let mut in_file = 0;
            each(&definition.schema, &mut |schema| {
                for rule in rules(schema) {
                    in_file += 1;
                    let program = definition.rules[word(rule, "rule")].as_ref();
                    let gives = program.unwrap_or_else(|error| panic!("{kind}: {rule}: {error}")).gives();
                    assert!(gives.is_none_or(|gives| gives == Type::Bool), "{kind}: {rule}");
                    assert!(!word(rule, "message").is_empty(), "a rule without a message: {rule}");
                    assert!(rule.get("messageExpression").is_none(), "messages are not evaluated: {rule}");
                }
            });
            // None stands where it is not looked for.
            let written = definition.schema.to_string().matches("\"rule\":").count();
            assert_eq!(in_file, written, "{kind}");
            count += in_file;
        }
        assert!(count > 40, "{count} rules");
    }

    #[test]
    fn values_are_what_rules_take_them_for() {
        let schema = json!({ "type": "object",
            "x-kubernetes-validations": [
                { "rule": "self.at > timestamp('2026-01-01T00:00:00Z')", "message": "at", "fieldPath": ".at" },
                { "rule": "self.state == 'Enabled'", "message": "state" },
                { "rule": "self.inner.size == 3 && self.share < 1.5", "message": "inner" },
                { "rule": "!has(self.unknown) && !has(self.nothing)", "message": "unknown" },
                { "rule": "self.labels.all(k, self.labels[k] != '')", "message": "labels" },
                { "rule": "self.state == oldSelf.state", "message": "state may not change" },
            ],
            "properties": {
                "at": { "type": "string", "format": "date-time" },
                "state": { "type": "string", "default": "Enabled" },
                "inner": { "type": "object", "default": {}, "properties": {
                    "size": { "type": "integer", "default": 3 } } },
                "share": { "type": "number" },
                "nothing": { "type": "string" },
                "labels": { "type": "object", "additionalProperties": { "type": "string" } },
            } });
        let definition = Definition::new(schema);
        let ask = |value: Value, old: Option<Value>| -> Vec<String> {
            let broken = definition.broken(&definition.schema, &value, old.as_ref(), false);
            broken.into_iter().map(|b| format!("{} {} {:?}", b.below, b.message, b.unsure)).collect()
        };
        let good = json!({ "at": "2026-06-01T00:00:00+02:00", "share": 1, "unknown": 1, "nothing": null,
            "labels": { "a": "b" } });
        assert_eq!(ask(good.clone(), None), [] as [&str; 0]);
        assert_eq!(ask(good.clone(), Some(good.clone())), [] as [&str; 0]);
        let disabled = json!({ "at": "2026-06-01T00:00:00Z", "share": 1, "labels": {}, "state": "Disabled" });
        assert_eq!(ask(disabled, Some(good)), [" state None", " state may not change None"]);
        let bad = json!({ "at": "2025-06-01T00:00:00Z", "share": 1.5, "labels": { "a": "" } });
        assert_eq!(ask(bad, None), ["at at None", " inner None", " labels None"]);
        let unsure = ask(json!({ "at": "2026-06-01T00:00:00Z", "labels": {} }), None);
        assert!(unsure.len() == 1 && unsure[0].contains("share"), "{unsure:?}");
    }
}
