//! What tests of the controller share: an account with given rights, the reports that there are, and the oracle
//! that says which reports there should be.
//!
//! The oracle does not watch: it lists what is live, reads it as the offline audit reads manifests, and judges all of
//! it at once. It shares the judging with the controller, and nothing of how the controller came to its state.

pub mod many;
pub mod stand_in;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use e2e::{AuditEntry, Cluster, seaworthy, wait_for};
use jiff::{SignedDuration, Timestamp};
use kube::api::{Api, DynamicObject, ListParams};
use kube::core::{ApiResource, GroupVersionKind};
use seaworthy::api::{ComplianceReport, ProductionPolicy, Truth};
use seaworthy::checks::CATALOGUE;
use seaworthy::cluster::{Need, Rule, WATCHED, exemptions, namespace_rules, policies, reports, withheld};
use seaworthy::manifest::{self, Options, Source};
use seaworthy::model::{DeclaredKind, Inventory, Kind, Sight};
use seaworthy::policy::{PolicySet, of_object, resolve};
use seaworthy::report::{audit, fingerprint};
use serde_json::{Value, json};

/// The namespace in which `e2e::Controller` holds its Lease.
pub const HOME: &str = "default";
/// How long after an instant at which a report changes by itself it may be written.
const LATEST: SignedDuration = SignedDuration::from_secs(1);

/// Reports by namespace and name.
pub type Reports = BTreeMap<(String, String), ComplianceReport>;

/// The user name of an account that [`account`] made.
pub fn user(name: &str) -> String {
    format!("system:serviceaccount:{HOME}:{name}")
}

/// The kubeconfig of a ServiceAccount that has these rules, and those of the Lease.
pub async fn account(cluster: &Cluster, name: &str, rules: &[Rule]) -> PathBuf {
    let path = cluster.service_account_kubeconfig(HOME, name).await.unwrap();
    let subject = json!([{ "kind": "ServiceAccount", "name": name, "namespace": HOME }]);
    let group = "rbac.authorization.k8s.io";
    let version = format!("{group}/v1");
    let binding = |kind: &str| json!({ "apiGroup": group, "kind": kind, "name": name });
    let own = json!({ "name": name, "namespace": HOME });
    let objects = [
        cluster_role(name, rules),
        json!({ "apiVersion": version, "kind": "ClusterRoleBinding", "metadata": { "name": name },
                "roleRef": binding("ClusterRole"), "subjects": subject }),
        json!({ "apiVersion": version, "kind": "Role", "metadata": own, "rules": namespace_rules() }),
        json!({ "apiVersion": version, "kind": "RoleBinding", "metadata": own,
                "roleRef": binding("Role"), "subjects": subject }),
    ];
    apply(cluster, &objects).await;
    path
}

/// Runs a command of the program as somebody, and gives its exit code, its output, and what it said beside.
pub async fn command(kubeconfig: &Path, args: &[&str]) -> (i32, String, String) {
    let output = tokio::process::Command::new(seaworthy().unwrap())
        .args(args)
        .env("KUBECONFIG", kubeconfig)
        // A proxy is never meant for loopback, and kube does not look at NO_PROXY.
        .envs(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].map(|name| (name, "")))
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A ClusterRole with these rules.
pub fn cluster_role(name: &str, rules: &[Rule]) -> Value {
    json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": { "name": name }, "rules": rules })
}

/// Applies objects as `kubectl apply --server-side` does.
pub async fn apply(cluster: &Cluster, objects: &[Value]) {
    let each: Vec<String> = objects.iter().map(Value::to_string).collect();
    cluster.apply(&each.join("\n---\n")).await.unwrap();
}

/// A Deployment of the image `shop/<name>:1`.
pub fn deployment(namespace: &str, name: &str, replicas: u32) -> Value {
    workload("Deployment", namespace, name, json!({ "replicas": replicas }))
}

/// A workload of apps/v1 with a selector, a template, and whatever else its spec has.
pub fn workload(kind: &str, namespace: &str, name: &str, mut spec: Value) -> Value {
    let labels = json!({ "app": name });
    let containers = json!([{ "name": "app", "image": format!("shop/{name}:1") }]);
    spec["selector"] = json!({ "matchLabels": labels });
    spec["template"] = json!({ "metadata": { "labels": labels }, "spec": { "containers": containers } });
    json!({ "apiVersion": "apps/v1", "kind": kind, "spec": spec,
            "metadata": { "name": name, "namespace": namespace, "labels": labels } })
}

/// A Namespace.
pub fn namespace(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } })
}

/// The policy of three lines: everything, under profile Standard.
pub fn policy(name: &str) -> Value {
    json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "ProductionPolicy", "metadata": { "name": name },
            "spec": { "match": { "namespaceSelector": {} } } })
}

/// The objects of a resource; `None` where its API is not served.
pub async fn listed(cluster: &Cluster, resource: &ApiResource) -> Result<Option<Vec<Value>>, String> {
    let api: Api<DynamicObject> = Api::all_with(cluster.client(), resource);
    let listed = match api.list(&ListParams::default()).await {
        Ok(listed) => listed.items,
        Err(kube::Error::Api(status)) if status.code == 404 => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", resource.plural)),
    };
    let complete = |object: DynamicObject| {
        let mut value = serde_json::to_value(object).map_err(|error| error.to_string())?;
        // Items of a list do not say what they are; the list does.
        value["apiVersion"] = resource.api_version.as_str().into();
        value["kind"] = resource.kind.as_str().into();
        Ok(value)
    };
    listed.into_iter().map(complete).collect::<Result<_, _>>().map(Some)
}

async fn list(cluster: &Cluster, resource: &ApiResource) -> Result<Vec<Value>, String> {
    Ok(listed(cluster, resource).await?.unwrap_or_default())
}

/// The seed of chance: `SEAWORTHY_SEED`, or what the clock says. Whoever uses it prints it.
pub fn seed() -> u64 {
    let given =
        std::env::var("SEAWORTHY_SEED").ok().map(|seed| seed.parse().expect("SEAWORTHY_SEED: a number"));
    given.unwrap_or_else(|| u64::try_from(Timestamp::now().as_millisecond()).unwrap())
}

/// Documents that are everything there is, as they are read offline.
pub fn read(documents: &[Value]) -> Inventory {
    let text = json!({ "apiVersion": "v1", "kind": "List", "items": documents }).to_string();
    let source = Source { name: "documents".to_owned(), text };
    let loaded = manifest::load(vec![source], &Options { complete: true, ..Options::default() });
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    loaded.inventory
}

/// The reports on an inventory under a policy that asks for these checks alone and lists what passes.
pub fn judge(inventory: &Inventory, checks: &Value) -> Vec<ComplianceReport> {
    let policy = json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "ProductionPolicy",
        "metadata": { "name": "test" },
        "spec": { "profile": { "level": "None" }, "match": { "namespaceSelector": {} }, "checks": checks,
                  "reporting": { "passed": "Include" } } });
    let policy: ProductionPolicy = serde_json::from_value(policy).unwrap();
    let mut policies = PolicySet::default();
    policies.insert(resolve(&policy, &CATALOGUE).unwrap());
    audit(inventory, &policies, Timestamp::now()).into_iter().map(|(_, report)| report).collect()
}

/// Which reports there should be, by what is live now.
pub async fn wanted(cluster: &Cluster) -> Result<Reports, String> {
    let mut items = list(cluster, &exemptions()).await?;
    let mut absent = Vec::new();
    for watched in WATCHED.iter().filter(|watched| watched.need != Need::Never) {
        match listed(cluster, &watched.resource()).await? {
            Some(objects) => items.extend(objects),
            None => absent.push(watched.kind),
        }
    }
    let mut set = PolicySet::default();
    for policy in list(cluster, &policies()).await? {
        let policy = serde_json::from_value(policy).map_err(|error| error.to_string())?;
        if let Ok(policy) = resolve(&policy, &CATALOGUE) {
            set.insert(policy);
        }
    }
    let declared = set.declared_kinds();
    for kind in &declared {
        let declaration = kind.declaration().unwrap();
        let gvk = GroupVersionKind::gvk(&declaration.group, &declaration.version, &declaration.name);
        match kube::discovery::pinned_kind(&cluster.client(), &gvk).await {
            Ok((resource, _)) => items.extend(list(cluster, &resource).await?),
            Err(_) => absent.push(Kind::from(*kind)),
        }
    }
    DeclaredKind::put_in_force(&declared);
    let text = json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string();
    let source = Source { name: "live".to_owned(), text };
    let options = Options { complete: true, keep: set.needs(), ..Options::default() };
    let loaded = manifest::load(vec![source], &options);
    for (_, exemption) in &loaded.exemptions {
        set.exemptions.insert(Arc::new(of_object(exemption)));
    }
    let mut inventory = loaded.inventory.into_live();
    for kind in absent {
        inventory.set_sight(kind, Sight::Absent);
    }
    for (kind, sight) in withheld() {
        inventory.set_sight(kind, sight);
    }
    let judged = audit(&inventory, &set, Timestamp::now());
    Ok(judged.into_iter().map(|(_, report)| keyed(report)).collect())
}

/// Which reports there are.
pub async fn held(cluster: &Cluster) -> Result<Reports, String> {
    let items = list(cluster, &reports()).await?;
    let parse = |item| serde_json::from_value(item).map(keyed).map_err(|error| error.to_string());
    items.into_iter().map(parse).collect()
}

fn keyed(report: ComplianceReport) -> ((String, String), ComplianceReport) {
    ((report.metadata.namespace.clone(), report.metadata.name.clone()), report)
}

/// How the reports differ, times aside; `None` when they do not.
pub fn difference(wanted: &Reports, held: &Reports) -> Option<String> {
    let missing =
        wanted.keys().filter(|key| !held.contains_key(*key)).map(|key| format!("{key:?} is missing"));
    let extra =
        held.keys().filter(|key| !wanted.contains_key(*key)).map(|key| format!("{key:?} is too much"));
    let other = held.iter().filter_map(|(key, is)| {
        let should = wanted.get(key).filter(|should| fingerprint(should) != fingerprint(is))?;
        let text = |report: &ComplianceReport| serde_json::to_string(report).unwrap_or_default();
        Some(format!("{key:?} is {}\n  and should be {}", text(is), text(should)))
    });
    let all: Vec<String> = missing.chain(extra).chain(other).collect();
    let first = all.first()?;
    Some(format!("{} of {} reports differ; the first: {first}", all.len(), wanted.len()))
}

/// Waits until every report is as the oracle says, and gives them.
pub async fn converge(cluster: &Cluster, within: Duration) -> Reports {
    let look = || async {
        let (wanted, held) = (wanted(cluster).await?, held(cluster).await?);
        difference(&wanted, &held).map_or(Ok(Some(held)), Err)
    };
    wait_for("every report to be what a fresh run gives", within, look).await.unwrap()
}

/// One report.
pub async fn report(
    cluster: &Cluster,
    namespace: &str,
    name: &str,
) -> Result<Option<ComplianceReport>, String> {
    let api: Api<DynamicObject> = Api::namespaced_with(cluster.client(), namespace, &reports());
    let found = api.get_opt(name).await.map_err(|error| error.to_string())?;
    let parse = |object| serde_json::to_value(object).and_then(serde_json::from_value);
    found.map(parse).transpose().map_err(|error| error.to_string())
}

/// Waits for a report of the namespace `shop` with this verdict.
pub async fn verdict(cluster: &Cluster, name: &str, compliant: Truth) -> ComplianceReport {
    let look = || async {
        match report(cluster, "shop", name).await? {
            Some(report) if report.compliant == compliant => Ok(Some(report)),
            other => Err(format!("{other:?}")),
        }
    };
    wait_for(&format!("{name} to be {compliant}"), Duration::from_secs(60), look).await.unwrap()
}

/// A client for the objects of a kind in one namespace, or for a cluster-scoped kind.
pub fn objects(cluster: &Cluster, kind: Kind, namespace: &str) -> Api<DynamicObject> {
    let watched = WATCHED.iter().find(|watched| watched.kind == kind).unwrap();
    let resource = watched.resource();
    if kind.info().namespaced {
        Api::namespaced_with(cluster.client(), namespace, &resource)
    } else {
        Api::all_with(cluster.client(), &resource)
    }
}

/// Whether a call changes something.
pub fn is_write(entry: &AuditEntry) -> bool {
    !matches!(entry.verb.as_str(), "get" | "list" | "watch")
}

/// Whether a call is about a Lease.
pub fn is_lease(entry: &AuditEntry) -> bool {
    entry.resource == "leases"
}

/// Every write so far but those of Leases.
pub async fn writes(cluster: &Cluster) -> Vec<AuditEntry> {
    let mut entries = cluster.audit().await.unwrap();
    entries.retain(|entry| is_write(entry) && !is_lease(entry));
    entries
}

/// What a user wrote to objects of a resource that it had not made itself. By uid: of what its own creates were answered
/// with, and of what every other write names and is answered with. A write that names none could hit anything; of what it
/// forbids the API server reads nothing.
pub fn meddling(entries: &[AuditEntry], user: &str, resource: &str) -> Vec<String> {
    let is_of = |entry: &&AuditEntry| {
        entry.user == user
            && entry.resource == resource
            && is_write(entry)
            && !matches!(entry.code, 401 | 403)
    };
    let (created, others): (Vec<_>, Vec<_>) =
        // What is applied may be made by that.
        entries.iter().filter(is_of).partition(|entry| entry.verb == "create" || entry.code == 201);
    let made: BTreeSet<&str> =
        created.iter().filter(|entry| entry.code < 300).map(|entry| entry.uid.as_str()).collect();
    assert!(!made.contains(""), "the audit log has no uids of {resource}");
    let is_foreign = |entry: &&AuditEntry| {
        let answered = if entry.code < 300 { entry.uid == entry.wanted_uid } else { true };
        !made.contains(entry.wanted_uid.as_str()) || !answered
    };
    others.into_iter().filter(is_foreign).map(|entry| format!("{entry:?}")).collect()
}

/// That a report was written once since then, for an instant that came, and within a second of it.
#[expect(clippy::print_stderr, reason = "how late it was is worth a look")]
pub fn changed_at(at: Timestamp, name: &str, since: &[&AuditEntry]) {
    let mut of_report = since.iter().filter(|e| e.resource == "compliancereports" && e.name == name);
    let write = of_report.next().unwrap();
    let late = write.completed.duration_since(at);
    eprintln!("{name} was written {late:#} after its instant");
    assert!(write.received >= at && late < LATEST, "{name} was written {late:#} after its instant");
    assert!(of_report.next().is_none(), "{name} was written twice");
}
