//! A thousand malformed policies: each is refused by the API server or answered in its status, and none stops the
//! controller or touches what other policies say.

use std::time::Duration;

use e2e::{Cluster, Random, wait_for};
use futures::StreamExt as _;
use kube::api::{Api, DynamicObject, PostParams};
use seaworthy::cluster::policies;
use serde_json::{Map, Value, json};

use crate::support::{converge, listed, seed};

const POLICIES: usize = 1000;
const AT_ONCE: usize = 16;

/// A policy that uses every field.
fn whole() -> Value {
    json!({
        "description": "whole", "enforcement": "Enforced",
        "profile": { "level": "Standard", "version": "v1.0" },
        "match": {
            "namespaceSelector": { "matchLabels": { "a": "b" },
                "matchExpressions": [{ "key": "team", "operator": "In", "values": ["shop"] }] },
            "objectSelector": { "matchExpressions": [{ "key": "app", "operator": "Exists" }] },
            "excludeNamespaces": ["kube-system"],
        },
        "checks": [
            { "name": "too-few-replicas", "state": "Enabled", "severity": "High", "parameters": { "minimum": 3 } },
            { "name": "missing-cpu-limit" },
        ],
        "complianceThreshold": "High",
        "workloadKinds": [{ "apiVersion": "example.com/v1", "kind": "Fleet", "templatePath": "spec.template",
            "replicasPath": "spec.replicas", "selectorPath": "spec.selector" }],
        "reporting": { "passed": "Omit", "events": "OnTransition" },
    })
}

/// Every place of a value, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

fn mutated(chance: &mut Random) -> Value {
    let mut spec = whole();
    let mut all = Vec::new();
    places(&spec, "", &mut all);
    for _ in 0..=chance.below(2) {
        let below = |chance: &mut Random, limit: usize| usize::try_from(chance.below(limit as u64)).unwrap();
        let at = all[below(chance, all.len())].clone();
        let Some(place) = spec.pointer_mut(&at) else { continue };
        let long = "x".repeat(300);
        let values = [
            json!(null),
            json!(-1),
            json!(9_999_999_999_i64),
            json!(1.5),
            json!(true),
            json!(""),
            json!("no\u{202e}se\n"),
            json!(long),
            json!([]),
            json!({}),
            json!([null]),
            json!({ "x": "y" }),
            json!("None"),
            json!("Disabled"),
            json!(["*", "*"]),
            json!("nonsense"),
        ];
        match below(chance, values.len() + 3) {
            n if n < values.len() => *place = values[n].clone(),
            n if n == values.len() => {
                if let Value::Object(members) = place {
                    members.insert("surprise".to_owned(), json!(1));
                }
            }
            n if n == values.len() + 1 => {
                if let Value::Object(members) = place {
                    let first = members.keys().next().cloned();
                    first.and_then(|first| members.remove(&first));
                }
            }
            _ => {
                if let Value::Array(items) = place {
                    items.extend(items.clone());
                }
            }
        }
    }
    spec
}

pub async fn policies_are_refused_or_answered(cluster: &Cluster) {
    let seed = seed();
    println!("seed {seed}");
    let mut chance = Random(seed);
    let api: Api<DynamicObject> = Api::all_with(cluster.client(), &policies());
    let objects = (0..POLICIES).map(|n| {
        let mut object = DynamicObject::new(&format!("hostile-{n}"), &policies());
        object.data = Value::Object(Map::from_iter([("spec".to_owned(), mutated(&mut chance))]));
        object
    });
    let create = |object: DynamicObject| {
        let api = api.clone();
        async move {
            match api.create(&PostParams::default(), &object).await {
                Ok(_) => true,
                Err(kube::Error::Api(status)) => {
                    assert!(status.code == 422 || status.code == 400, "{status:?} for {}", object.data);
                    assert!(status.message.contains("spec"), "which field? {}", status.message);
                    false
                }
                Err(error) => panic!("{error} for {}", object.data),
            }
        }
    };
    let objects: Vec<DynamicObject> = objects.collect();
    let answers: Vec<bool> =
        futures::stream::iter(objects).map(create).buffer_unordered(AT_ONCE).collect().await;
    let accepted = answers.iter().filter(|accepted| **accepted).count();
    println!("{accepted} of {POLICIES} were accepted");
    assert!(accepted > POLICIES / 20 && accepted < POLICIES * 19 / 20, "{accepted} tell nothing");
    let answered = || async {
        let all = listed(cluster, &policies()).await?.unwrap_or_default();
        let open = all.iter().filter(|policy| {
            let said = policy["status"]["conditions"].as_array().into_iter().flatten();
            let said = said.filter(|condition| condition["type"] == "Accepted");
            said.filter(|condition| condition["status"] != "Unknown").count() != 1
        });
        let open: Vec<&Value> = open.collect();
        if open.is_empty() { Ok(Some(())) } else { Err(format!("{} are open: {}", open.len(), open[0])) }
    };
    wait_for("every policy to be answered", Duration::from_secs(120), answered).await.unwrap();
    converge(cluster, Duration::from_secs(60)).await;
}
