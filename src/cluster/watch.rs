//! Watches one kind for ever and tells what it sees, also when it sees nothing.
//!
//! Not its job: keeping what was seen (`model::Inventory`), or knowing what it means.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::core::ApiResource;
use kube::runtime::watcher::{self, Event};
use kube::{Api, Client, Resource};
use tokio::sync::{mpsc, watch};

use super::element::Element;
use super::served::Served;
use crate::model::{Kind, Text};

/// Objects a page of a list. Lists of many kinds are read side by side, and a page is in memory twice while it is read:
/// with 500 that was most of the memory that a start takes.
const PAGE: u32 = 100;
/// The same of definitions of kinds, which are a thousand times as long as what is kept of them.
const PAGE_OF_DEFINITIONS: u32 = 25;
/// The wait after a first failure; it doubles up to `MAX_WAIT`.
const MIN_WAIT: Duration = Duration::from_millis(250);
const MAX_WAIT: Duration = Duration::from_secs(30);
/// How often an API that is absent or denied is asked for again.
const ASK_AGAIN: Duration = Duration::from_secs(30);
/// Failures in a row after which the stream is made anew: kube's own never recovers from some answers.
const MAX_FAILURES: u32 = 3;

/// What a watch saw.
#[derive(Debug)]
pub enum Seen<T> {
    /// A list begins.
    Begin,
    /// An object is there.
    Applied(T),
    /// An object is gone.
    Deleted {
        /// Its namespace; empty for cluster-scoped ones.
        namespace: Text,
        /// Its name.
        name: Text,
    },
    /// The list is complete: what it did not show is gone.
    Finish,
    /// The API is not served: there are no such objects.
    NotServed,
    /// The API server does not let us look; why.
    Denied(Text),
}

/// What a watch saw, and of what.
#[derive(Debug)]
pub struct Observation<S, T> {
    /// Of what.
    pub source: S,
    /// What.
    pub seen: Seen<T>,
}

/// Reads an object of a kind into what the receiver wants.
pub trait WatchedObject: Sized + Send + 'static {
    /// Which kind, for those who receive from many watches.
    type Source: Copy + Send + Sync + 'static;
    /// Reads one object; whatever is wrong with it has to be a value.
    fn read(source: Self::Source, element: &Element) -> Self;
}

/// Watches a kind until the receiver is gone.
pub async fn observe<T: WatchedObject>(
    client: Client,
    resource: ApiResource,
    source: T::Source,
    failed: Arc<dyn Fn() + Send + Sync>,
    sender: mpsc::Sender<Observation<T::Source, T>>,
) {
    let plural = resource.plural.clone();
    let api: Api<Element> = Api::all_with(client, &resource);
    let mut wait = MIN_WAIT;
    loop {
        let page = if plural == "customresourcedefinitions" { PAGE_OF_DEFINITIONS } else { PAGE };
        let config = watcher::Config::default().page_size(page);
        let mut stream = watcher::watcher(api.clone(), config).boxed();
        let mut failures = 0;
        while let Some(event) = stream.next().await {
            let seen = match event {
                Ok(event) => {
                    failures = 0;
                    wait = MIN_WAIT;
                    seen(source, event)
                }
                Err(error) => {
                    failed();
                    failures += 1;
                    match refusal(&error, &resource) {
                        Some(refusal) => {
                            if sender.send(Observation { source, seen: refusal }).await.is_err() {
                                return;
                            }
                            tokio::time::sleep(ASK_AGAIN).await;
                            break;
                        }
                        None => {
                            tracing::warn!(resource = %plural, %error, "cannot watch; trying again");
                            tokio::time::sleep(wait).await;
                            wait = (wait * 2).min(MAX_WAIT);
                            if failures >= MAX_FAILURES {
                                break;
                            }
                            continue;
                        }
                    }
                }
            };
            if sender.send(Observation { source, seen }).await.is_err() {
                return;
            }
        }
    }
}

/// Watches an optional kind whenever it is served, in the version that it is served in, until the receiver is gone.
pub async fn observe_where_served<T: WatchedObject>(
    client: Client,
    mut served: watch::Receiver<Option<Served>>,
    kind: Kind,
    source: T::Source,
    failed: Arc<dyn Fn() + Send + Sync>,
    sender: mpsc::Sender<Observation<T::Source, T>>,
) {
    loop {
        // The end of who asks is the end of the process.
        let is_about = |served: &Option<Served>| served.as_ref().is_some_and(|s| s.is_about(kind));
        let answer = served.wait_for(is_about).await;
        let Ok(resource) = answer.map(|served| served.as_ref().and_then(|s| s.get(kind)).cloned()) else {
            return;
        };
        let changed = |now: &Option<Served>| now.as_ref().and_then(|s| s.get(kind)) != resource.as_ref();
        match &resource {
            Some(resource) => tokio::select! {
                () = observe::<T>(client.clone(), resource.clone(), source, Arc::clone(&failed), sender.clone()) => return,
                ended = async { served.wait_for(changed).await.is_err() } => if ended { return },
            },
            None => {
                if sender.send(Observation { source, seen: Seen::NotServed }).await.is_err() {
                    return;
                }
                if served.wait_for(changed).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn seen<T: WatchedObject>(source: T::Source, event: Event<Element>) -> Seen<T> {
    match event {
        Event::Init => Seen::Begin,
        Event::InitApply(element) | Event::Apply(element) => Seen::Applied(T::read(source, &element)),
        Event::InitDone => Seen::Finish,
        Event::Delete(element) => {
            let text = |value: &Option<String>| Text::new(value.as_deref().unwrap_or_default());
            let meta = element.meta();
            Seen::Deleted { namespace: text(&meta.namespace), name: text(&meta.name) }
        }
    }
}

/// An answer that will not change by asking again at once.
fn refusal<T>(error: &watcher::Error, resource: &ApiResource) -> Option<Seen<T>> {
    // Of the list only: where a kind may be listed and not watched, it is seen, if late.
    let watcher::Error::InitialListFailed(error) = error else { return None };
    match refused(error, resource)? {
        Refused::NotServed => Some(Seen::NotServed),
        Refused::Denied(why) => Some(Seen::Denied(why)),
    }
}

/// A refusal to list a kind.
pub(super) enum Refused {
    /// The API is not served: there are no such objects.
    NotServed,
    /// The API server does not let us look; why.
    Denied(Text),
}

/// What an error means that asking again at once does not change.
pub(super) fn refused(error: &kube::Error, resource: &ApiResource) -> Option<Refused> {
    let kube::Error::Api(status) = error else { return None };
    match status.code {
        404 => Some(Refused::NotServed),
        401 | 403 => {
            let group =
                if resource.group.is_empty() { String::new() } else { format!(".{}", resource.group) };
            let why = format!("{}{group} may not be listed: {}", resource.plural, status.message);
            Some(Refused::Denied(Text::from(why)))
        }
        _ => None,
    }
}
