//! Watches of the kinds of workloads that policies declare: they begin and end as policies come and go.
//!
//! Not its job: which kinds those are (`policy`), how one is watched (`watches`), or what is seen (`pipeline`).

use std::collections::BTreeMap;

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use crate::model::DeclaredKind;

use super::watches::Watches;

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
                watched.entry(kind).or_insert_with(|| tasks.spawn(self.watch(kind.into(), None)));
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
}
