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
use crate::model::Kind;

/// How often it is asked. An API that was just installed is seen so much later.
const ASK_AGAIN: Duration = Duration::from_secs(30);
/// The same after a failure, and until there was a first answer.
const ASK_SOON: Duration = Duration::from_secs(2);

/// The optional kinds that are served, each in the version that it is best read in.
pub type Served = BTreeMap<Kind, ApiResource>;

/// Asks for ever, and tells when the answer changes. `None` until there was one.
pub async fn follow_served(client: Client, sender: watch::Sender<Option<Served>>) {
    loop {
        let wait = match ask(&client).await {
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
            () = sender.closed() => return,
        }
    }
}

async fn ask(client: &Client) -> Result<Served, kube::Error> {
    let optional = || WATCHED.iter().filter(|watched| watched.need == Need::Optional);
    let groups: Vec<&str> = optional().map(|watched| watched.kind.info().group).collect();
    let discovery = || Discovery::new(client.clone()).filter(&groups);
    // Where the API server does not know the one great answer, it is asked group by group.
    let found = match discovery().run_aggregated().await {
        Ok(found) => found,
        Err(_) => discovery().run().await?,
    };
    let served = optional().filter_map(|watched| {
        let info = watched.kind.info();
        let group = found.get(info.group)?;
        let ours = group.versioned_resources(info.version).into_iter().find(|(r, _)| r.kind == info.name);
        // What we read of a kind seldom differs between its versions; what does is found to be unreadable.
        let (resource, _) = ours.or_else(|| group.recommended_kind(info.name))?;
        Some((watched.kind, resource))
    });
    Ok(served.collect())
}
