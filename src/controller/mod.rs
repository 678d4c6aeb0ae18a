//! The controller: watches, looks, writes. This file wires the parts together and keeps them alive.
//!
//! Every long-lived task is supervised: one that ends or panics ends the process, which is then started anew whole.
//! Not its job: what the parts do.

mod act;
mod apply;
mod attestations;
#[cfg(test)]
mod attested_tests;
mod calendar;
mod change;
mod declared;
mod error;
mod events;
#[cfg(test)]
mod exemption_tests;
mod exemptions;
mod input;
mod leader;
mod memory;
mod pipeline;
#[cfg(test)]
mod pipeline_races;
#[cfg(test)]
mod pipeline_tests;
#[cfg(test)]
mod pipeline_wholes;
mod policies;
#[cfg(test)]
mod policy_status_tests;
mod queue;
mod remediation;
#[cfg(test)]
mod remediation_tests;
mod staging;
#[cfg(test)]
mod staging_tests;
mod statuses;
mod stored;
mod verdicts;
mod watches;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use kube::Client;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::api::{ComplianceExemption, ProductionPolicy};
use crate::cluster::{self, Need, Observation, WATCHED};
use crate::model::{DeclaredKind, Needs};
use crate::telemetry::{self, Health, Metrics};

use apply::Writer;
use change::Written;
pub use error::ControllerError;
use events::Announcer;
use input::{Input, Ours, ReportObject};
use leader::Gate;
use pipeline::{Pipeline, Step};
use queue::Lane;
use remediation::Remediation;
pub use remediation::RemediationSettings;
use watches::Watches;

/// Writes under way at one time.
const MAX_WRITES: usize = 16;
/// Steps between two looks at what comes in.
const STEPS: usize = 64;
/// Observations that may wait; a watch that is faster waits itself.
const BACKLOG: usize = 1024;
/// Observations of one watch that may wait to be handed on.
const NEAR: usize = 64;
/// Everything is looked at again so often, whatever the watches said.
const FULL_PASS: Duration = Duration::from_secs(600);
/// How long writes under way may take when the process is told to end, and then how long giving back the Lease.
const GRACE: Duration = Duration::from_secs(12);
/// The name of the task that writes.
const PIPELINE: &str = "pipeline";

/// What the controller is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The namespace of the Lease.
    pub namespace: String,
    /// The name that holds the Lease.
    pub identity: String,
    /// Where health and metrics are served.
    pub listen: SocketAddr,
    /// What may be made where it is missing.
    pub remediation: RemediationSettings,
}

/// Runs until the process is told to end.
///
/// # Errors
/// When it cannot start, or when a part of it ended that must not.
pub async fn run(settings: Settings) -> Result<(), ControllerError> {
    let Settings { namespace, identity, listen, remediation } = settings;
    let config = kube::Config::infer().await.map_err(ControllerError::Config)?;
    let client = || Client::try_from(config.clone()).map_err(ControllerError::Client);
    let mut terminate = signal(SignalKind::terminate()).map_err(ControllerError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ControllerError::Signals)?;
    let (metrics, health, gate) = (Metrics::new(), Health::default(), Gate::new());
    let (stop, stopped) = watch::channel(false);
    let (release, released) = watch::channel(false);

    let listener = tokio::net::TcpListener::bind(listen).await;
    let listener = listener.map_err(|source| ControllerError::Listen { address: listen, source })?;
    let mut tasks: JoinSet<String> = JoinSet::new();
    let served = telemetry::serve(listener, metrics.clone(), health.clone());
    tasks.spawn(named("admin server", served));

    let (sender, inputs) = mpsc::channel(BACKLOG);
    let (served_sender, served) = watch::channel(None);
    let (declare, declared) = watch::channel(Vec::new());
    tasks.spawn(named("discovery", cluster::follow_served(client()?, declared.clone(), served_sender)));
    let (need, needs) = watch::channel(Needs::default());
    let watches = |client| Watches {
        client,
        served: served.clone(),
        needs: needs.clone(),
        metrics: metrics.clone(),
        sender: sender.clone(),
    };
    tasks.spawn(named("declared kinds", watches(client()?).follow(declared)));
    for watched in WATCHED.iter().filter(|watched| watched.need != Need::Never) {
        let always = (watched.need != Need::Optional).then(|| watched.resource());
        // A connection of its own for each.
        tasks.spawn(named(watched.kind.name(), watches(client()?).watch(watched.kind, always)));
    }
    let (near, far) = mpsc::channel(NEAR);
    let failed = counter(&metrics, &cluster::policies().plural);
    let observing =
        cluster::observe::<Ours<ProductionPolicy>>(client()?, cluster::policies(), (), failed, near);
    tasks.spawn(named("policies", forward(observing, far, sender.clone())));
    let (near, far) = mpsc::channel(NEAR);
    let failed = counter(&metrics, &cluster::exemptions().plural);
    let observing =
        cluster::observe::<Ours<ComplianceExemption>>(client()?, cluster::exemptions(), (), failed, near);
    tasks.spawn(named("exemptions", forward(observing, far, sender.clone())));
    let (near, far) = mpsc::channel(NEAR);
    let failed = counter(&metrics, &cluster::reports().plural);
    let observing = cluster::observe::<ReportObject>(client()?, cluster::reports(), (), failed, near);
    tasks.spawn(named("reports", forward(observing, far, sender)));

    let pipeline = Pipeline::new().remedying(Remediation::new(&namespace, remediation));
    // A client of its own, so that nothing keeps a renewal waiting.
    let lease = leader::hold(client()?, namespace, identity.clone(), gate.clone(), released);
    let mut lease = tokio::spawn(lease);
    let writer = Writer {
        client: client()?,
        gate,
        announcer: Announcer::new(client()?, &identity, metrics.clone()),
        metrics: metrics.clone(),
    };
    let work = work(pipeline, inputs, (declare, need), writer, metrics, health, stopped);
    tasks.spawn(named(PIPELINE, work));
    tracing::info!(%identity, "started");

    let ended = tokio::select! {
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        _ = &mut lease => Some("lease".to_owned()),
        ended = tasks.join_next() => Some(match ended {
            Some(Ok(name)) => name,
            Some(Err(panic)) => panic.to_string(),
            None => "all".to_owned(),
        }),
    };
    if let Some(name) = ended {
        return Err(ControllerError::TaskEnded(name));
    }
    tracing::info!("told to end");
    // The pipeline lets writes under way finish, and only then is the Lease given back: another may write at once.
    stop.send_replace(true);
    let finished = async {
        while let Some(Ok(name)) = tasks.join_next().await {
            if name == PIPELINE {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(GRACE, finished).await;
    release.send_replace(true);
    let _ = tokio::time::timeout(GRACE, lease).await;
    Ok(())
}

async fn named(name: &str, task: impl Future<Output = ()>) -> String {
    task.await;
    name.to_owned()
}

/// Counts the failures of a watch.
fn counter(metrics: &Metrics, plural: &str) -> Arc<dyn Fn() + Send + Sync> {
    let (metrics, plural) = (metrics.clone(), plural.to_owned());
    Arc::new(move || metrics.watch_failed(&plural))
}

/// Hands on what a watch sees, as the pipeline takes it.
async fn forward<S, T>(
    observing: impl Future<Output = ()>,
    mut seen: mpsc::Receiver<Observation<S, T>>,
    sender: mpsc::Sender<Input>,
) where
    Input: From<Observation<S, T>>,
{
    let forwarding = async {
        while let Some(observation) = seen.recv().await {
            if sender.send(Input::from(observation)).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(observing, forwarding);
}

/// The loop: takes in what was seen, looks, and writes.
async fn work(
    mut pipeline: Pipeline,
    mut inputs: mpsc::Receiver<Input>,
    (declare, need): (watch::Sender<Vec<DeclaredKind>>, watch::Sender<Needs>),
    writer: Writer,
    metrics: Metrics,
    health: Health,
    mut stopped: watch::Receiver<bool>,
) {
    let mut writes: JoinSet<Written> = JoinSet::new();
    let mut leads = writer.gate.subscribe();
    let mut full_pass = tokio::time::interval(FULL_PASS);
    full_pass.tick().await;
    let mut wake: Option<Timestamp> = None;
    let mut busy = false;
    loop {
        let sleep = async {
            match (busy, wake) {
                (true, _) => {}
                (false, Some(at)) => {
                    let wait = Timestamp::now().duration_until(at);
                    tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
                }
                (false, None) => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stop| *stop) => break,
            Ok(()) = leads.changed() => {
                let leading = *leads.borrow_and_update();
                tracing::info!(leading, "leadership");
                metrics.leads(leading);
                pipeline.lead(leading);
            }
            Some(written) = writes.join_next() => match written {
                Ok(written) => pipeline.written(written, Timestamp::now()),
                // A write that panicked leaves its subject in flight for ever: end, and start anew.
                Err(_) => return,
            },
            input = inputs.recv() => match input {
                Some(input) => take_in(&mut pipeline, input, &mut inputs),
                None => return,
            },
            _ = full_pass.tick() => {
                pipeline.give_up_wholes();
                if writer.gate.may_write() {
                    pipeline.full_pass();
                }
            }
            () = sleep => {}
        }
        declare.send_if_modified(|declared| {
            let changed = declared != pipeline.declared();
            if changed {
                *declared = pipeline.declared().to_vec();
            }
            changed
        });
        need.send_if_modified(|needs| {
            let changed = needs != pipeline.needs();
            if changed {
                needs.clone_from(pipeline.needs());
            }
            changed
        });
        (busy, wake) = steps(&mut pipeline, &mut writes, &writer);
        health.ready.store(pipeline.is_ready(), Ordering::Relaxed);
        metrics.observe(
            pipeline.evaluations(),
            pipeline.depth(Lane::Urgent),
            pipeline.depth(Lane::Background),
            || pipeline.unreadable(),
        );
    }
    while writes.join_next().await.is_some() {}
}

/// Takes in what is there, so that a burst is seen as a whole.
fn take_in(pipeline: &mut Pipeline, first: Input, inputs: &mut mpsc::Receiver<Input>) {
    pipeline.take(first);
    for _ in 0..STEPS {
        match inputs.try_recv() {
            Ok(input) => pipeline.take(input),
            Err(_) => break,
        }
    }
}

/// Takes some steps: whether there is more to do at once, and when there will be.
fn steps(
    pipeline: &mut Pipeline,
    writes: &mut JoinSet<Written>,
    writer: &Writer,
) -> (bool, Option<Timestamp>) {
    for _ in 0..STEPS {
        if writes.len() >= MAX_WRITES {
            // The end of a write wakes the loop.
            return (false, None);
        }
        match pipeline.step(Timestamp::now()) {
            Step::Change(change) => {
                writes.spawn(writer.clone().write(change));
            }
            Step::Again => {}
            Step::Idle(at) => return (false, at),
        }
    }
    (true, None)
}
