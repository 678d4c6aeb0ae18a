//! THE writer: the only module that changes anything in the cluster, the Lease apart.
//!
//! Every write asks the gate first, has a deadline, and says what became of it. Not its job: deciding what to write.
//! Invariant: no other module calls a writing verb (`tests/house.rs`).

mod remedies;

use std::time::Duration;

use kube::api::{DeleteParams, Patch, PatchParams, Preconditions};
use kube::{Api, Client};
use serde::Serialize;
use serde_json::{Value, json};

use crate::api::{API_VERSION, ATTESTATION_KIND, ComplianceReport, EXEMPTION_KIND, POLICY_KIND};
use crate::cluster::{Element, attestations, exemptions, policies, reports};
use crate::decode::parse_json;
use crate::model::{SubjectKey, Text};
use crate::report::{correction, document, fingerprint};
use crate::telemetry::Metrics;

use super::change::{Announcement, Change, Regarding, Written};
use super::events::Announcer;
use super::input::Stored;
use super::leader::Gate;

/// The field manager of reports.
const REPORTS: &str = "seaworthy-reports";
/// The field manager of statuses.
const STATUS: &str = "seaworthy-status";
/// How long one write may take.
const DEADLINE: Duration = Duration::from_secs(8);

/// Writes changes.
#[derive(Clone)]
pub(super) struct Writer {
    pub(super) client: Client,
    pub(super) gate: Gate,
    pub(super) announcer: Announcer,
    pub(super) metrics: Metrics,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error("this process does not hold the Lease")]
    NotLeading,
    #[error("the API server did not answer within {} s", DEADLINE.as_secs())]
    Deadline,
    #[error(transparent)]
    Kube(#[from] kube::Error),
    #[error("cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("what stands beside it cannot be read: {0}")]
    Unreadable(String),
}

impl Writer {
    /// Writes a change and says what became of it.
    pub(super) async fn write(self, change: Change) -> Written {
        match change {
            Change::Report { key, report, event } => {
                let outcome = self.within_deadline(self.report(&report)).await;
                match self.counted("report_apply", &key, outcome) {
                    Some(stored) => {
                        if let Some(event) = event
                            && self.gate.may_write()
                        {
                            let regarding = Regarding::subject(&key, &report.scope.uid);
                            self.announcer
                                .announce(Announcement { regarding, draft: event, once: None })
                                .await;
                        }
                        Written::Report(key, stored)
                    }
                    None => Written::ReportFailed(key),
                }
            }
            Change::Remove { key, name, stored } => {
                let outcome = self.within_deadline(self.remove(&key, &name, &stored)).await;
                match self.counted("report_delete", &key, outcome) {
                    Some(()) => Written::Removed(key),
                    None => Written::ReportFailed(key),
                }
            }
            Change::Status { policy, status } => {
                let api = Api::all_with(self.client.clone(), &policies());
                let outcome = self.within_deadline(set_status(api, POLICY_KIND, &policy, &*status)).await;
                match self.counted("status_apply", &policy, outcome) {
                    Some(()) => Written::Status(policy, status),
                    None => Written::StatusFailed(policy),
                }
            }
            Change::ExemptionStatus { place, status } => {
                let api = Api::namespaced_with(self.client.clone(), &place.0, &exemptions());
                let outcome = self.within_deadline(set_status(api, EXEMPTION_KIND, &place.1, &*status)).await;
                match self.counted("exemption_status_apply", &place, outcome) {
                    Some(()) => Written::ExemptionStatus(place, status),
                    None => Written::ExemptionStatusFailed(place),
                }
            }
            Change::AttestationStatus { place, status } => {
                let api = Api::namespaced_with(self.client.clone(), &place.0, &attestations());
                let outcome =
                    self.within_deadline(set_status(api, ATTESTATION_KIND, &place.1, &*status)).await;
                match self.counted("attestation_status_apply", &place, outcome) {
                    Some(()) => Written::AttestationStatus(place, status),
                    None => Written::AttestationStatusFailed(place),
                }
            }
            Change::Remedy(act) => Written::Remedy(self.remedy(*act).await),
            Change::Announce(announcement) => {
                if self.gate.may_write() {
                    self.announcer.announce(*announcement).await;
                }
                Written::Announced
            }
        }
    }

    async fn within_deadline<T>(
        &self,
        write: impl Future<Output = Result<T, WriteError>>,
    ) -> Result<T, WriteError> {
        if !self.gate.may_write() {
            return Err(WriteError::NotLeading);
        }
        tokio::time::timeout(DEADLINE, write).await.unwrap_or(Err(WriteError::Deadline))
    }

    fn counted<T>(
        &self,
        what: &'static str,
        of: &dyn std::fmt::Debug,
        outcome: Result<T, WriteError>,
    ) -> Option<T> {
        self.metrics.wrote(what, outcome.is_ok());
        outcome
            .inspect_err(|error| tracing::warn!(what, ?of, %error, "cannot write; it will be tried again"))
            .ok()
    }

    async fn report(&self, report: &ComplianceReport) -> Result<Stored, WriteError> {
        let api: Api<Element> =
            Api::namespaced_with(self.client.clone(), &report.metadata.namespace, &reports());
        let (name, wanted) = (&report.metadata.name, serde_json::to_value(document(report))?);
        let written = api.patch(name, &PatchParams::apply(REPORTS).force(), &Patch::Apply(&wanted)).await?;
        let stored = stored(&written);
        if stored.fingerprint == Some(fingerprint(report)) {
            return Ok(stored);
        }
        // Somebody put in what an apply does not take away.
        let patch = correction(&wanted, &serde_json::from_str(written.json())?);
        let params = PatchParams { field_manager: Some(REPORTS.to_owned()), ..PatchParams::default() };
        Ok(self::stored(&api.patch(name, &params, &Patch::Merge(patch)).await?))
    }

    /// Deletes exactly the report that was seen: another of the same name is not touched.
    async fn remove(&self, key: &SubjectKey, name: &Text, stored: &Stored) -> Result<(), WriteError> {
        let api: Api<Element> = Api::namespaced_with(self.client.clone(), key.namespace(), &reports());
        let preconditions = Preconditions {
            uid: Some(stored.uid.to_string()),
            resource_version: Some(stored.resource_version.to_string()),
        };
        let params = DeleteParams::default().preconditions(preconditions);
        match api.delete(name, &params).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Writes the status of an object of ours.
async fn set_status(
    api: Api<Element>,
    kind: &str,
    name: &str,
    status: &impl Serialize,
) -> Result<(), WriteError> {
    let status: Value = serde_json::to_value(status)?;
    let patch = json!({
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": { "name": name },
        "status": status,
    });
    api.patch_status(name, &PatchParams::apply(STATUS).force(), &Patch::Apply(patch)).await?;
    Ok(())
}

/// What the API server made of a report, defaults and all: what a watch will show.
fn stored(written: &Element) -> Stored {
    parse_json::<ComplianceReport>(written.json()).map(|report| Stored::from(&report)).unwrap_or_default()
}
