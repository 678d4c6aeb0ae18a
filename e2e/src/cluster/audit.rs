//! The API server's audit log: who called what, exactly. And the policy that decides what is in it.
//!
//! Not here: judging the calls.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, IoContext as _, Result};

/// Leaves out what the control plane does by itself. The controllers run as ServiceAccounts of kube-system
/// (`--use-service-account-credentials`), so that the garbage collector is not mistaken for somebody else.
/// The admin stays in: tests act as admin.
pub(super) const POLICY: &str = r#"apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, users: ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler", "kwok"]}
- {level: None, userGroups: ["system:serviceaccounts:kube-system"]}
- {level: None, nonResourceURLs: ["/healthz*", "/readyz*", "/livez*", "/version", "/openapi/*"]}
# With uids: a name says what an object is called, and not which one it is.
- level: RequestResponse
  omitManagedFields: true
  verbs: [create, update, patch, delete, deletecollection]
  resources:
  - {group: policy, resources: [poddisruptionbudgets]}
  - {group: networking.k8s.io, resources: [networkpolicies]}
- {level: Metadata}
"#;

/// One call to the API server that has been answered completely.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditEntry {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verb: String,
    /// Who called.
    pub user: String,
    /// With what program.
    pub user_agent: String,
    /// Path and query.
    pub uri: String,
    /// Empty for what is not in a namespace.
    pub namespace: String,
    /// Empty for the core group, and for URLs that are no resources.
    pub api_group: String,
    /// The plural, as in `pods`.
    pub resource: String,
    /// As in `status` or `token`.
    pub subresource: String,
    /// Empty for lists.
    pub name: String,
    /// The uid that the call itself names, in the object or as a precondition. Empty where it names none, and for all
    /// but writes of PodDisruptionBudgets and NetworkPolicies.
    pub wanted_uid: String,
    /// The uid of the object that was written, as the answer says it; empty as above, and where the call failed.
    pub uid: String,
    /// The HTTP status.
    pub code: u16,
    /// When the call came in.
    pub received: Timestamp,
    /// When it had been answered.
    pub completed: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    stage: String,
    verb: String,
    #[serde(rename = "requestURI")]
    request_uri: String,
    user: User,
    #[serde(default)]
    user_agent: String,
    object_ref: Option<ObjectRef>,
    response_status: Option<ResponseStatus>,
    #[serde(default)]
    request_object: Value,
    #[serde(default)]
    response_object: Value,
    request_received_timestamp: Timestamp,
    stage_timestamp: Timestamp,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ObjectRef {
    resource: String,
    namespace: String,
    name: String,
    api_group: String,
    subresource: String,
}

#[derive(Deserialize)]
struct ResponseStatus {
    code: Option<u16>,
}

/// Reads the log as far as it is written; no log yet is no entries.
pub(super) fn read(path: &Path) -> Result<Vec<AuditEntry>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.at("open", path)?,
    };
    let mut reader = BufReader::new(file);
    let mut entries = Vec::new();
    let mut text = String::new();
    loop {
        text.clear();
        reader.read_line(&mut text).at("read", path)?;
        // The server may be in the middle of a line.
        if !text.ends_with('\n') {
            return Ok(entries);
        }
        let line: Line = serde_json::from_str(&text)
            .map_err(|source| Error::Json { what: format!("a line of {}", path.display()), source })?;
        if line.stage == "ResponseComplete" {
            entries.push(line.into());
        }
    }
}

impl From<Line> for AuditEntry {
    fn from(line: Line) -> Self {
        let object = line.object_ref.unwrap_or_default();
        let uid = |of: &Value, at: [&str; 2]| {
            let found = at.iter().find_map(|at| of.pointer(at)?.as_str());
            found.unwrap_or_default().to_owned()
        };
        Self {
            wanted_uid: uid(&line.request_object, ["/metadata/uid", "/preconditions/uid"]),
            // What has been deleted is answered with a Status.
            uid: uid(&line.response_object, ["/metadata/uid", "/details/uid"]),
            verb: line.verb,
            user: line.user.username,
            user_agent: line.user_agent,
            uri: line.request_uri,
            namespace: object.namespace,
            api_group: object.api_group,
            resource: object.resource,
            subresource: object.subresource,
            name: object.name,
            code: line.response_status.and_then(|status| status.code).unwrap_or(0),
            received: line.request_received_timestamp,
            completed: line.stage_timestamp,
        }
    }
}
