//! Watches of the kinds that the model knows: each begins anew when more of its objects is to be kept, or less.
//!
//! Not its job: watching (`cluster`), or what is kept (`pipeline`).

use kube::Client;
use kube::core::ApiResource;
use tokio::sync::{mpsc, watch};

use crate::cluster::{Need, Served, need, observe, observe_where_served};
use crate::model::{Kind, Needs};
use crate::telemetry::Metrics;

use super::input::{Input, KindObject, Watching};
use super::{NEAR, counter, forward};

/// What every such watch needs.
#[derive(Clone)]
pub(super) struct Watches {
    pub(super) client: Client,
    pub(super) served: watch::Receiver<Option<Served>>,
    pub(super) needs: watch::Receiver<Needs>,
    pub(super) metrics: Metrics,
    pub(super) sender: mpsc::Sender<Input>,
}

impl Watches {
    /// Watches a kind until the receiver is gone. `always`: its resource, where every cluster serves it.
    pub(super) fn watch(&self, kind: Kind, always: Option<ApiResource>) -> impl Future<Output = ()> + use<> {
        let Self { client, served, needs, metrics, sender } = self.clone();
        let plural =
            always.as_ref().map_or_else(|| kind.info().plural.to_owned(), |resource| resource.plural.clone());
        let failed = counter(&metrics, &plural);
        let (near, far) = mpsc::channel(NEAR);
        let observing = async move {
            let mut needs = needs;
            // Whoever ends asks for nothing any more.
            if need(kind) == Need::Isolating && needs.wait_for(Needs::callbacks).await.is_err() {
                return;
            }
            loop {
                let keep = needs.borrow_and_update().of(kind);
                let source = Watching { kind, keep };
                let (client, failed, near) = (client.clone(), failed.clone(), near.clone());
                let observing = async {
                    match &always {
                        Some(resource) => {
                            observe::<KindObject>(client, resource.clone(), source, failed, near).await
                        }
                        None => {
                            observe_where_served::<KindObject>(
                                client,
                                served.clone(),
                                kind,
                                source,
                                failed,
                                near,
                            )
                            .await
                        }
                    }
                };
                tokio::select! {
                    () = observing => return,
                    changed = needs.wait_for(|needs| needs.of(kind) != keep) => if changed.is_err() { return },
                }
            }
        };
        forward(observing, far, sender)
    }
}
