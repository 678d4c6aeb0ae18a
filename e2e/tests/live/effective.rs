//! Effective resources: what our model takes to be in force for a pod is what the real API server makes of it.
//!
//! Chance makes pods with resources of containers and of the pod as a whole, in namespaces with different LimitRanges.
//! The API server defaults, admits and classifies them (a dry run, so that nothing stays); then the checks that rest
//! on requests, limits and the QoS class must say what follows from its answer. The seed is printed, and
//! `SEAWORTHY_SEED` sets it.
//! Not its job: what the checks say in words (`parity`).

use std::collections::BTreeMap;

use e2e::{Cluster, Random};
use futures::StreamExt as _;
use kube::api::{Api, ApiResource, DynamicObject, PostParams};
use kube::core::GroupVersionKind;
use seaworthy::api::{ComplianceReport, ResultWord};
use seaworthy::model::Quantity;
use serde_json::{Map, Value, json};

use crate::support::{self, read, seed};

const PODS: usize = 1500;
const AT_ONCE: usize = 24;
const QOS: &str = "critical-workload-not-guaranteed";
/// The checks of single amounts: what they ask for, and of which resource.
const AMOUNTS: [(&str, &str, &str); 4] = [
    ("missing-cpu-request", "requests", "cpu"),
    ("missing-memory-request", "requests", "memory"),
    ("missing-memory-limit", "limits", "memory"),
    ("missing-cpu-limit", "limits", "cpu"),
];

/// Chance, in what pods are made of.
struct Dice(Random);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.0.below(limit as u64)).unwrap()
    }

    fn amounts(&mut self) -> Value {
        let mut amounts = Map::new();
        let values: [(&str, &[&str]); 3] = [
            ("cpu", &["0", "100m", "0.1", "1", "1000m", "100.1m"]),
            ("memory", &["0", "64Mi", "1Gi", "1073741824", "1024Mi"]),
            ("ephemeral-storage", &["1Gi"]),
        ];
        for (name, values) in values {
            if self.below(10) < 6 {
                amounts.insert(name.to_owned(), values[self.below(values.len())].into());
            }
        }
        amounts.into()
    }

    fn resources(&mut self) -> Value {
        match self.below(4) {
            0 => json!({"limits": {"cpu": "1", "memory": "1Gi"}}),
            1 => json!({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1000m"}}),
            _ => {
                let mut resources = json!({});
                for member in ["requests", "limits"] {
                    if self.below(10) < 6 {
                        resources[member] = self.amounts();
                    }
                }
                resources
            }
        }
    }

    fn pod(&mut self, at: usize, namespace: &str) -> Value {
        let container = |random: &mut Self, name: String| {
            let mut container = json!({"name": name, "image": "shop/app:1"});
            if random.below(5) > 0 {
                container["resources"] = random.resources();
            }
            container
        };
        let containers: Vec<Value> =
            (0..1 + self.below(3) / 2).map(|n| container(self, format!("c{n}"))).collect();
        let mut spec = json!({"containers": containers});
        if self.below(3) == 0 {
            let mut init = container(self, "init".to_owned());
            if self.below(2) == 0 {
                init["restartPolicy"] = "Always".into();
            }
            spec["initContainers"] = json!([init]);
        }
        match self.below(12) {
            0 => spec["resources"] = json!({}),
            1 => spec["resources"] = json!({"limits": {"cpu": "2", "memory": "4Gi"}}),
            2 | 3 => {
                let mut resources = self.resources();
                for member in ["requests", "limits"] {
                    resources[member].as_object_mut().map(|amounts| amounts.remove("ephemeral-storage"));
                }
                spec["resources"] = resources;
            }
            _ => {}
        }
        let metadata = json!({"name": format!("p{at}"), "namespace": namespace});
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    }
}

/// Namespaces, and the item of the LimitRange in each.
fn limit_ranges() -> Vec<(&'static str, Option<Value>)> {
    vec![
        ("none", None),
        ("default", Some(json!({"default": {"cpu": "1", "memory": "1Gi"}}))),
        (
            "mixed",
            Some(json!({"default": {"memory": "1Gi"}, "defaultRequest": {"memory": "64Mi", "cpu": "100m"}})),
        ),
        ("max", Some(json!({"max": {"cpu": "4", "memory": "8Gi"}}))),
        ("min", Some(json!({"min": {"cpu": "1m", "memory": "1Mi"}}))),
        (
            "both",
            Some(json!({"default": {"cpu": "1", "ephemeral-storage": "1Gi"}, "max": {"memory": "8Gi"}})),
        ),
    ]
}

/// The namespaces and LimitRanges as documents; `default` is a name that every cluster has taken.
fn surroundings() -> Vec<Value> {
    let mut documents = Vec::new();
    for (name, item) in limit_ranges() {
        let namespace = format!("lr-{name}");
        documents.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}));
        if let Some(mut item) = item {
            item["type"] = "Container".into();
            let metadata = json!({"name": "limits", "namespace": namespace});
            let spec = json!({"limits": [item]});
            documents
                .push(json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": spec}));
        }
    }
    documents
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_force_is_what_the_api_server_makes_of_it() {
    let seed = seed();
    println!("SEAWORTHY_SEED={seed}");
    let mut random = Dice(Random(seed));
    let cluster = Cluster::builder().name("effective").start().await.unwrap();
    let documents = surroundings();
    let text: Vec<String> = documents.iter().map(Value::to_string).collect();
    cluster.apply(&text.join("\n---\n")).await.unwrap();
    for (name, item) in limit_ranges() {
        settled(&cluster, &format!("lr-{name}"), item.is_some()).await;
    }

    let namespaces = limit_ranges();
    let written: Vec<Value> = (0..PODS)
        .map(|at| {
            let (name, _) = namespaces[random.below(namespaces.len())];
            random.pod(at, &format!("lr-{name}"))
        })
        .collect();
    let answers: Vec<(Value, Value)> = futures::stream::iter(written)
        .map(async |pod| (dry_run(&cluster, &pod).await, pod))
        .buffer_unordered(AT_ONCE)
        .filter_map(async |(answer, pod)| Some((pod, answer?)))
        .collect()
        .await;
    let pods = answers.iter().map(|(pod, _)| pod.clone());
    let reports = judge(&documents.into_iter().chain(pods).collect::<Vec<_>>());

    let (mut wrong, mut classes) = (Vec::new(), BTreeMap::<String, usize>::new());
    for (pod, answer) in &answers {
        let report = &reports[pod["metadata"]["name"].as_str().unwrap()];
        *classes.entry(answer["status"]["qosClass"].as_str().unwrap().to_owned()).or_default() += 1;
        if let Some(how) = disagreement(pod, answer, report) {
            wrong.push(format!("{how}\n  written {}\n  in force {}", pod["spec"], answer["spec"]));
        }
    }
    println!("{} of {PODS} pods are accepted: {classes:?}", answers.len());
    assert!(wrong.is_empty(), "seed {seed}, {} disagree:\n{}", wrong.len(), wrong.join("\n"));
    assert!(answers.len() >= 500 && classes.values().all(|count| *count >= 50), "{classes:?}");
    cluster.stop().await.unwrap();
}

fn pods(cluster: &Cluster, namespace: &str) -> Api<DynamicObject> {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Pod"));
    Api::namespaced_with(cluster.client(), namespace, &resource)
}

/// The pod as it would be; nothing where the API server refuses it.
async fn dry_run(cluster: &Cluster, pod: &Value) -> Option<Value> {
    let namespace = pod["metadata"]["namespace"].as_str().unwrap();
    let parsed: DynamicObject = serde_json::from_value(pod.clone()).unwrap();
    let params = PostParams { dry_run: true, ..PostParams::default() };
    let created = pods(cluster, namespace).create(&params, &parsed).await;
    created.ok().map(|pod| serde_json::to_value(pod).unwrap())
}

/// Waits until pods may be made there, and until the API server applies the LimitRange.
async fn settled(cluster: &Cluster, namespace: &str, ranged: bool) {
    let containers = json!([{"name": "app", "image": "shop/app:1"}]);
    let metadata = json!({"name": "probe", "namespace": namespace});
    let probe =
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers}});
    e2e::wait_for(
        &format!("namespace {namespace} to be usable"),
        std::time::Duration::from_secs(30),
        || async {
            let answer = dry_run(cluster, &probe).await.ok_or("a pod is refused")?;
            let given = answer["spec"]["containers"][0]["resources"]
                .as_object()
                .is_some_and(|given| !given.is_empty());
            if given == ranged { Ok(Some(())) } else { Err("the LimitRange is not in force") }
        },
    )
    .await
    .unwrap();
}

/// The report of each pod.
fn judge(documents: &[Value]) -> BTreeMap<String, ComplianceReport> {
    let amounts = AMOUNTS.iter().map(|(check, _, _)| json!({"name": check}));
    let all = json!({"name": QOS, "parameters": {"criticalSelector": {}}});
    let checks: Vec<Value> = amounts.chain([all]).collect();
    let reports = support::judge(&read(documents), &checks.into());
    let of_pods = reports.into_iter().filter_map(|report| {
        let name = report.metadata.name.strip_prefix("pod-")?.to_owned();
        Some((name, report))
    });
    of_pods.collect()
}

fn is_set(amounts: &Value, resource: &str) -> bool {
    amounts[resource].as_str().is_some_and(|written| !Quantity::parse(written).unwrap().is_zero())
}

/// What the checks say that does not follow from what the API server made of the pod.
fn disagreement(pod: &Value, answer: &Value, report: &ComplianceReport) -> Option<String> {
    let failing = |check: &str, container: Option<&str>| {
        let results = report.results.iter().filter(|result| result.check == check);
        let mut failing = results.filter(|result| result.result == ResultWord::Fail);
        failing.any(|result| container.is_none() || result.container.as_deref() == container)
    };
    let class = answer["status"]["qosClass"].as_str().unwrap();
    if (class == "Guaranteed") == failing(QOS, None) {
        return Some(format!("{QOS}, and the class is {class}"));
    }
    let (wanted, whole) = (&pod["spec"]["resources"], &answer["spec"]["resources"]);
    let lists = ["containers", "initContainers"].map(|list| answer["spec"][list].as_array());
    for (check, member, resource) in AMOUNTS {
        // A request that the pod got only because it has a limit of something else is not its own.
        let said = !wanted["requests"][resource].is_null() || !wanted["limits"][resource].is_null();
        let by_pod = said && is_set(&whole[member], resource);
        for container in lists.iter().flatten().copied().flatten() {
            let set = by_pod || is_set(&container["resources"][member], resource);
            let name = container["name"].as_str();
            if set == failing(check, name) {
                return Some(format!("{check} of {name:?}, and the amount is set: {set}"));
            }
        }
    }
    None
}
