//! JSON to records: the one place where an object of the API becomes a value of the model.
//!
//! The same code reads what the API server sends and what a manifest says, so both get the same verdict.
//! It is lenient where the API server is (unknown fields), and an object that cannot be read is an error about that
//! object alone. Not its job: YAML (`manifest`), watching (`cluster`).

mod autoscaler;
mod declared;
mod made;
mod managers;
mod network;
mod related;
mod unknown;
mod whole;
mod wire;
mod workload;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::model::{Beside, Facts, Kept, Kind, Meta, Part, ReadFacts, Record};
pub use whole::whole;
use wire::{Wire, WrittenBy};

/// Why an object could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be read: {}{reason}", if field.is_empty() { String::new() } else { format!("{field}: ") })]
pub struct DecodeError {
    /// The path of the field at fault, such as `spec.replicas`; empty when it is the object as a whole.
    pub field: String,
    /// What is wrong there.
    pub reason: String,
}

/// An object that was read as far as it could be.
#[derive(Debug)]
pub enum Decoded {
    /// All of it.
    Record(Record),
    /// Its metadata only: the rest is not what its kind says.
    Unreadable(Meta, DecodeError),
}

/// Reads one object of a kind.
///
/// `json` is the whole object; `default_namespace` is used where a namespaced object names none.
///
/// # Errors
/// When not even the metadata can be read, so that nobody knows which object it is.
pub fn decode(kind: Kind, json: &str, default_namespace: &str) -> Result<Decoded, DecodeError> {
    let wire: Wire<'_> = parse(json, "")?;
    let namespaced = kind.info().namespaced;
    let replicas_by = if kind.has_scale() { wire.metadata.replicas_by() } else { WrittenBy::Others };
    let managed_fields = wire.metadata.managed_fields();
    let mut meta = wire.metadata.into_meta(namespaced.then_some(default_namespace));
    // Of what others own nobody wrote a manifest.
    if !meta.uid.is_empty() && meta.controller.is_none() {
        managers::note(&mut meta, managed_fields, json);
    }
    let body = Body { whole: json, spec: wire.spec, status: wire.status, replicas_by };
    Ok(match record(kind, meta.clone(), &body) {
        Ok(record) => Decoded::Record(record),
        Err(error) => Decoded::Unreadable(meta, error),
    })
}

/// Reads one object that a manifest describes, written in a version of its API; see `decode`.
///
/// # Errors
/// As `decode`.
pub fn decode_manifest(
    kind: Kind,
    api_version: &str,
    json: &str,
    default_namespace: &str,
) -> Result<Decoded, DecodeError> {
    let mut decoded = decode(kind, json, default_namespace)?;
    let meta = match &mut decoded {
        Decoded::Record(record) => record.meta_mut(),
        Decoded::Unreadable(meta, _) => meta,
    };
    // What a cluster was asked for and has been written down: it has passed, and in the version that is asked for.
    if meta.uid.is_empty() {
        meta.written_in = Some(api_version.into());
        meta.unknown_fields = unknown::unknown_fields(api_version, kind.name(), json).into();
    }
    Ok(decoded)
}

/// The parts of an object that are read by kind.
struct Body<'a> {
    whole: &'a str,
    spec: Option<&'a RawValue>,
    status: Option<&'a RawValue>,
    replicas_by: WrittenBy,
}

impl Body<'_> {
    fn spec<T: DeserializeOwned + Default>(&self) -> Result<T, DecodeError> {
        self.spec.map_or_else(|| Ok(T::default()), |raw| part(raw.get(), "spec"))
    }

    fn status<T: DeserializeOwned>(&self) -> Result<Option<T>, DecodeError> {
        self.status.map(|raw| part(raw.get(), "status")).transpose()
    }
}

impl ReadFacts for Body<'_> {
    type Error = DecodeError;

    fn read<T: Kept>(&self) -> Result<T, DecodeError> {
        match T::PART {
            Part::Whole => part(self.whole, ""),
            Part::Spec => part(self.spec.map_or("{}", RawValue::get), "spec"),
        }
    }
}

/// Parses a part of an object. In the API null and absent are the same, and the API server itself writes null for a
/// required list without items, such as a LimitRange's; only when that is in the way is the JSON read again.
fn part<T: DeserializeOwned>(json: &str, prefix: &str) -> Result<T, DecodeError> {
    parse(json, prefix).or_else(|error| {
        let mut value: Value = serde_json::from_str(json).map_err(|_| error.clone())?;
        if !drop_nulls(&mut value) {
            return Err(error);
        }
        T::deserialize(value).map_err(|_| error)
    })
}

/// Takes out the members that are null; whether there were any.
fn drop_nulls(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().map(drop_nulls).filter(|gone| *gone).count() > 0,
        Value::Object(members) => {
            let before = members.len();
            members.retain(|_, member| !member.is_null());
            let gone = members.len() < before;
            members.values_mut().map(drop_nulls).filter(|gone| *gone).count() > 0 || gone
        }
        _ => false,
    }
}

fn record(kind: Kind, meta: Meta, body: &Body<'_>) -> Result<Record, DecodeError> {
    if let Some(facts) = Facts::read(kind, body) {
        return Ok(Record::Beside(Box::new(Beside { kind, meta, facts: facts? })));
    }
    match kind {
        Kind::Deployment
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicaSet
        | Kind::ReplicationController
        | Kind::CronJob
        | Kind::Job
        | Kind::Rollout => workload::workload(kind, meta, body),
        Kind::Pod => workload::pod(meta, body),
        Kind::Declared(kind) => declared::workload(kind, meta, body),
        _ => related::related(kind, meta, body),
    }
}

/// Parses JSON into a type of ours; the error names the field.
///
/// # Errors
/// When it is not what the type says.
pub fn parse_json<'a, T: serde::Deserialize<'a>>(json: &'a str) -> Result<T, DecodeError> {
    parse(json, "")
}

/// Parses JSON; only when that fails, parses again to learn where.
fn parse<'a, T: serde::Deserialize<'a>>(json: &'a str, prefix: &str) -> Result<T, DecodeError> {
    serde_json::from_str(json).map_err(|_| locate::<T>(json, prefix))
}

fn locate<'a, T: serde::Deserialize<'a>>(json: &'a str, prefix: &str) -> DecodeError {
    let deserializer = &mut serde_json::Deserializer::from_str(json);
    match serde_path_to_error::deserialize::<_, T>(deserializer) {
        Ok(_) => DecodeError { field: prefix.to_owned(), reason: "trailing characters".to_owned() },
        Err(error) => {
            let inner = error.path().to_string();
            let field = match (prefix, inner.as_str()) {
                (_, ".") => prefix.to_owned(),
                ("", _) => inner,
                _ => format!("{prefix}.{inner}"),
            };
            DecodeError { field, reason: in_users_words(&error.into_inner().to_string()) }
        }
    }
}

/// The parser's words for users: without the place in our own JSON, and without the names of our types.
fn in_users_words(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(before, _)| before);
    match message.split_once("struct ") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
            format!("{before}an object{rest}")
        }
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_readable(kind: Kind, spec: &str) -> bool {
        let json = format!(r#"{{"metadata":{{"name":"a","namespace":"n"}},"spec":{spec}}}"#);
        matches!(decode(kind, &json, "").unwrap(), Decoded::Record(_))
    }

    #[test]
    fn null_is_absent() {
        // What the API server shows of a LimitRange without limits.
        assert!(is_readable(Kind::LimitRange, r#"{"limits":null}"#));
        assert!(is_readable(Kind::Rollout, r#"{"replicas":null,"template":{"spec":{"containers":null}}}"#));
        assert!(!is_readable(Kind::LimitRange, r#"{"limits":5,"x":null}"#));
    }
}
