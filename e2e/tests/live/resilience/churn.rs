//! The controller is killed at any moment of a churn: whatever it leaves half done, the next one repairs.
//!
//! The seed is printed; `SEAWORTHY_SEED` sets it. The same seed gives the same operations and pauses, though not the
//! same interleaving with a real control plane.

use std::time::Duration;

use e2e::{Cluster, Controller, Random};
use jiff::Timestamp;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use seaworthy::cluster::{exemptions, policies, reports};
use seaworthy::model::Kind;
use serde_json::{Value, json};

use crate::support::{
    converge, deployment, difference, held, namespace, objects, policy, seed, wanted, workload,
};

/// How often it is killed in the middle of a churn.
const KILLS: u32 = 20;
/// Operations in each churn.
const OPERATIONS: u32 = 25;
/// The latest moment after the beginning of a churn at which it is killed.
const LATEST_KILL: u64 = 1000;

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_it_repairs_what_it_left() {
    let seed = seed();
    eprintln!("SEAWORTHY_SEED={seed}");
    let mut random = Random(seed);
    let cluster = Cluster::builder().name("churn").start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let churn = Churn { cluster: &cluster };
    for name in POLICIES {
        churn.apply(Api::all_with(cluster.client(), &policies()), name, policy(name)).await;
    }
    // One name for all, as a container has that starts anew in its pod: nobody waits for a Lease to expire.
    let spawn = || Controller::spawn(&cluster, cluster.kubeconfig(), &["--identity", "churn"]).unwrap();
    let mut controller = spawn();
    let (mut left_broken, mut repaired) = (0, 0);
    for round in 1..=KILLS {
        // Those that the last round deleted.
        for name in NAMESPACES {
            churn.apply(objects(&cluster, Kind::Namespace, ""), name, namespace(name)).await;
        }
        if random.below(3) == 0 {
            // This time the churn meets one that is only starting.
            controller.kill().unwrap();
            controller = spawn();
        }
        let kill_after = Duration::from_millis(random.below(LATEST_KILL));
        let churning = async {
            for _ in 0..OPERATIONS {
                churn.operation(&mut random).await;
                let pause = random.below(40);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        };
        let killing = async {
            tokio::time::sleep(kill_after).await;
            controller.kill().unwrap();
        };
        tokio::join!(churning, killing);
        let broken = difference(&wanted(&cluster).await.unwrap(), &held(&cluster).await.unwrap());
        left_broken += u32::from(broken.is_some());
        controller = spawn();
        controller.ready().await.unwrap();
        let reports = converge(&cluster, Duration::from_secs(30)).await.len();
        repaired += reports;
        eprintln!("kill {round} after {} ms: {reports} reports are right again", kill_after.as_millis());
    }
    // Otherwise this would be a test of nothing.
    assert!(left_broken >= KILLS / 4, "only {left_broken} of {KILLS} kills left anything to repair");
    assert!(repaired >= 200, "{repaired} reports in all");
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}

const NAMESPACES: [&str; 4] = ["north", "east", "south", "west"];
const POLICIES: [&str; 2] = ["everywhere", "some"];
const NAMES: [&str; 6] = ["api", "web", "db", "queue", "cache", "mail"];

/// What people and pipelines do to a cluster, in no order.
struct Churn<'c> {
    cluster: &'c Cluster,
}

impl Churn<'_> {
    async fn operation(&self, random: &mut Random) {
        let (namespace, name) = (random.pick(&NAMESPACES), random.pick(&NAMES));
        let kind = |kind| objects(self.cluster, kind, namespace);
        match random.below(20) {
            0..=4 => {
                let mut object = deployment(namespace, name, u32::try_from(random.below(4)).unwrap());
                let tag = random.pick(&["1", "2", "latest"]);
                object["spec"]["template"]["spec"]["containers"][0]["image"] =
                    format!("shop/{name}:{tag}").into();
                self.apply(kind(Kind::Deployment), name, object).await;
            }
            5 => self.delete(kind(Kind::Deployment), name).await,
            6 => {
                let spec = json!({ "serviceName": name, "replicas": random.below(4) });
                let object = workload("StatefulSet", namespace, name, spec);
                self.apply(kind(Kind::StatefulSet), name, object).await;
            }
            7 => self.delete(kind(Kind::StatefulSet), name).await,
            8..=9 => {
                let object = autoscaler(namespace, name, random.below(3) + 1);
                self.apply(kind(Kind::HorizontalPodAutoscaler), name, object).await;
            }
            10 => self.delete(kind(Kind::HorizontalPodAutoscaler), name).await,
            11 => {
                let object = budget(namespace, name, random.below(3));
                self.apply(kind(Kind::PodDisruptionBudget), name, object).await;
            }
            12 => self.delete(kind(Kind::PodDisruptionBudget), name).await,
            13 => {
                let object = json!({ "apiVersion": "v1", "kind": "ResourceQuota",
                    "metadata": { "name": "quota", "namespace": namespace },
                    "spec": { "hard": { "pods": "1000" } } });
                self.apply(kind(Kind::ResourceQuota), "quota", object).await;
            }
            14 => self.delete(kind(Kind::ResourceQuota), "quota").await,
            15 => self.label(namespace, random).await,
            16 if random.below(3) == 0 => self.delete(kind(Kind::Namespace), namespace).await,
            16 | 17 => self.edit_policy(random).await,
            18 => self.exempt(namespace, random).await,
            _ => self.meddle(namespace, random).await,
        }
    }

    async fn label(&self, name: &str, random: &mut Random) {
        let mut object = namespace(name);
        object["metadata"]["labels"] = json!({ "environment": random.pick(&["production", "test"]) });
        if random.below(3) == 0 {
            object["metadata"]["annotations"] =
                json!({ "exempt.seaworthy.dev/too-few-replicas": "a sandbox" });
        }
        self.apply(objects(self.cluster, Kind::Namespace, ""), name, object).await;
    }

    async fn edit_policy(&self, random: &mut Random) {
        let name = random.pick(&POLICIES);
        let api = Api::all_with(self.cluster.client(), &policies());
        if name == "some" && random.below(4) == 0 {
            return self.delete(api, name).await;
        }
        let mut object = policy(name);
        object["spec"]["profile"] = json!({ "level": random.pick(&["Baseline", "Standard", "Strict"]) });
        object["spec"]["complianceThreshold"] = random.pick(&["Medium", "High", "Critical"]).into();
        object["spec"]["checks"] =
            json!([{ "name": "too-few-replicas", "parameters": { "minimum": random.below(3) + 1 } }]);
        if name == "some" {
            object["spec"]["match"]["namespaceSelector"] =
                json!({ "matchLabels": { "environment": random.pick(&["production", "test"]) } });
        }
        self.apply(api, name, object).await;
    }

    /// Somebody is exempt, for good or for a while that is over before the round is.
    async fn exempt(&self, namespace: &str, random: &mut Random) {
        let api = Api::namespaced_with(self.cluster.client(), namespace, &exemptions());
        let name = random.pick(&["first", "second"]);
        if random.below(4) == 0 {
            return self.delete(api, name).await;
        }
        let checks =
            random.pick(&[&["*"] as &[&str], &["too-few-replicas"], &["mutable-image-tag", "no-such"]]);
        let mut object = json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "ComplianceExemption",
            "metadata": { "name": name, "namespace": namespace },
            "spec": { "checks": checks, "reason": "Somebody said so." } });
        if random.below(2) == 0 {
            object["spec"]["objectSelector"] = json!({ "matchLabels": { "app": random.pick(&NAMES) } });
        }
        if random.below(2) == 0 {
            let end = Timestamp::from_second(Timestamp::now().as_second() + 1).unwrap();
            object["spec"]["expirationTime"] = end.to_string().into();
        }
        self.apply(api, name, object).await;
    }

    /// Somebody edits or deletes what is not theirs.
    async fn meddle(&self, namespace: &str, random: &mut Random) {
        let api: Api<DynamicObject> = Api::namespaced_with(self.cluster.client(), namespace, &reports());
        let names: Vec<String> = match api.list(&ListParams::default()).await {
            Ok(listed) => listed.items.into_iter().filter_map(|item| item.metadata.name).collect(),
            Err(error) => panic!("cannot list reports: {error}"),
        };
        if names.is_empty() {
            return;
        }
        let name = &names[usize::try_from(random.below(names.len() as u64)).unwrap()];
        if random.below(2) == 0 {
            return self.delete(api, name).await;
        }
        let lie = json!({ "compliant": "True", "score": 100, "results": [] });
        let patched = api.patch(name, &PatchParams::default(), &Patch::Merge(lie)).await;
        tolerate(patched);
    }

    async fn apply(&self, api: Api<DynamicObject>, name: &str, object: Value) {
        let params = PatchParams::apply("churn").force();
        tolerate(api.patch(name, &params, &Patch::Apply(object)).await);
    }

    async fn delete(&self, api: Api<DynamicObject>, name: &str) {
        tolerate(api.delete(name, &DeleteParams::background()).await);
    }
}

/// What is not there, or is going, or moves at this moment, is the ordinary way of a churn.
fn tolerate<T>(outcome: kube::Result<T>) {
    match outcome {
        Ok(_) => {}
        Err(kube::Error::Api(status)) if matches!(status.code, 403 | 404 | 409) => {}
        Err(error) => panic!("an operation of the churn failed: {error}"),
    }
}

fn autoscaler(namespace: &str, name: &str, minimum: u64) -> Value {
    json!({ "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": { "name": name, "namespace": namespace },
        "spec": { "minReplicas": minimum, "maxReplicas": 10,
                  "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": name } } })
}

fn budget(namespace: &str, name: &str, available: u64) -> Value {
    json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": { "name": name, "namespace": namespace },
        "spec": { "minAvailable": available, "selector": { "matchLabels": { "app": name } } } })
}
