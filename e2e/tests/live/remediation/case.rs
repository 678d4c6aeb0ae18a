//! A case: a workload with all that chance puts around it, in a namespace of its own.
//!
//! Not its job: what becomes of its pods (`evictions.rs`).

use e2e::Random;
use serde_json::{Value, json};

/// How many nodes there are, and so how many pods a DaemonSet has.
pub const NODES: u32 = 4;

const KINDS: [&str; 10] = [
    "Deployment",
    "Deployment",
    "Deployment",
    "Deployment",
    "Deployment",
    "StatefulSet",
    "StatefulSet",
    "StatefulSet",
    "ReplicaSet",
    "DaemonSet",
];

/// When pods of the case fall ill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Illness {
    None,
    FromTheStart,
    Later,
}

/// A case.
#[derive(Debug)]
pub struct Case {
    /// Its namespace.
    pub name: String,
    pub illness: Illness,
    /// How many pods of its workload fall ill: of two, the budget allows none to go, and the ill may go all the same.
    pub patients: usize,
    objects: Vec<Value>,
    pods: u64,
}

impl Case {
    pub fn new(at: usize, random: &mut Random) -> Self {
        let name = format!("e{at}");
        let kind = random.pick(&KINDS);
        let replicas = random.pick(&[1, 2, 2, 2, 3, 3, 4]);
        let least = if kind != "DaemonSet" && random.percent(25) { 1 + random.below(3) } else { 0 };
        let pods = if kind == "DaemonSet" { NODES.into() } else { replicas.max(least) };
        let mut case = Self {
            name,
            illness: illness(random),
            patients: random.pick(&[1, 2]),
            objects: Vec::new(),
            pods,
        };
        let selector = match random.below(4) {
            0 => json!({ "matchLabels": { "tier": "web" },
                "matchExpressions": [{ "key": "app", "operator": "In", "values": ["main", "else"] }] }),
            1 => json!({ "matchLabels": { "app": "main" },
                "matchExpressions": [{ "key": "twin", "operator": "DoesNotExist" }] }),
            _ => json!({ "matchLabels": { "app": "main" } }),
        };
        case.workload(kind, "main", &selector, &json!({ "app": "main", "tier": "web" }), replicas);
        if least > 0 {
            let target = json!({ "apiVersion": "apps/v1", "kind": kind, "name": "main" });
            let spec = json!({ "scaleTargetRef": target, "minReplicas": least, "maxReplicas": 9 });
            case.object("autoscaling/v2", "HorizontalPodAutoscaler", "main", &spec);
        }
        match random.below(10) {
            // Its pods are selected by the selector of the other as well, or by some of them.
            0 | 1 => {
                let labels = json!({ "app": "main", "tier": "web", "twin": "yes" });
                case.workload("Deployment", "twin", &json!({ "matchLabels": { "twin": "yes" } }), &labels, 2);
                case.pods += 2;
            }
            2 => {
                let labels = json!({ "app": "side" });
                case.workload("Deployment", "side", &json!({ "matchLabels": labels }), &labels, 2);
                case.pods += 2;
            }
            _ => {}
        }
        let budgets = match random.below(10) {
            0..=6 => 0,
            7 | 8 => 1,
            // Two for one pod: then nobody can evict it, and not because of us.
            _ => 2,
        };
        for number in 0..budgets {
            let budget = foreign(&case.name, &format!("own-{number}"), random);
            case.objects.push(budget);
        }
        case
    }

    fn object(&mut self, version: &str, kind: &str, name: &str, spec: &Value) {
        let metadata = json!({ "name": name, "namespace": self.name });
        self.objects.push(json!({ "apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec }));
    }

    fn workload(&mut self, kind: &str, name: &str, selector: &Value, labels: &Value, replicas: u64) {
        let containers = json!([{ "name": "app", "image": "shop/app:1" }]);
        let template = json!({ "metadata": { "labels": labels }, "spec": { "containers": containers } });
        let mut spec = json!({ "selector": selector, "template": template });
        match kind {
            "DaemonSet" => {}
            "StatefulSet" => {
                spec["replicas"] = replicas.into();
                spec["serviceName"] = name.into();
                spec["podManagementPolicy"] = "Parallel".into();
            }
            _ => spec["replicas"] = replicas.into(),
        }
        self.object("apps/v1", kind, name, &spec);
    }

    pub fn namespace(&self) -> Value {
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": self.name } })
    }

    pub fn objects(&self) -> Vec<Value> {
        self.objects.clone()
    }

    /// How many pods it has when all is well.
    pub fn pods(&self) -> u64 {
        self.pods
    }
}

fn illness(random: &mut Random) -> Illness {
    match random.below(10) {
        0 => Illness::FromTheStart,
        1 | 2 => Illness::Later,
        _ => Illness::None,
    }
}

/// A budget of somebody's own, which may select the pods of the case or not.
pub fn foreign(namespace: &str, name: &str, random: &mut Random) -> Value {
    let selector = match random.below(6) {
        0 => json!({}),
        1 => json!({ "matchLabels": { "app": "nobody" } }),
        2 => json!({ "matchExpressions": [{ "key": "tier", "operator": "In", "values": ["web", "db"] }] }),
        3 => json!({ "matchExpressions": [{ "key": "app", "operator": "NotIn", "values": ["side"] }] }),
        _ => json!({ "matchLabels": { "app": "main" } }),
    };
    let mut spec = json!({ "selector": selector });
    match random.below(4) {
        0 => spec["minAvailable"] = random.pick(&[0, 1, 2]).into(),
        1 => spec["minAvailable"] = random.pick(&["10%", "50%", "100%"]).into(),
        2 => spec["maxUnavailable"] = random.pick(&["0%", "25%", "50%"]).into(),
        _ => spec["maxUnavailable"] = random.pick(&[0, 1, 2]).into(),
    }
    json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "spec": spec,
        "metadata": { "name": name, "namespace": namespace } })
}
