//! Follows which of the optional APIs are served: they come and go while the controller runs.
//!
//! One request at intervals for all of them, where a watch of each would ask in vain. Not its job: watching objects.

use std::collections::BTreeMap;
use std::time::Duration;

use kube::Client;
use kube::core::ApiResource;
use kube::discovery::Discovery;
use tokio::sync::watch;

use super::kinds::{Need, WATCHED};
use crate::model::{DeclaredKind, Kind};

/// How often it is asked. An API that was just installed is seen so much later.
const ASK_AGAIN: Duration = Duration::from_secs(30);
/// The same after a failure, and until there was a first answer.
const ASK_SOON: Duration = Duration::from_secs(2);

/// Which of the optional kinds are served.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Served {
    /// Those that are, each in the version that it is best read in.
    resources: BTreeMap<Kind, ApiResource>,
    /// The declared kinds that it was asked for.
    asked: Vec<DeclaredKind>,
}

impl Served {
    /// Whether the answer is about a kind.
    pub(super) fn is_about(&self, kind: Kind) -> bool {
        !matches!(kind, Kind::Declared(kind) if !self.asked.contains(&kind))
    }

    /// The resource of a kind, if it is served.
    pub(super) fn get(&self, kind: Kind) -> Option<&ApiResource> {
        self.resources.get(&kind)
    }
}

/// Asks for ever, and tells when the answer changes. `None` until there was one.
pub async fn follow_served(
    client: Client,
    mut declared: watch::Receiver<Vec<DeclaredKind>>,
    sender: watch::Sender<Option<Served>>,
) {
    loop {
        let asked = declared.borrow_and_update().clone();
        let wait = match ask(&client, asked).await {
            Ok(served) => {
                sender.send_if_modified(|known| {
                    let changed = known.as_ref() != Some(&served);
                    *known = Some(served);
                    changed
                });
                ASK_AGAIN
            }
            Err(error) => {
                tracing::warn!(%error, "cannot learn which APIs are served; trying again");
                ASK_SOON
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            Ok(()) = declared.changed() => {}
            () = sender.closed() => return,
        }
    }
}

/// Which of the optional kinds, and of the declared ones, are served now.
pub(super) async fn ask(client: &Client, asked: Vec<DeclaredKind>) -> Result<Served, kube::Error> {
    let optional =
        WATCHED.iter().filter(|watched| watched.need == Need::Optional).map(|watched| watched.kind);
    let kinds: Vec<Kind> = optional.chain(asked.iter().copied().map(Kind::from)).collect();
    let groups: Vec<&str> = kinds.iter().map(|kind| kind.info().group).collect();
    let discovery = || Discovery::new(client.clone()).filter(&groups);
    // Where the API server does not know the one great answer, it is asked group by group.
    let found = match discovery().run_aggregated().await {
        Ok(found) => found,
        Err(_) => discovery().run().await?,
    };
    let served = kinds.into_iter().filter_map(|kind| {
        let info = kind.info();
        let group = found.get(info.group)?;
        let ours = group.versioned_resources(info.version).into_iter().find(|(r, _)| r.kind == info.name);
        // What we read of a kind seldom differs between its versions; what does is found to be unreadable.
        // A declared one is read in the version that the policy names: reports name their owners in it.
        let other = || group.recommended_kind(info.name).filter(|_| !matches!(kind, Kind::Declared(_)));
        let (resource, _) = ours.or_else(other)?;
        Some((kind, resource))
    });
    Ok(Served { resources: served.collect(), asked })
}
