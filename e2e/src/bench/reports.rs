//! When which report came: a watch of our own, as any other reader of reports would have it.
//!
//! Not its job: what is in a report, except for whose it is and of which generation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use e2e::{Cluster, Error, Result};
use futures::StreamExt as _;
use kube::Api;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::watcher::{self, Event, watcher};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Namespace, kind and name of a subject.
pub(super) type Subject = (String, String, String);

#[derive(Debug, Default)]
struct Seen {
    /// Each report that came: the generation it judged, and when it was here.
    arrivals: HashMap<Subject, Vec<(i64, Instant)>>,
    last: Option<Instant>,
}

/// The watch. It ends with this value.
#[derive(Debug)]
pub(super) struct Reports {
    seen: Arc<Mutex<Seen>>,
    count: watch::Receiver<u64>,
    task: AbortHandle,
}

impl Drop for Reports {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The resource of reports.
pub(super) fn resource() -> ApiResource {
    let gvk = GroupVersionKind::gvk("seaworthy.dev", "v1alpha1", "ComplianceReport");
    ApiResource::from_gvk_with_plural(&gvk, "compliancereports")
}

impl Reports {
    /// Watches from now on; what is there already has come now.
    pub(super) async fn watch(cluster: &Cluster) -> Result<Self> {
        let api: Api<DynamicObject> = Api::all_with(cluster.client(), &resource());
        let (sender, mut count) = watch::channel(0_u64);
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut events = watcher(api, watcher::Config::default()).boxed();
            while let Some(event) = events.next().await {
                let now = Instant::now();
                match event {
                    Ok(Event::Apply(report) | Event::InitApply(report)) => {
                        let mut seen = shared.lock().unwrap_or_else(PoisonError::into_inner);
                        seen.last = Some(now);
                        let (subject, generation) = read(&report);
                        seen.arrivals.entry(subject).or_default().push((generation, now));
                    }
                    Ok(Event::InitDone) => {}
                    _ => continue,
                }
                sender.send_modify(|count| *count += 1);
            }
        });
        let reports = Self { seen, count: count.clone(), task: task.abort_handle() };
        // The end of the first list, empty or not, is the first thing told.
        count.changed().await.map_err(|_| Error::CutShort("watching reports"))?;
        Ok(reports)
    }

    /// Waits until so many subjects of a kind have a report; gives when the last of them came.
    pub(super) async fn all_of(&self, kind: &str, wanted: usize, deadline: Duration) -> Result<Instant> {
        let look = |seen: &Seen| {
            let firsts = seen.arrivals.iter().filter(|((_, of, _), _)| of == kind);
            let firsts: Vec<Instant> =
                firsts.filter_map(|(_, all)| all.first().map(|first| first.1)).collect();
            if firsts.len() >= wanted { Ok(firsts.into_iter().max()) } else { Err(firsts.len()) }
        };
        let last = self.until(deadline, |seen| look(seen).ok().flatten()).await;
        last.ok_or_else(|| {
            let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let last = format!("{} reports", look(&seen).err().unwrap_or_default());
            Error::Timeout {
                what: format!("{wanted} reports of a {kind}"),
                seconds: deadline.as_secs(),
                last,
            }
        })
    }

    /// Waits for the report on a generation of a subject, or on a later one; gives when it came.
    pub(super) async fn of(&self, subject: &Subject, generation: i64, deadline: Duration) -> Result<Instant> {
        let look = |seen: &Seen| {
            let arrivals = seen.arrivals.get(subject)?;
            arrivals.iter().find(|(judged, _)| *judged >= generation).map(|(_, at)| *at)
        };
        self.until(deadline, look).await.ok_or_else(|| Error::Timeout {
            what: format!("a report on generation {generation} of {subject:?}"),
            seconds: deadline.as_secs(),
            last: "older reports only".to_owned(),
        })
    }

    async fn until<T>(&self, deadline: Duration, look: impl Fn(&Seen) -> Option<T>) -> Option<T> {
        let mut count = self.count.clone();
        let wait = async {
            loop {
                count.mark_unchanged();
                if let Some(found) = look(&self.seen.lock().unwrap_or_else(PoisonError::into_inner)) {
                    return Some(found);
                }
                if count.changed().await.is_err() {
                    return None;
                }
            }
        };
        tokio::time::timeout(deadline, wait).await.ok().flatten()
    }

    /// How long no report has come.
    pub(super) fn quiet_for(&self) -> Duration {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.last.map_or(Duration::MAX, |last| last.elapsed())
    }
}

fn read(report: &DynamicObject) -> (Subject, i64) {
    let text = |pointer| report.data.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let namespace = report.metadata.namespace.clone().unwrap_or_default();
    let generation = report.data.pointer("/scope/generation").and_then(Value::as_i64).unwrap_or_default();
    ((namespace, text("/scope/kind"), text("/scope/name")), generation)
}
