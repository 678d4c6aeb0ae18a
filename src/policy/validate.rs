//! What is wrong with an object of ours as it was written, before anything applies it: by the schema, by the rules of
//! the schema, by what it means, and by what in it can never have an effect.
//!
//! Pure. Not its job: reading files, or where in a file a field stands (`manifest`).

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::api::{
    API_VERSION, ATTESTATION_KIND, ComplianceExemption, ComplianceReport, EXEMPTION_KIND, POLICY_KIND,
    PracticeAttestation, ProductionPolicy,
};
use crate::engine::Catalogue;

use super::definition::definition;
use super::grant;
use super::resolve::{Policy, resolve};
use super::schema;
use super::unreachable;

/// Something that is wrong with an object.
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

/// What an object is validated by, besides itself.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// The checks there are.
    pub catalogue: &'a Catalogue,
    /// The policies of the same input; none where one of them is not right.
    pub policies: &'a [Policy],
    /// What the object takes the place of, if anything: some fields may not change.
    pub earlier: Option<&'a Value>,
    /// The time: what ended before it has no effect.
    pub now: Timestamp,
}

/// The name of an object as it was written.
pub fn name_of(object: &Value) -> Option<&str> {
    object.pointer("/metadata/name").and_then(Value::as_str)
}

/// The policy that an object is, where it is one that can be applied.
pub fn policy_of(object: &Value, catalogue: &Catalogue) -> Option<Policy> {
    resolve(&ProductionPolicy::deserialize(object).ok()?, catalogue).ok()
}

/// Everything that is wrong with an object of one of our kinds. One thing is said once: in the words of the rule that
/// the API server would answer with, or else by what it means, or else by how it looks.
pub fn validate(kind: &str, object: &Value, beside: &Beside<'_>) -> Vec<Flaw> {
    let Some(definition) = definition(kind) else { return Vec::new() };
    let schema::Flaws { by_rule, by_shape } = schema::check(definition, object, beside.earlier);
    let by_shape = head(object).into_iter().chain(by_shape);
    let by_shape: Vec<Flaw> = by_shape.collect();
    let (read, mut by_meaning, without_effect) = match kind {
        POLICY_KIND => of_policy(object, beside),
        EXEMPTION_KIND => of_exemption(object, beside),
        ATTESTATION_KIND => readable::<PracticeAttestation>(object),
        _ => readable::<ComplianceReport>(object),
    };
    // Of parameters the schema says more than who reads them.
    let by_schema = |flaw: &Flaw| by_shape.iter().any(|shape| shape.field == flaw.field);
    by_meaning.retain(|flaw| !flaw.field.contains(".parameters.") || !by_schema(flaw));
    let mut flaws: Vec<Flaw> = Vec::new();
    // What it means may say the same of a finer place.
    let finer = |rule: &Flaw| by_meaning.iter().any(|flaw| flaw.message.contains(&rule.message));
    flaws.extend(by_rule.into_iter().filter(|rule| !finer(rule)));
    add(&mut flaws, by_meaning.clone(), |told, field| told == field);
    add(&mut flaws, by_shape, |told, field| told == field);
    add(&mut flaws, without_effect, |told, field| told.starts_with(field) || field.starts_with(told));
    // The schema says where; if it does not, this does.
    if let (true, Err(error)) = (flaws.is_empty(), read) {
        flaws.push(Flaw::new("spec", format!("cannot be read: {error}")));
    }
    flaws
}

/// Whether it can be read, what is wrong with what it means, and what of it can have no effect.
type Meaning = (Result<(), String>, Vec<Flaw>, Vec<Flaw>);

/// Of a kind of which nothing more is asked.
fn readable<'o, T: Deserialize<'o>>(object: &'o Value) -> Meaning {
    let read = T::deserialize(object).map(|_| ()).map_err(|error| error.to_string());
    (read, Vec::new(), Vec::new())
}

fn of_policy(object: &Value, beside: &Beside<'_>) -> Meaning {
    let typed = match ProductionPolicy::deserialize(object) {
        Ok(typed) => typed,
        Err(error) => return (Err(error.to_string()), Vec::new(), Vec::new()),
    };
    let mut without_effect = unreachable::of_selectors(&typed);
    let wrong = match resolve(&typed, beside.catalogue) {
        Ok(policy) => {
            without_effect.extend(unreachable::of_entries(&policy, beside.now));
            Vec::new()
        }
        Err(errors) => errors.iter().map(|error| from_text(&error.to_string())).collect(),
    };
    (Ok(()), wrong, without_effect)
}

fn of_exemption(object: &Value, beside: &Beside<'_>) -> Meaning {
    let mut typed = match ComplianceExemption::deserialize(object) {
        Ok(typed) => typed,
        Err(error) => return (Err(error.to_string()), Vec::new(), Vec::new()),
    };
    if let (true, Some(target)) = (typed.metadata.namespace.is_empty(), &typed.spec.target_ref) {
        // It may be meant for any namespace, and so for this one.
        typed.metadata.namespace.clone_from(&target.name);
    }
    let wrong: Vec<Flaw> = grant::flaws(&typed).iter().map(|flaw| from_text(flaw)).collect();
    let without_effect = match wrong.is_empty() {
        true => unreachable::of_object(
            &typed,
            &grant::of_object(&typed),
            beside.policies,
            beside.catalogue,
            beside.now,
        ),
        false => Vec::new(),
    };
    (Ok(()), wrong, without_effect)
}

/// Adds what is not told yet.
fn add(flaws: &mut Vec<Flaw>, more: impl IntoIterator<Item = Flaw>, tells: fn(&str, &str) -> bool) {
    let told: Vec<String> = flaws.iter().map(|flaw| flaw.field.clone()).collect();
    flaws.extend(more.into_iter().filter(|flaw| !told.iter().any(|told| tells(told, &flaw.field))));
}

/// What the schema does not say: every object has these.
fn head(object: &Value) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let version = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    if version != API_VERSION {
        flaws.push(Flaw::new("apiVersion", format!("must be {API_VERSION}, and is '{version}'")));
    }
    match name_of(object) {
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
