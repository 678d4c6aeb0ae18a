//! Puts applications into a cluster, waits until they run, and changes them.
//!
//! Not its job: measuring what follows from it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use e2e::{Cluster, Error, Progress, Result, wait_for};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, DynamicObject, TypeMeta};
use serde_json::json;
use tokio::task::JoinSet;

use super::generator::{App, Third};
use super::reports::Subject;

/// Requests under way at one time while the cluster is filled.
const AT_ONCE: usize = 16;
/// The time that the pods of a thousand Deployments may take to run, with room for a busy machine.
const PODS_WITHIN: Duration = Duration::from_secs(600);

fn failed(doing: &'static str) -> impl FnOnce(kube::Error) -> Error {
    move |source| Error::Kube { doing: doing.to_owned(), source: Box::new(source) }
}

/// Creates the applications, each with its three objects, and their namespaces.
pub(super) async fn fill(cluster: &Cluster, apps: &[App]) -> Result<()> {
    let namespaces: Api<Namespace> = Api::all(cluster.client());
    let mut names: Vec<&str> = apps.iter().map(|app| app.namespace.as_str()).collect();
    names.dedup();
    for name in names {
        let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
        let namespace = Namespace { metadata, ..Namespace::default() };
        let created = namespaces.create(&PostParams::default(), &namespace).await;
        created.map_err(failed("create a namespace"))?;
    }
    let mut creations = JoinSet::new();
    for app in apps {
        for document in &app.documents {
            if creations.len() >= AT_ONCE {
                joined(&mut creations).await?;
            }
            let object: DynamicObject =
                serde_saphyr::from_str(document).map_err(|error| Error::Incomplete {
                    what: format!("reading a generated document ({error})"),
                    lacking: "an object",
                })?;
            let api: Api<DynamicObject> =
                Api::namespaced_with(cluster.client(), &app.namespace, &resource(&object.types));
            creations.spawn(async move { api.create(&PostParams::default(), &object).await.map(drop) });
        }
    }
    while !creations.is_empty() {
        joined(&mut creations).await?;
    }
    Ok(())
}

async fn joined(creations: &mut JoinSet<kube::Result<()>>) -> Result<()> {
    match creations.join_next().await {
        Some(Ok(created)) => created.map_err(failed("create an object")),
        Some(Err(_)) => Err(Error::CutShort("creating objects")),
        None => Ok(()),
    }
}

/// The resource of an object of ours; their plurals have no surprises but one.
fn resource(types: &Option<TypeMeta>) -> ApiResource {
    let types = types.clone().unwrap_or_default();
    let (group, version) = types.api_version.rsplit_once('/').unwrap_or(("", &types.api_version));
    let singular = types.kind.to_lowercase();
    let plural =
        singular.strip_suffix('y').map_or_else(|| format!("{singular}s"), |stem| format!("{stem}ies"));
    ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: types.api_version.clone(),
        kind: types.kind.clone(),
        plural,
    }
}

/// Waits until every Deployment has all its pods.
pub(super) async fn pods_run(cluster: &Cluster, progress: &Progress) -> Result<usize> {
    let deployments: Api<Deployment> = Api::all(cluster.client());
    let mut said = Instant::now();
    wait_for("all pods", PODS_WITHIN, || {
        let say = said.elapsed() > Duration::from_secs(10);
        if say {
            said = Instant::now();
        }
        let deployments = &deployments;
        async move {
            // A list of a thousand objects costs the API server something: not as often as a wait looks.
            tokio::time::sleep(Duration::from_secs(1)).await;
            let list = deployments.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
            let number = |value: Option<i32>| usize::try_from(value.unwrap_or_default()).unwrap_or_default();
            let wanted =
                list.items.iter().filter_map(|item| item.spec.as_ref()).map(|spec| number(spec.replicas));
            let status = list.items.iter().filter_map(|item| item.status.as_ref());
            let (wanted, run) = (
                wanted.sum::<usize>(),
                status.map(|status| number(status.available_replicas)).sum::<usize>(),
            );
            if say {
                progress.say(format!("{run} of {wanted} pods run"));
            }
            if run == wanted { Ok(Some(run)) } else { Err(format!("{run} of {wanted} pods run")) }
        }
    })
    .await
}

/// A Deployment that is changed now and then: to one replica, which is a finding, and back to two.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) subject: Subject,
    replicas: u32,
}

/// Changes without end, each of another Deployment until all have had one.
#[derive(Debug)]
pub(super) struct Changes(VecDeque<Change>);

impl Changes {
    /// Of all that no autoscaler speaks for: there, the number in the spec would change no finding.
    pub(super) fn of(apps: &[App]) -> Self {
        let free = apps.iter().filter(|app| app.third != Third::Autoscaler);
        let mut all: Vec<Change> = free
            .map(|app| Change {
                subject: (app.namespace.clone(), "Deployment".to_owned(), app.name.clone()),
                replicas: app.replicas,
            })
            .collect();
        // By name, so that neighbours are of different namespaces.
        all.sort_by(|a, b| a.subject.2.cmp(&b.subject.2));
        Self(all.into())
    }
}

impl Iterator for Changes {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        let mut change = self.0.pop_front()?;
        change.replicas = if change.replicas == 1 { 2 } else { 1 };
        self.0.push_back(change.clone());
        Some(change)
    }
}

impl Change {
    /// Makes the change: when it was sent, when it was answered, and the generation it made.
    pub(super) async fn make(&self, client: kube::Client) -> Result<(Instant, Instant, i64)> {
        let (namespace, _, name) = &self.subject;
        let api: Api<Deployment> = Api::namespaced(client, namespace);
        let patch = Patch::Merge(json!({"spec": {"replicas": self.replicas}}));
        let sent = Instant::now();
        let changed = api.patch_metadata(name, &PatchParams::default(), &patch).await;
        let answered = Instant::now();
        let changed = changed.map_err(failed("change a Deployment"))?;
        Ok((sent, answered, changed.metadata.generation.unwrap_or_default()))
    }
}
