//! What the controller writes and uses from one moment to another.
//!
//! Not its job: deciding when these moments are.

use std::time::Duration;

use e2e::{AuditEntry, Cluster, Controller, Error, Result, Usage};
use jiff::Timestamp;

/// The account of the controller, as the audit log names it: nobody else uses it.
const USER: &str = "system:serviceaccount:seaworthy-system:seaworthy";

/// A phase that has begun.
#[derive(Debug)]
pub(super) struct Phase {
    since: Timestamp,
    cpu: Duration,
    evaluations: u64,
}

/// What a phase came to.
#[derive(Debug)]
pub(super) struct Spent {
    /// Writes, but those of the Lease.
    pub(super) writes: usize,
    /// Writes of the Lease.
    pub(super) renewals: usize,
    pub(super) cpu: Duration,
    /// How often a workload or a namespace was looked at.
    pub(super) evaluations: u64,
}

impl Phase {
    /// Begins, with a controller that runs or before one is started.
    pub(super) fn begin(controller: Option<&Controller>) -> Result<Self> {
        let since = Timestamp::now();
        Ok(match controller {
            Some(controller) => {
                Self { since, cpu: used(controller)?.cpu, evaluations: evaluations(controller)? }
            }
            None => Self { since, cpu: Duration::ZERO, evaluations: 0 },
        })
    }

    /// What there was until now.
    pub(super) async fn end(self, cluster: &Cluster, controller: &Controller) -> Result<Spent> {
        let cpu = used(controller)?.cpu.saturating_sub(self.cpu);
        let evaluations = evaluations(controller)?.saturating_sub(self.evaluations);
        let reads = ["get", "list", "watch"];
        let ours = |entry: &&AuditEntry| {
            entry.user == USER && entry.received >= self.since && !reads.contains(&entry.verb.as_str())
        };
        let entries = cluster.audit().await?;
        let (lease, other): (Vec<_>, Vec<_>) =
            entries.iter().filter(ours).partition(|entry| entry.resource == "leases");
        Ok(Spent { writes: other.len(), renewals: lease.len(), cpu, evaluations })
    }
}

/// What a controller has used so far; one that has ended is an error.
pub(super) fn used(controller: &Controller) -> Result<Usage> {
    controller.usage().ok_or_else(|| Error::ControllerFailed {
        status: "nobody asking it to".to_owned(),
        log: controller.log().to_owned(),
    })
}

/// How often a controller has looked at a workload or a namespace so far.
pub(super) fn evaluations(controller: &Controller) -> Result<u64> {
    let metrics = controller.metrics()?;
    let count = metrics.lines().find_map(|line| line.strip_prefix("seaworthy_evaluations_total "));
    count.and_then(|count| count.parse().ok()).ok_or_else(|| Error::Incomplete {
        what: "reading the controller's metrics".to_owned(),
        lacking: "seaworthy_evaluations_total",
    })
}
