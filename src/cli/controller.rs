//! `seaworthy controller`: watches a cluster and writes reports.

use std::hash::{BuildHasher, RandomState};

use crate::controller::{self, ControllerError, RemediationSettings, Settings};
use crate::telemetry;

use super::args::{ControllerArgs, LogFormat, RemediationKind};
use super::{End, Failure};

pub(super) fn run(args: &ControllerArgs) -> Result<End, Failure> {
    let started = telemetry::start_logging(&args.log, args.log_format == LogFormat::Json);
    started.map_err(|reason| ControllerError::LogFilter { filter: args.log.clone(), reason }.to_string())?;
    // Two processes on one machine must never hold the Lease under one name.
    let random = || format!("seaworthy-{:016x}", RandomState::new().hash_one(std::process::id()));
    let settings = Settings {
        namespace: args.namespace.clone(),
        identity: args.identity.clone().unwrap_or_else(random),
        listen: args.listen,
        remediation: RemediationSettings {
            pod_disruption_budgets: args.remediation.contains(&RemediationKind::PodDisruptionBudgets),
            network_policies: args.remediation.contains(&RemediationKind::NetworkPolicies),
            writes_per_minute: args.remediation_writes_per_minute.into(),
        },
    };
    let runtime = tokio::runtime::Runtime::new().map_err(|e| ControllerError::Runtime(e).to_string())?;
    let ended = runtime.block_on(controller::run(settings));
    // Watches wait for ever; nothing of theirs is worth waiting for.
    runtime.shutdown_background();
    ended.map(|()| End::Clean).map_err(|error| error.to_string())
}
