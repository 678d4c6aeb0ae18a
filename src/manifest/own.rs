//! An object of our own API as it was written, to be looked at before anything is made of it.
//!
//! Not its job: what is right about one (`policy::validate`).

use serde_json::Value;

use super::load::Origin;
use super::node::Place;

/// An object of our own API as it was written.
#[derive(Clone, Debug)]
pub struct Own {
    kind: &'static str,
    json: String,
    file: String,
    origin: Origin,
}

impl Own {
    pub(super) fn new(kind: &'static str, json: &str, file: &str, origin: Origin) -> Self {
        Self { kind, json: json.to_owned(), file: file.to_owned(), origin }
    }

    /// The kind's name.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// What was written.
    pub fn value(&self) -> Value {
        // It was JSON when it was put in.
        serde_json::from_str(&self.json).unwrap_or_default()
    }

    /// The file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Where a field of it stands, or the nearest part of its path that is there.
    pub fn place(&self, field: &str) -> Place {
        self.origin.locate(field)
    }
}
