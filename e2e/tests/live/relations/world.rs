//! The cluster as the parts of this test use it: put and delete objects, read reports, compare with the offline audit.
//!
//! Not its job: what is expected of any of it.

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::{Cluster, wait_for};
use jiff::Timestamp;
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use seaworthy::api::{ComplianceReport, ProductionPolicy, ResultWord};
use seaworthy::checks::CATALOGUE;
use seaworthy::cluster::{WATCHED, policies, reports};
use seaworthy::manifest::{self, Options, Source};
use seaworthy::model::Kind;
use seaworthy::policy::{PolicySet, resolve};
use seaworthy::report::{audit, fingerprint};
use serde_json::{Value, json};

/// How long anything may take. Most of it takes milliseconds; two cores are shared with a whole control plane.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The cluster.
pub struct World<'c> {
    pub cluster: &'c Cluster,
    pub client: kube::Client,
}

/// Reports by name.
pub type Reports = BTreeMap<String, ComplianceReport>;

fn resource(kind: Kind) -> ApiResource {
    WATCHED.iter().find(|watched| watched.kind == kind).expect("a watched kind").resource()
}

/// What a report says of a check: its word, or nothing where the check is not in it.
pub fn word(report: &ComplianceReport, check: &str) -> Option<ResultWord> {
    report.results.iter().find(|result| result.check == check).map(|result| result.result)
}

impl<'c> World<'c> {
    pub fn new(cluster: &'c Cluster) -> Self {
        Self { cluster, client: cluster.client() }
    }

    pub fn api(&self, kind: Kind, namespace: &str) -> Api<DynamicObject> {
        let resource = resource(kind);
        if kind.info().namespaced {
            Api::namespaced_with(self.client.clone(), namespace, &resource)
        } else {
            Api::all_with(self.client.clone(), &resource)
        }
    }

    pub fn policies(&self) -> Api<DynamicObject> {
        Api::all_with(self.client.clone(), &policies())
    }

    pub fn report_api(&self, namespace: &str) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), namespace, &reports())
    }

    /// Makes an object be like this.
    pub async fn put(&self, kind: Kind, namespace: &str, name: &str, body: Value) {
        let mut object = body;
        object["apiVersion"] = kind.api_version().into();
        object["kind"] = kind.name().into();
        object["metadata"]["name"] = name.into();
        let params = PatchParams::apply("test").force();
        self.api(kind, namespace).patch(name, &params, &Patch::Apply(object)).await.unwrap();
    }

    pub async fn delete(&self, kind: Kind, namespace: &str, name: &str) {
        self.api(kind, namespace).delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// A namespace that only the policy of the same name covers.
    pub async fn namespace(&self, name: &str) {
        let labels = json!({"metadata": {"labels": {"part": name}}});
        self.put(Kind::Namespace, "", name, labels).await;
    }

    /// A policy with these checks for the namespaces that carry its name.
    pub async fn policy(&self, name: &str, checks: &[&str]) {
        let checks: Vec<Value> = checks.iter().map(|check| json!({"name": check})).collect();
        let spec = json!({
            "profile": {"level": "None"},
            "match": {"namespaceSelector": {"matchLabels": {"part": name}}},
            "checks": checks,
            "reporting": {"passed": "Include"},
        });
        self.policy_of(name, spec).await;
    }

    pub async fn policy_of(&self, name: &str, spec: Value) {
        let resource = policies();
        let object = json!({
            "apiVersion": resource.api_version, "kind": resource.kind,
            "metadata": {"name": name}, "spec": spec,
        });
        let params = PatchParams::apply("test").force();
        self.policies().patch(name, &params, &Patch::Apply(object)).await.unwrap();
    }

    pub async fn reports(&self, namespace: &str) -> Result<Reports, String> {
        let list = self.report_api(namespace).list(&ListParams::default()).await;
        let read = |object: DynamicObject| {
            let report: ComplianceReport = serde_json::from_value(json!(object)).unwrap();
            (report.metadata.name.clone(), report)
        };
        Ok(list.map_err(|error| error.to_string())?.items.into_iter().map(read).collect())
    }

    /// The resourceVersion of every report of the cluster.
    pub async fn versions(&self) -> Result<BTreeMap<(String, String), String>, kube::Error> {
        let all: Api<DynamicObject> = Api::all_with(self.client.clone(), &reports());
        let version = |object: DynamicObject| {
            let metadata = object.metadata;
            let at = (metadata.namespace.unwrap_or_default(), metadata.name.unwrap_or_default());
            (at, metadata.resource_version.unwrap_or_default())
        };
        Ok(all.list(&ListParams::default()).await?.items.into_iter().map(version).collect())
    }

    /// Waits until the reports of a namespace are as they should be; `why_not` says what is missing.
    pub async fn wait(
        &self,
        what: &str,
        namespace: &str,
        why_not: impl Fn(&Reports) -> Option<String>,
    ) -> Reports {
        let waited = wait_for(what, PATIENCE, || async {
            let reports = self.reports(namespace).await?;
            why_not(&reports).map_or(Ok(Some(reports)), Err)
        });
        waited.await.unwrap()
    }

    /// What the offline audit makes of everything that the API server holds.
    async fn offline(&self) -> Result<Vec<ComplianceReport>, String> {
        let mut texts: Vec<String> = Vec::new();
        for watched in WATCHED {
            let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &watched.resource());
            let list = match api.list(&ListParams::default()).await {
                Err(kube::Error::Api(status)) if status.code == 404 => continue,
                list => list.map_err(|error| error.to_string())?,
            };
            for object in list.items {
                let mut object = json!(object);
                object["apiVersion"] = watched.kind.api_version().into();
                object["kind"] = watched.kind.name().into();
                texts.push(object.to_string());
            }
        }
        let mut set = PolicySet::default();
        for object in self.policies().list(&ListParams::default()).await.map_err(|error| error.to_string())? {
            let policy: ProductionPolicy = serde_json::from_value(json!(object)).unwrap();
            set.insert(resolve(&policy, &CATALOGUE).unwrap());
        }
        let source = Source { name: "cluster".to_owned(), text: texts.join("\n---\n") };
        let loaded = manifest::load(vec![source], &Options { complete: true, ..Options::default() });
        assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
        let reports = audit(&loaded.inventory.into_live(), &set, Timestamp::now());
        Ok(reports.into_iter().map(|(_, report)| report).collect())
    }

    /// Waits until every report of the cluster says what the offline audit says now, and no report is too many.
    pub async fn settled(&self) {
        let all: Api<DynamicObject> = Api::all_with(self.client.clone(), &reports());
        wait_for("live reports that equal the offline ones", PATIENCE, || async {
            let list = all.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
            let live: Vec<ComplianceReport> =
                list.items.into_iter().map(|object| serde_json::from_value(json!(object)).unwrap()).collect();
            let (live, offline) = (by_name(&live), by_name(&self.offline().await?));
            let names: std::collections::BTreeSet<_> = live.keys().chain(offline.keys()).collect();
            match names.into_iter().find(|name| live.get(*name) != offline.get(*name)) {
                None => Ok(Some(())),
                Some(name) => Err(format!("{name:?} differs of {} and {}", live.len(), offline.len())),
            }
        })
        .await
        .unwrap();
    }
}

fn by_name(reports: &[ComplianceReport]) -> BTreeMap<(String, String), u64> {
    let at = |report: &ComplianceReport| (report.metadata.namespace.clone(), report.metadata.name.clone());
    reports.iter().map(|report| (at(report), fingerprint(report))).collect()
}

/// A Deployment whose pods have the label `app: <name>`.
pub fn deployment(name: &str, replicas: i64, image: &str) -> Value {
    json!({"spec": {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "main", "image": image, "ports": [{"containerPort": 8080}]}]},
        },
    }})
}
