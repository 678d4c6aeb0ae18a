//! A case: workloads, their autoscalers and one budget in a namespace of their own, made by chance.
//!
//! Not its job: judging or running it.

use e2e::Random;
use seaworthy::api::ResultWord;
use serde_json::{Value, json};

/// How many nodes there are, and so how many pods a DaemonSet has.
pub const NODES: u32 = 3;

/// Chance, in the numbers that cases are made of.
pub struct Dice(pub Random);

impl Dice {
    pub fn below(&mut self, limit: i64) -> i64 {
        i64::try_from(self.0.below(u64::try_from(limit).unwrap())).unwrap()
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(i64::try_from(of.len()).unwrap())).unwrap()].clone()
    }
}

const KINDS: &[&str] = &[
    "Deployment",
    "Deployment",
    "Deployment",
    "Deployment",
    "StatefulSet",
    "StatefulSet",
    "ReplicaSet",
    "ReplicationController",
    "DaemonSet",
    "Job",
    "Pod",
];

/// What may change the number of replicas.
#[derive(Clone, Debug, PartialEq)]
enum Scaler {
    None,
    Hpa(i64),
    ScaledObject(i64),
}

#[derive(Debug)]
struct Load {
    kind: &'static str,
    name: String,
    team: &'static str,
    /// `spec.replicas`, or how many bare pods or pods of a Job there are.
    written: i64,
    scaler: Scaler,
}

impl Load {
    fn new(at: usize, random: &mut Dice) -> Self {
        let kind = random.pick(KINDS);
        let scalable = !matches!(kind, "DaemonSet" | "Job" | "Pod");
        let written = if scalable { random.pick(&[0, 1, 1, 2, 2, 3, 3, 4, 5]) } else { 1 + random.below(2) };
        let scaler = match random.below(10) {
            0..=2 if scalable => Scaler::Hpa(1 + random.below(4)),
            3..=4 if scalable => Scaler::ScaledObject(random.below(4)),
            _ => Scaler::None,
        };
        Self { kind, name: format!("w{at}"), team: random.pick(&["shop", "cart"]), written, scaler }
    }

    /// The pods that it has at the fewest.
    fn pods(&self) -> i64 {
        match (self.kind, &self.scaler) {
            ("DaemonSet", _) => NODES.into(),
            (_, Scaler::ScaledObject(least)) => *least,
            // A person has switched it off, and the HPA then stands still.
            (_, Scaler::Hpa(least)) if self.written > 0 => *least,
            _ => self.written,
        }
    }

    fn labels(&self) -> Value {
        json!({"app": self.name, "team": self.team})
    }

    fn objects(&self, namespace: &str, replicas: i64) -> Vec<Value> {
        let containers = json!([{"name": "app", "image": "shop/app:1"}]);
        let metadata = json!({"name": self.name, "namespace": namespace});
        let selector = json!({"app": self.name});
        // kwok ends the pods of Jobs at once, if they do not say otherwise.
        let stay = json!({"pod-complete.stage.kwok.x-k8s.io/delay": "24h"});
        let template = json!({
            "metadata": {"labels": self.labels(), "annotations": stay},
            "spec": {"containers": containers},
        });
        let selectors = json!({"matchLabels": selector});
        let (version, spec) = match self.kind {
            "Pod" => {
                return (0..replicas)
                    .map(|number| {
                        let name = format!("{}-{number}", self.name);
                        let metadata = json!({"name": name, "namespace": namespace, "labels": self.labels()});
                        json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers}})
                    })
                    .collect();
            }
            "Job" => {
                let mut template = template;
                template["spec"]["restartPolicy"] = "Never".into();
                ("batch/v1", json!({"parallelism": replicas, "completions": replicas, "template": template}))
            }
            "DaemonSet" => ("apps/v1", json!({"selector": selectors, "template": template})),
            "ReplicationController" => {
                ("v1", json!({"replicas": replicas, "selector": selector, "template": template}))
            }
            "StatefulSet" => {
                let parallel = "Parallel";
                let spec = json!({"replicas": replicas, "selector": selectors, "template": template,
                    "serviceName": self.name, "podManagementPolicy": parallel});
                ("apps/v1", spec)
            }
            _ => ("apps/v1", json!({"replicas": replicas, "selector": selectors, "template": template})),
        };
        vec![json!({"apiVersion": version, "kind": self.kind, "metadata": metadata, "spec": spec})]
    }

    fn target(&self) -> Value {
        let version = if self.kind == "ReplicationController" { "v1" } else { "apps/v1" };
        json!({"apiVersion": version, "kind": self.kind, "name": self.name})
    }

    fn hpa(&self, namespace: &str) -> Option<Value> {
        let Scaler::Hpa(least) = self.scaler else { return None };
        let spec = json!({"scaleTargetRef": self.target(), "minReplicas": least, "maxReplicas": 10});
        let metadata = json!({"name": self.name, "namespace": namespace});
        let version = "autoscaling/v2";
        Some(
            json!({"apiVersion": version, "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec}),
        )
    }

    fn scaled_object(&self, namespace: &str) -> Option<Value> {
        let Scaler::ScaledObject(least) = self.scaler else { return None };
        let spec = json!({"scaleTargetRef": self.target(), "minReplicaCount": least, "triggers": []});
        let metadata = json!({"name": self.name, "namespace": namespace});
        Some(
            json!({"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": metadata, "spec": spec}),
        )
    }
}

/// A case.
#[derive(Debug)]
pub struct Case {
    /// Its namespace.
    pub name: String,
    loads: Vec<Load>,
    budget: Value,
    /// The pods that the budget selects, by load; `None` where it does not select the load at all.
    chosen: Vec<Option<i64>>,
}

impl Case {
    pub fn new(at: usize, random: &mut Dice) -> Self {
        let count = random.pick(&[1, 1, 1, 2, 2, 3]);
        let loads: Vec<Load> = (0..count).map(|at| Load::new(at, random)).collect();
        let of = |which: &dyn Fn(&Load) -> bool| -> Vec<Option<i64>> {
            loads.iter().map(|load| which(load).then(|| load.pods())).collect()
        };
        let all = of(&|_| true);
        let expression = |key: &str, operator: &str, values: &[&str]| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
        let (selector, chosen) = match random.below(16) {
            0 => (json!({"matchLabels": {"app": "nobody"}}), of(&|_| false)),
            1 => (Value::Null, of(&|_| false)),
            2..=5 => (json!({}), all),
            6..=7 => (expression("team", "In", &["shop", "bank"]), of(&|load| load.team == "shop")),
            8 => (expression("app", "NotIn", &["w0"]), of(&|load| load.name != "w0")),
            9 => (json!({"matchExpressions": [{"key": "app", "operator": "Exists"}]}), all),
            10 if loads.iter().any(|load| load.name == "w0" && load.kind == "StatefulSet") => {
                let one = json!({"matchLabels": {"app": "w0", "apps.kubernetes.io/pod-index": "0"}});
                (one, of(&|load| load.name == "w0").into_iter().map(|pods| Some(pods?.min(1))).collect())
            }
            _ => (json!({"matchLabels": {"app": "w0"}}), of(&|load| load.name == "w0")),
        };
        let pods: i64 = chosen.iter().flatten().sum();
        let amount: Value = match random.below(3) {
            0 => format!("{}%", random.pick(&[0, 1, 10, 25, 33, 34, 49, 50, 51, 66, 67, 75, 99, 100])).into(),
            _ => random.pick(&[0, 1, 1, 2, 3, (pods - 1).max(0), pods, pods + 1, 2_147_483_647]).into(),
        };
        let mut spec = match random.below(20) {
            0 => json!({}),
            1..=9 => json!({"maxUnavailable": amount}),
            _ => json!({"minAvailable": amount}),
        };
        if selector != Value::Null {
            spec["selector"] = selector;
        }
        let name = format!("d{at}");
        let metadata = json!({"name": "budget", "namespace": name});
        let version = "policy/v1";
        let budget =
            json!({"apiVersion": version, "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec});
        Self { name, loads, budget, chosen }
    }

    pub fn namespace(&self) -> Value {
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}})
    }

    /// As people write it.
    pub fn written(&self) -> Vec<Value> {
        let objects = self.loads.iter().flat_map(|load| load.objects(&self.name, load.written));
        let scalers = self.loads.iter().filter_map(|load| load.hpa(&self.name));
        objects.chain(scalers).chain(self.unserved()).chain([self.budget.clone(), self.namespace()]).collect()
    }

    /// As it stands in the cluster once autoscalers have taken away all that they may.
    pub fn standing(&self) -> Vec<Value> {
        let objects = self.loads.iter().flat_map(|load| load.objects(&self.name, load.pods()));
        let scalers = self.loads.iter().filter_map(|load| load.hpa(&self.name));
        objects.chain(scalers).chain([self.budget.clone()]).collect()
    }

    /// What the cluster does not serve.
    pub fn unserved(&self) -> Vec<Value> {
        self.loads.iter().filter_map(|load| load.scaled_object(&self.name)).collect()
    }

    /// How many pods the budget selects.
    pub fn selected(&self) -> i64 {
        self.chosen.iter().flatten().sum()
    }

    /// Whether a verdict is what the controller does. What nobody can know is no disagreement; that there is not too
    /// much of it is looked at elsewhere.
    pub fn agrees(&self, word: ResultWord, allowed: i32) -> bool {
        let chosen = || self.loads.iter().zip(&self.chosen).filter_map(|(load, pods)| Some((load, (*pods)?)));
        // Drains leave the pods of DaemonSets alone, so a budget for nothing else holds nothing up.
        let only_daemons =
            || chosen().filter(|(_, pods)| *pods > 0).all(|(load, _)| load.kind == "DaemonSet");
        // What KEDA has scaled to nothing it will scale up again.
        let comes = |load: &Load| matches!(load.scaler, Scaler::ScaledObject(_));
        let any = || chosen().any(|(load, pods)| pods > 0 || comes(load));
        match word {
            ResultWord::Fail => allowed == 0 && any(),
            ResultWord::Pass => allowed > 0 || self.selected() == 0,
            ResultWord::NotApplicable => only_daemons(),
            _ => true,
        }
    }
}
