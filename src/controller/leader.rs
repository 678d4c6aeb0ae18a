//! May I write? One Lease in the controller's namespace, held by one process at a time.
//!
//! Written with the Lease's resourceVersion, so that of two who try one wins. Expiry is judged by when *this* process
//! saw the Lease change, never by another machine's clock; the right to write is counted from before the request was
//! sent, and is shorter than what others wait for. Not its job: what is written (`apply` asks before each write).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use kube::api::PostParams;
use kube::{Api, Client};
use tokio::sync::watch;

use crate::cluster::LEASE;

/// How long others wait, since they last saw a change, before they take the Lease.
const DURATION: Duration = Duration::from_secs(15);
/// How long a renewal gives the right to write.
const VALID: Duration = Duration::from_secs(10);
/// How often it is renewed, or asked for.
const EVERY: Duration = Duration::from_secs(2);
/// How long one request may take.
const DEADLINE: Duration = Duration::from_secs(4);

/// The right to write, as of now. Cheap to ask.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    started: Instant,
    /// Milliseconds after `started` until which the right holds; 0 for none.
    until: Arc<AtomicU64>,
    changed: watch::Sender<bool>,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self { started: Instant::now(), until: Arc::default(), changed: watch::Sender::new(false) }
    }

    /// Whether this process may write at this moment.
    pub(super) fn may_write(&self) -> bool {
        self.millis(Instant::now()) < self.until.load(Ordering::Acquire)
    }

    /// Tells when the right is won or lost.
    pub(super) fn subscribe(&self) -> watch::Receiver<bool> {
        self.changed.subscribe()
    }

    fn millis(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.started).as_millis()).unwrap_or(u64::MAX)
    }

    fn grant(&self, until: Instant) {
        self.until.store(self.millis(until), Ordering::Release);
        self.changed.send_if_modified(|leads| !std::mem::replace(leads, true));
    }

    fn revoke(&self) {
        self.until.store(0, Ordering::Release);
        self.changed.send_if_modified(|leads| std::mem::replace(leads, false));
    }
}

/// What was last seen of the Lease, and when this process saw it.
struct Seen {
    holder: String,
    resource_version: Option<String>,
    at: Instant,
}

/// Holds the Lease, or waits for it, until told to stop; then gives it back.
pub(super) async fn hold(
    client: Client,
    namespace: String,
    identity: String,
    gate: Gate,
    mut stop: watch::Receiver<bool>,
) {
    let api: Api<Lease> = Api::namespaced(client, &namespace);
    let mut seen: Option<Seen> = None;
    loop {
        let attempt = tokio::time::timeout(DEADLINE, attempt(&api, &identity, &mut seen, &gate)).await;
        match attempt {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, lease = LEASE, %namespace, "cannot hold the Lease"),
            Err(_) => tracing::warn!(lease = LEASE, %namespace, "the API server did not answer in time"),
        }
        if !gate.may_write() {
            gate.revoke();
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            // Also when the sender is gone: then nobody is left to lead for.
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    let held = gate.may_write();
    // Nobody may write any more from here on, also if the release fails.
    gate.revoke();
    if held && let Err(error) = release(&api, &identity).await {
        tracing::warn!(%error, "cannot release the Lease; others wait until it expires");
    }
}

/// One try to take or renew the Lease.
async fn attempt(
    api: &Api<Lease>,
    identity: &str,
    seen: &mut Option<Seen>,
    gate: &Gate,
) -> Result<(), kube::Error> {
    let asked = Instant::now();
    let Some(mut lease) = api.get_opt(LEASE).await? else {
        let mut fresh = Lease {
            metadata: ObjectMeta { name: Some(LEASE.to_owned()), ..ObjectMeta::default() },
            spec: None,
        };
        claim(&mut fresh, identity);
        api.create(&PostParams::default(), &fresh).await?;
        gate.grant(asked + VALID);
        return Ok(());
    };
    let holder = lease.spec.as_ref().and_then(|spec| spec.holder_identity.clone()).unwrap_or_default();
    let resource_version = lease.metadata.resource_version.clone();
    let changed = seen.as_ref().is_none_or(|s| s.resource_version != resource_version || s.holder != holder);
    if changed {
        *seen = Some(Seen { holder: holder.clone(), resource_version, at: asked });
    }
    let expired = seen.as_ref().is_some_and(|s| s.at.elapsed() > DURATION);
    if holder != identity && !holder.is_empty() && !expired {
        gate.revoke();
        return Ok(());
    }
    claim(&mut lease, identity);
    match api.replace(LEASE, &PostParams::default(), &lease).await {
        Ok(_) => {
            gate.grant(asked + VALID);
            Ok(())
        }
        // Somebody else was faster; the next try sees who.
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
        Err(error) => Err(error),
    }
}

fn claim(lease: &mut Lease, identity: &str) {
    let now = MicroTime(Timestamp::now());
    let spec = lease.spec.get_or_insert_with(LeaseSpec::default);
    if spec.holder_identity.as_deref() != Some(identity) {
        spec.lease_transitions = Some(spec.lease_transitions.unwrap_or(0).saturating_add(1));
        spec.acquire_time = Some(now.clone());
    }
    spec.holder_identity = Some(identity.to_owned());
    spec.lease_duration_seconds = i32::try_from(DURATION.as_secs()).ok();
    spec.renew_time = Some(now);
}

async fn release(api: &Api<Lease>, identity: &str) -> Result<(), kube::Error> {
    let Some(mut lease) = api.get_opt(LEASE).await? else { return Ok(()) };
    if let Some(spec) = &mut lease.spec
        && spec.holder_identity.as_deref() == Some(identity)
    {
        spec.holder_identity = None;
        api.replace(LEASE, &PostParams::default(), &lease).await?;
    }
    Ok(())
}
