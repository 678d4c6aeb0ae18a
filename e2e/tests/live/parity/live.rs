//! The cluster's side: applying documents, their status as well, and reading reports.
//!
//! Not its job: what the documents are (`case.rs`).

use std::collections::BTreeSet;
use std::time::Duration;

use e2e::{Cluster, wait_for};
use futures::StreamExt as _;
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::discovery::{Discovery, Scope};
use kube::{Client, ResourceExt as _};
use serde_json::{Value, json};

use super::AT_ONCE;
use super::case::{Case, Found, Needed, Placed, lines, offline};
use crate::support::many::accounts;
use crate::support::stand_in::optional_apis;

/// The field manager of the examples, as a person's kubectl is one.
const MANAGER: &str = "parity";

/// The cluster, and what it serves.
pub struct Live {
    client: Client,
    discovery: Discovery,
    reports: ApiResource,
}

/// A kind as the API server knows it.
#[derive(Debug)]
pub struct Served {
    resource: ApiResource,
    pub namespaced: bool,
}

impl Live {
    /// Installs the optional APIs and looks at what is served.
    pub async fn prepare(cluster: &Cluster) -> Self {
        let crds: Vec<String> = optional_apis().iter().map(Value::to_string).collect();
        cluster.apply(&crds.join("\n---\n")).await.unwrap();
        cluster
            .kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"])
            .await
            .unwrap();
        let client = cluster.client();
        let discovery = Discovery::new(client.clone()).run().await.unwrap();
        let kind = GroupVersionKind::gvk("seaworthy.dev", "v1alpha1", "ComplianceReport");
        let (reports, _) = discovery.resolve_gvk(&kind).expect("reports are served");
        Self { client, discovery, reports }
    }

    /// The kind of a document.
    pub fn kind_of(&self, document: &Value) -> Result<Served, String> {
        let text = |key: &str| document[key].as_str().unwrap_or_default();
        let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
        let kind = GroupVersionKind::gvk(group, version, text("kind"));
        let (resource, capabilities) =
            self.discovery.resolve_gvk(&kind).ok_or_else(|| format!("no API server serves {kind:?}"))?;
        Ok(Served { resource, namespaced: capabilities.scope == Scope::Namespaced })
    }

    fn api(&self, document: &Value) -> Result<Api<DynamicObject>, String> {
        let kind = self.kind_of(document)?;
        Ok(match document["metadata"]["namespace"].as_str() {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &kind.resource),
            None => Api::all_with(self.client.clone(), &kind.resource),
        })
    }

    /// Makes namespaces, and waits until pods may be made in them.
    pub async fn create_namespaces(&self, needed: Vec<Needed>) {
        let wanted: BTreeSet<String> = needed.iter().map(|needed| needed.name.clone()).collect();
        let created = futures::stream::iter(needed)
            .map(async |needed| (self.apply_one(&needed.document).await, needed.name))
            .buffer_unordered(AT_ONCE);
        let refused: Vec<_> =
            created.filter_map(async |(created, name)| created.err().map(|e| (name, e))).collect().await;
        assert!(refused.is_empty(), "namespaces are refused: {refused:?}");
        accounts(&self.client, &wanted).await;
    }

    /// Applies an example whose namespaces are there, each object's status, and then its policy.
    pub async fn apply(&self, placed: &Placed) -> Result<(), String> {
        for document in placed.documents.iter().filter(|document| document["kind"] != "Namespace") {
            self.apply_one(document).await?;
        }
        self.apply_one(&placed.policy).await
    }

    async fn apply_one(&self, document: &Value) -> Result<(), String> {
        let api = self.api(document)?;
        let name = document["metadata"]["name"].as_str().ok_or("an object has no metadata.name")?;
        let mut wanted = document.clone();
        let status = wanted.as_object_mut().and_then(|object| object.remove("status"));
        let say = |error: kube::Error| format!("{} '{name}': {error}", document["kind"]);
        let params = PatchParams::apply(MANAGER).validation_strict();
        api.patch(name, &params, &Patch::Apply(wanted)).await.map_err(say)?;
        if let Some(status) = status {
            let params = PatchParams::default().validation_strict();
            let status = Patch::Merge(json!({"status": status}));
            api.patch_status(name, &params, &status).await.map_err(say)?;
        }
        Ok(())
    }

    /// The namespace and name of every report, which is cheap to ask for again and again.
    pub async fn report_names(&self) -> Result<BTreeSet<(String, String)>, String> {
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &self.reports);
        let list = api.list_metadata(&ListParams::default()).await.map_err(|error| error.to_string())?;
        Ok(list.iter().map(|report| (report.namespace().unwrap_or_default(), report.name_any())).collect())
    }

    /// What every report says.
    pub async fn reports(&self) -> Result<Found, String> {
        Self::found(Api::all_with(self.client.clone(), &self.reports)).await
    }

    /// What the reports on an example say: of its namespaces only, as it is asked for again and again.
    async fn reports_on(&self, placed: &Placed) -> Result<Found, String> {
        let mut found = Found::new();
        for name in placed.names() {
            found.extend(Self::found(Api::namespaced_with(self.client.clone(), name, &self.reports)).await?);
        }
        Ok(found)
    }

    async fn found(api: Api<DynamicObject>) -> Result<Found, String> {
        let list = api.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
        let read = |object: DynamicObject| {
            let value = serde_json::to_value(object).map_err(|error| error.to_string())?;
            serde_json::from_value(value).map(lines).map_err(|error| error.to_string())
        };
        list.items.into_iter().map(read).collect()
    }

    /// Runs an example under the names that it is written with, while there is no other.
    pub async fn alone(&self, case: &Case) -> Result<(), String> {
        let say = |error: String| format!("{}: {error}", case.title());
        let placed = &case.as_written;
        let offline = offline([placed]);
        self.create_namespaces(placed.namespaces()).await;
        self.apply(placed).await.map_err(|error| say(format!("the API server refuses it: {error}")))?;
        // Unlike the others it was applied bit by bit while the controller watched: what counts is where it ends.
        let waited = wait_for("the reports", Duration::from_secs(20), || async {
            let live = self.reports_on(placed).await?;
            let difference = || super::difference(case, &offline, &live).unwrap_or_default();
            if live == offline { Ok(Some(())) } else { Err(difference()) }
        });
        let judged = waited.await.map_err(|error| say(error.to_string()));
        self.remove(placed).await.map_err(say)?;
        wait_for("the end of its reports", Duration::from_secs(20), || async {
            let left = self.reports_on(placed).await?;
            if left.is_empty() { Ok(Some(())) } else { Err(format!("{:?}", left.keys())) }
        })
        .await
        .map_err(|error| say(error.to_string()))?;
        judged
    }

    /// Deletes an example and its policy; its namespaces stay.
    async fn remove(&self, placed: &Placed) -> Result<(), String> {
        let objects = placed.documents.iter().filter(|document| document["kind"] != "Namespace");
        for document in objects.chain([&placed.policy]) {
            let name = document["metadata"]["name"].as_str().unwrap_or_default();
            let now = DeleteParams::default().grace_period(0);
            let api = self.api(document)?;
            // What takes this protection off a claim is a controller that does not run here.
            if document["kind"] == "PersistentVolumeClaim" {
                let bare = Patch::Merge(json!({"metadata": {"finalizers": null}}));
                api.patch(name, &PatchParams::default(), &bare).await.map_err(|error| error.to_string())?;
            }
            api.delete(name, &now).await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
