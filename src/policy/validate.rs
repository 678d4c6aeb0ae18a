//! What is wrong with a policy as it was written, before anything applies it: by the schema, by the rules of the
//! schema, by what it means, and by what in it can never have an effect.
//!
//! Pure. Not its job: reading files, or where in a file a field stands (`manifest`).

use std::fmt;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::api::{API_VERSION, ProductionPolicy};
use crate::engine::{Catalogue, selector};

use super::resolve::resolve;
use super::schema;

/// Something that is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The path of the field, such as `spec.checks[0].name`.
    pub field: String,
    /// What is wrong there.
    pub message: String,
}

impl Flaw {
    pub(super) fn new(field: &str, message: String) -> Self {
        Self { field: field.to_owned(), message }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// The schema that the API server holds policies against; a test keeps the file what the types say.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let crd =
        serde_saphyr::from_str::<Value>(include_str!("../../crds/seaworthy.dev_productionpolicies.yaml"));
    let schema = |crd: Value| crd.pointer("/spec/versions/0/schema/openAPIV3Schema").cloned();
    crd.ok().and_then(schema).unwrap_or_default()
});

/// The name of an object as it was written.
pub fn name_of(object: &Value) -> Option<&str> {
    object.pointer("/metadata/name").and_then(Value::as_str)
}

/// Everything that is wrong with a policy. One thing is said once: where what a field means is wrong as well as how it
/// looks, it is what it means.
pub fn validate(policy: &Value, catalogue: &Catalogue) -> Vec<Flaw> {
    let by_shape = head(policy).into_iter().chain(schema::check(&SCHEMA, policy, ""));
    let mut flaws: Vec<Flaw> = Vec::new();
    match ProductionPolicy::deserialize(policy) {
        Ok(typed) => {
            let errors = resolve(&typed, catalogue).err().unwrap_or_default();
            flaws.extend(errors.iter().map(|error| from_text(&error.to_string())));
            add(&mut flaws, by_shape, |told, field| told == field);
            add(&mut flaws, without_effect(&typed), |told, field| told.starts_with(field));
        }
        // The schema says where; if it does not, this does.
        Err(error) => {
            flaws.extend(by_shape);
            if flaws.is_empty() {
                flaws.push(Flaw::new("spec", format!("cannot be read: {error}")));
            }
        }
    }
    flaws
}

/// Adds what is not told yet.
fn add(flaws: &mut Vec<Flaw>, more: impl IntoIterator<Item = Flaw>, tells: fn(&str, &str) -> bool) {
    for flaw in more {
        if !flaws.iter().any(|told| tells(&told.field, &flaw.field)) {
            flaws.push(flaw);
        }
    }
}

/// What the schema does not say: every object has these.
fn head(policy: &Value) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let version = policy.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    if version != API_VERSION {
        flaws.push(Flaw::new("apiVersion", format!("must be {API_VERSION}, and is '{version}'")));
    }
    match name_of(policy) {
        None | Some("") => flaws.push(Flaw::new("metadata.name", "is missing, and is required".to_owned())),
        Some(name) if !is_subdomain(name) => {
            let message = format!(
                "'{name}' must be lower case letters, digits, '-' and '.', and begin and end with a letter or digit"
            );
            flaws.push(Flaw::new("metadata.name", message));
        }
        Some(_) => {}
    }
    flaws
}

/// Whether the API server takes a name: a DNS subdomain.
fn is_subdomain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.split('.').all(|label| {
        let bytes = label.as_bytes();
        let ends = [bytes.first(), bytes.last()].into_iter().all(|end| end.is_some_and(|b| plain(*b)));
        ends && bytes.iter().all(|byte| plain(*byte) || *byte == b'-')
    })
}

/// An error that begins with the path of its field.
fn from_text(error: &str) -> Flaw {
    match error.split_once(": ") {
        Some((field, message)) => Flaw::new(field, message.to_owned()),
        None => Flaw::new("", error.to_owned()),
    }
}

/// What is well written and can never have an effect. An exemption that no policy lets through belongs here.
fn without_effect(policy: &ProductionPolicy) -> Vec<Flaw> {
    let matched = &policy.spec.match_;
    let selectors = [
        ("spec.match.namespaceSelector", Some(&matched.namespace_selector)),
        ("spec.match.objectSelector", matched.object_selector.as_ref()),
    ];
    let useless =
        selectors.into_iter().filter(|(_, written)| written.is_some_and(|w| selector(w).is_invalid()));
    let message = "has a key or a value that no label can have, so it selects nothing";
    useless.map(|(field, _)| Flaw::new(field, message.to_owned())).collect()
}

/// Whether a value keeps a rule.
type Holds = fn(&Value) -> bool;

/// The rules that the schema has in CEL, by their text: what each asks of the value that it stands at. Those about
/// whose parameter is whose are not here: `resolve` says that in better words.
const RULES: &[(&str, Holds)] = &[
    ("self.metadata.name.size() <= 63", |policy| {
        name_of(policy).is_none_or(|name| name.chars().count() <= 63)
    }),
    (
        "self.profile.level != 'None' || (has(self.checks) && self.checks.size() > 0) || (has(self.attestations) && self.attestations.size() > 0) || (has(self.customChecks) && self.customChecks.size() > 0)",
        |spec| {
            let level = spec.pointer("/profile/level").and_then(Value::as_str);
            let has = |list: &str| spec.get(list).and_then(Value::as_array).is_some_and(|l| !l.is_empty());
            level != Some("None") || has("checks") || has("attestations") || has("customChecks")
        },
    ),
    (
        "!has(self.attested) || !has(self.attested.expirationTime) || self.attested.expirationTime > self.attested.performedTime",
        |practice| {
            let time = |path| practice.pointer(path)?.as_str()?.parse::<Timestamp>().ok();
            let times = (time("/attested/expirationTime"), time("/attested/performedTime"));
            let (Some(expiration), Some(performed)) = times else { return true };
            expiration > performed
        },
    ),
    ("!self.exists(c, c == '*') || self.size() == 1", |checks| {
        let checks = checks.as_array().map(Vec::as_slice).unwrap_or_default();
        checks.len() == 1 || !checks.iter().any(|check| check == "*")
    }),
    ("self.trim().size() >= 10", |reason| {
        reason.as_str().is_none_or(|reason| reason.trim().chars().count() >= 10)
    }),
    ("!has(self.parameters) || self.state == 'Enabled'", |setting| {
        setting.get("parameters").is_none() || setting.get("state").is_none_or(|state| state == "Enabled")
    }),
    (
        "self.operator in ['In', 'NotIn'] ? has(self.values) && self.values.size() > 0 : !has(self.values) || self.values.size() == 0",
        |requirement| {
            let operator = requirement.get("operator").and_then(Value::as_str).unwrap_or_default();
            let values = requirement.get("values").and_then(Value::as_array);
            matches!(operator, "In" | "NotIn") == values.is_some_and(|values| !values.is_empty())
        },
    ),
];

/// Whether a value keeps a rule of its schema; `None` for a rule that is not known here.
pub(super) fn keeps(rule: &str, value: &Value) -> Option<bool> {
    RULES.iter().find(|(text, _)| *text == rule).map(|(_, holds)| holds(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules<'s>(schema: &'s Value, found: &mut Vec<&'s str>) {
        match schema {
            Value::Object(members) => {
                for (name, member) in members {
                    if name == "x-kubernetes-validations" {
                        let each = member.as_array().into_iter().flatten();
                        found.extend(each.filter_map(|rule| rule.get("rule")?.as_str()));
                    }
                    rules(member, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| rules(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_rule_of_the_schema_is_known() {
        let mut found = Vec::new();
        rules(&SCHEMA, &mut found);
        // `resolve` says the same of parameters, and of the names and kinds of custom checks.
        let of_resolve = [
            "!has(self.parameters) || !has(self.parameters.",
            "!(self.name in [",
            "!has(self.customChecks) ||",
        ];
        let of_resolve = |rule: &&str| of_resolve.iter().any(|begin| rule.starts_with(begin));
        let unknown: Vec<&str> = found
            .iter()
            .copied()
            .filter(|rule| !of_resolve(rule) && keeps(rule, &Value::Null).is_none())
            .collect();
        assert!(found.len() > 10 && unknown.is_empty(), "say in RULES what these ask: {unknown:?}");
    }
}
