//! Watches of the kinds of workloads that policies declare: they begin and end as policies come and go.
//!
//! Not its job: which kinds those are (`policy`), or what is seen (`pipeline`).

use std::collections::BTreeMap;

use kube::Client;
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::cluster::{Served, observe_where_served};
use crate::model::{DeclaredKind, Kind};
use crate::telemetry::Metrics;

use super::input::{Input, KindObject};
use super::{NEAR, counter, forward};

/// What every such watch needs.
pub(super) struct Watches {
    pub(super) client: Client,
    pub(super) served: watch::Receiver<Option<Served>>,
    pub(super) metrics: Metrics,
    pub(super) sender: mpsc::Sender<Input>,
}

impl Watches {
    /// Watches what is declared, until one of the watches ends by itself: then the process is no good any more.
    pub(super) async fn follow(self, mut declared: watch::Receiver<Vec<DeclaredKind>>) {
        let mut tasks = JoinSet::new();
        let mut watched: BTreeMap<DeclaredKind, AbortHandle> = BTreeMap::new();
        loop {
            let kinds = declared.borrow_and_update().clone();
            watched.retain(|kind, task| {
                let stays = kinds.contains(kind);
                if !stays {
                    task.abort();
                }
                stays
            });
            for kind in kinds {
                watched.entry(kind).or_insert_with(|| tasks.spawn(self.watch(kind.into())));
            }
            tokio::select! {
                changed = declared.changed() => if changed.is_err() { return },
                Some(ended) = tasks.join_next() => match ended {
                    Err(error) if error.is_cancelled() => {}
                    _ => return,
                },
            }
        }
    }

    fn watch(&self, kind: Kind) -> impl Future<Output = ()> + use<> {
        let Self { client, served, metrics, sender } = self;
        let (near, far) = mpsc::channel(NEAR);
        let failed = counter(metrics, kind.name());
        let observing =
            observe_where_served::<KindObject>(client.clone(), served.clone(), kind, failed, near);
        forward(observing, far, sender.clone())
    }
}
