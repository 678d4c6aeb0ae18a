//! An object of our own API as it was written, to be looked at before anything is made of it.
//!
//! Not its job: what is right about one (`policy::validate`).

use serde_json::Value;

use super::load::Origin;
use super::node::Place;
use crate::api::{ATTESTATION_KIND, EXEMPTION_KIND, GROUP, POLICY_KIND, REPORT_KIND};

/// The kinds of our own API.
pub(super) const OURS: [&str; 4] = [POLICY_KIND, EXEMPTION_KIND, ATTESTATION_KIND, REPORT_KIND];

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

/// That our API has no such kind, and which one may have been meant.
pub(super) fn no_such_kind(written: &str) -> String {
    let near = OURS.iter().find(|kind| strsim::osa_distance(kind, written) <= 4);
    let hint = near.map(|kind| format!("; did you mean '{kind}'?")).unwrap_or_default();
    format!("there is no kind '{written}' in {GROUP}{hint}")
}
