//! One look at a cluster: every watched kind is listed once, and nothing is written or watched.
//!
//! What may not be listed is Unknown, with the API server's reason, as for the controller. Not its job: following
//! what changes (`watch`), or which policies apply (`policy`).

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use kube::api::ListParams;
use kube::core::ApiResource;
use kube::{Api, Client, Config, Resource};
use serde::de::DeserializeOwned;

use super::element::Element;
use super::kinds::{self, Need, WATCHED};
use super::served;
use super::watch::{Refused, refused};
use crate::api::{ComplianceExemption, ProductionPolicy};
use crate::decode::{DecodeError, Decoded, parse_json, whole};
use crate::model::{DeclaredKind, Inventory, Keep, Kind, Needs, Sight, Text};

/// Objects a page of a list.
const PAGE: u32 = 500;
/// Lists under way at one time.
const AT_ONCE: usize = 8;
/// How often a list is begun anew whose pages were gone before it was read.
const ATTEMPTS: usize = 3;

/// Why a cluster cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Nobody says which cluster, or how to get in.
    #[error("cannot find out which cluster to ask: {0}; check KUBECONFIG and the current context")]
    Config(kube::config::InferConfigError),
    /// The client cannot be made.
    #[error("cannot make a client for the cluster: {0}; check the current context of the kubeconfig")]
    Client(kube::Error),
    /// A list failed.
    #[error("cannot list {plural}: {source}; check the connection to the cluster and try again")]
    List {
        /// Of what.
        plural: String,
        /// Why.
        source: kube::Error,
    },
    /// Which APIs there are cannot be learned.
    #[error("cannot learn which APIs the cluster serves: {0}; check the connection and your rights")]
    Discovery(kube::Error),
    /// Something without which nothing can be said may not be read.
    #[error("{0}; ask for the right to list them, without which nothing can be judged")]
    Denied(Text),
}

/// An object of our own with its name, or why it cannot be read.
pub type Named<T> = (Text, Result<T, DecodeError>);

/// A cluster to look at.
#[derive(Clone)]
pub struct Snapshot {
    pub(super) client: Client,
    namespace: String,
}

/// What a list gave.
struct Listed {
    kind: Kind,
    sight: Sight,
    objects: Vec<(Decoded, Option<Arc<str>>)>,
}

impl Snapshot {
    /// Of the cluster of the current kubeconfig context, or of the one that this runs in.
    ///
    /// # Errors
    /// When there is none, or no way in.
    pub async fn connect() -> Result<Self, SnapshotError> {
        let config = Config::infer().await.map_err(SnapshotError::Config)?;
        let namespace = config.default_namespace.clone();
        Ok(Self { client: Client::try_from(config).map_err(SnapshotError::Client)?, namespace })
    }

    /// The namespace of the context.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The policies that the cluster holds, or why one cannot be read. Empty where their API is not served.
    ///
    /// # Errors
    /// When they cannot be listed, or may not be.
    pub async fn policies(&self) -> Result<Vec<Named<ProductionPolicy>>, SnapshotError> {
        self.ours(&kinds::policies()).await
    }

    /// The exemptions that the cluster holds, or why one cannot be read. Empty where their API is not served.
    ///
    /// # Errors
    /// When they cannot be listed, or may not be: what is exempt would seem to fail.
    pub async fn exemptions(&self) -> Result<Vec<Named<ComplianceExemption>>, SnapshotError> {
        self.ours(&kinds::exemptions()).await
    }

    async fn ours<T: DeserializeOwned>(
        &self,
        resource: &ApiResource,
    ) -> Result<Vec<Named<T>>, SnapshotError> {
        let named = |element: &Element| {
            let name = Text::new(element.meta().name.as_deref().unwrap_or_default());
            (name, parse_json(element.json()))
        };
        match self.list(resource, named).await? {
            Ok(objects) => Ok(objects),
            Err(Refused::NotServed) => Ok(Vec::new()),
            Err(Refused::Denied(why)) => Err(SnapshotError::Denied(why)),
        }
    }

    /// Everything that the cluster holds and checks look at, whole where custom checks need it so. The declared kinds
    /// have to be in force.
    ///
    /// # Errors
    /// When the cluster does not answer, or does not let us see its namespaces.
    pub async fn inventory(
        &self,
        declared: Vec<DeclaredKind>,
        needs: &Needs,
    ) -> Result<Inventory, SnapshotError> {
        let served = served::ask(&self.client, declared.clone()).await.map_err(SnapshotError::Discovery)?;
        let resource = |kind: Kind, need: Need, built_in: Option<ApiResource>| match need {
            Need::Essential | Need::Required => Some((kind, built_in)),
            Need::Isolating => needs.callbacks().then_some((kind, built_in)),
            Need::Optional => Some((kind, served.get(kind).cloned())),
            Need::Never => None,
        };
        let known = WATCHED.iter().filter_map(|w| resource(w.kind, w.need, Some(w.resource())));
        let declared = declared.into_iter().map(Kind::from);
        let declared = declared.filter_map(|kind| resource(kind, Need::Optional, None));
        let all: Vec<_> = known.chain(declared).collect();
        let lists = all.into_iter().map(|(kind, resource)| self.listed(kind, resource, needs.of(kind)));
        let listed: Vec<Listed> = stream::iter(lists).buffer_unordered(AT_ONCE).try_collect().await?;
        let mut inventory = inventory(listed);
        inventory.kept_whole(needs);
        Ok(inventory)
    }

    async fn listed(
        &self,
        kind: Kind,
        resource: Option<ApiResource>,
        keep: Keep,
    ) -> Result<Listed, SnapshotError> {
        let nothing = |sight| Listed { kind, sight, objects: Vec::new() };
        let Some(resource) = resource else { return Ok(nothing(Sight::Absent)) };
        let read = |element: &Element| {
            let decoded = element.decode(kind);
            let whole = match &decoded {
                Decoded::Record(record) if record.may_be_kept_whole() => {
                    whole(kind, element.json(), "", keep)
                }
                _ => None,
            };
            (decoded, whole)
        };
        match self.list(&resource, read).await? {
            Ok(objects) => Ok(Listed { kind, sight: Sight::Full, objects }),
            Err(Refused::NotServed) => Ok(nothing(Sight::Absent)),
            Err(Refused::Denied(why)) if kinds::need(kind) == Need::Essential => {
                Err(SnapshotError::Denied(why))
            }
            Err(Refused::Denied(why)) => Ok(nothing(Sight::None(why))),
        }
    }

    /// Every object of a resource, page by page, each read at once so that no page is kept.
    async fn list<T>(
        &self,
        resource: &ApiResource,
        read: impl Fn(&Element) -> T,
    ) -> Result<Result<Vec<T>, Refused>, SnapshotError> {
        let api: Api<Element> = Api::all_with(self.client.clone(), resource);
        let mut attempts = 0;
        let (mut objects, mut token) = (Vec::new(), None::<String>);
        loop {
            let mut params = ListParams::default().limit(PAGE);
            params.continue_token = token.take();
            match api.list(&params).await {
                Ok(page) => {
                    objects.extend(page.items.iter().map(&read));
                    token = page.metadata.continue_.filter(|token| !token.is_empty());
                    if token.is_none() {
                        return Ok(Ok(objects));
                    }
                }
                // The API server has forgotten the state that the pages are of.
                Err(kube::Error::Api(status)) if status.code == 410 && attempts < ATTEMPTS => {
                    attempts += 1;
                    objects.clear();
                }
                Err(source) => match refused(&source, resource) {
                    Some(refused) => return Ok(Err(refused)),
                    None => return Err(SnapshotError::List { plural: resource.plural.clone(), source }),
                },
            }
        }
    }
}

/// What was listed, as an inventory.
fn inventory(listed: Vec<Listed>) -> Inventory {
    let mut inventory = Inventory::live();
    // First what is known of each kind, while there is no subject that could be touched by it.
    let sights = listed.iter().map(|listed| (listed.kind, listed.sight.clone()));
    for (kind, sight) in sights.chain(kinds::withheld()) {
        inventory.set_sight(kind, sight);
    }
    for Listed { kind, objects, .. } in listed {
        for object in objects {
            match object {
                (Decoded::Record(record), whole) => inventory.fill_whole(record, whole),
                (Decoded::Unreadable(meta, error), _) => {
                    inventory.apply_unreadable(kind, meta, error.to_string());
                }
            }
        }
    }
    inventory
}
