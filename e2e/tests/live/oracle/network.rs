//! NetworkPolicies against the matcher that the network policy API's working group tests networks with: which pods
//! they isolate, and which connections they let through.
//!
//! Two answers of ours are compared: what the checks say of each pod, and what `Flow::under` says of connections.
//! Not here: how clusters are made (`clusters.rs`), and the examples of Kubernetes' documentation
//! (`network_examples.rs`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use e2e::Oracle;
use seaworthy::api::{ResultWord, Severity};
use seaworthy::checks::CATALOGUE;
use seaworthy::decode::{Decoded, decode};
use seaworthy::engine::{InForce, Ruleset, evaluate};
use seaworthy::model::{
    Endpoint, Flow, Gate, Inventory, Kind, Labels, NetworkPolicy, Party, PodLabels, Protocol, Record,
    SubjectKey, Text, Workload,
};
use serde::Deserialize;
use serde_json::Value;

use super::{BATCH, chance, clusters, shrink::shrink};

/// Clusters that are asked about.
const CLUSTERS: usize = 5_000;
/// How often each answer must have been given, or the comparison shows nothing.
const OFTEN: usize = 500;

/// What is said of a cluster.
#[derive(Deserialize, Debug)]
pub struct Said {
    /// What policies do to each pod.
    pub pods: BTreeMap<String, Directions<Stance>>,
    /// What becomes of each connection.
    #[serde(default)]
    pub flows: Option<Vec<Directions<Crossing>>>,
}

/// What holds for both directions.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directions<T> {
    /// At the end that is connected to.
    pub ingress: T,
    /// At the end that connects.
    pub egress: T,
}

/// What policies do to a pod.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stance {
    /// Whether one isolates it.
    isolated: bool,
    /// Whether one of those that do has a rule for everything.
    open: bool,
}

/// What becomes of a connection at one end.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossing {
    isolated: bool,
    /// Whether it gets through.
    pub allowed: bool,
}

/// A cluster as we read it.
struct Cluster {
    namespaces: BTreeMap<Text, Labels>,
    pods: BTreeMap<String, (Workload, Option<IpAddr>)>,
    policies: Vec<NetworkPolicy>,
    inventory: Inventory,
}

/// What we say of a cluster; nothing of one that shrinking made unreadable.
pub fn ours(question: &Value) -> Option<Said> {
    let cluster = Cluster::read(question)?;
    let flows: Option<_> = question["flows"].as_array()?.iter().map(|flow| cluster.crossing(flow)).collect();
    Some(Said { pods: cluster.stances()?, flows: Some(flows?) })
}

impl Cluster {
    fn read(question: &Value) -> Option<Self> {
        let mut cluster = Self {
            namespaces: BTreeMap::new(),
            pods: BTreeMap::new(),
            policies: Vec::new(),
            inventory: Inventory::offline(true),
        };
        for namespace in question["namespaces"].as_array()? {
            let record = record(Kind::Namespace, namespace)?;
            let meta = record.meta();
            cluster.namespaces.insert(meta.name.clone(), meta.labels.clone());
            cluster.inventory.apply(record);
        }
        for pod in question["pods"].as_array()? {
            let record = record(Kind::Pod, pod)?;
            let Record::Pod { workload: Some(workload), .. } = &record else { return None };
            let address = pod["status"]["podIP"].as_str().and_then(|address| address.parse().ok());
            let name = format!("{}/{}", workload.meta.namespace, workload.meta.name);
            cluster.pods.insert(name, (Workload::clone(workload), address));
            cluster.inventory.apply(record);
        }
        for policy in question["policies"].as_array()? {
            let record = record(Kind::NetworkPolicy, policy)?;
            let Record::NetworkPolicy(policy) = &record else { return None };
            cluster.policies.push(policy.clone());
            cluster.inventory.apply(record);
        }
        Some(cluster)
    }

    /// What policies do to each pod, as the checks' verdicts have it.
    fn stances(&self) -> Option<BTreeMap<String, Directions<Stance>>> {
        let ruleset = ruleset();
        let mut stances = BTreeMap::new();
        for key in self.inventory.subjects() {
            let SubjectKey::Workload(id) = &key else { continue };
            let now = "2026-11-21T00:00:00Z".parse().unwrap();
            let outcomes = evaluate(&self.inventory, &key, &[&ruleset], now)?.outcomes;
            let stance = |check: &str| {
                let outcome = outcomes.iter().find(|outcome| outcome.check == check).unwrap();
                // A finding about a policy's rules is that they let everything through.
                match (outcome.result, &outcome.field) {
                    (ResultWord::Pass, _) => Stance { isolated: true, open: false },
                    (ResultWord::Fail, Some(_)) => Stance { isolated: true, open: true },
                    (ResultWord::Fail, None) => Stance { isolated: false, open: false },
                    _ => panic!("{outcome:?}"),
                }
            };
            let directions = Directions {
                ingress: stance("missing-network-policy"),
                egress: stance("egress-not-restricted"),
            };
            stances.insert(format!("{}/{}", id.namespace, id.name), directions);
        }
        Some(stances)
    }

    /// What becomes of a connection.
    fn crossing(&self, flow: &Value) -> Option<Directions<Crossing>> {
        let protocol: Protocol = serde_json::from_value(flow["protocol"].clone()).ok()?;
        let to = flow["to"]["pod"].as_str().and_then(|name| self.pods.get(name));
        let named = |name: &Text| to.map_or_else(Vec::new, |(pod, _)| pod.ports_named(protocol, name));
        self.at(&flow["from"], &mut |from| {
            self.at(&flow["to"], &mut |to| {
                let port = flow["port"].as_i64()?;
                let passage = Flow { from, to, protocol, port, named: &named }.under(&self.policies);
                let crossing =
                    |gate: Gate| Some(Crossing { isolated: gate.isolated?, allowed: gate.allowed? });
                let both =
                    Directions { ingress: crossing(passage.ingress)?, egress: crossing(passage.egress)? };
                assert_eq!(passage.is_allowed(), Some(both.ingress.allowed && both.egress.allowed));
                Some(both)
            })
        })
    }

    /// Hands on one end of a connection.
    fn at<T>(&self, end: &Value, then: &mut dyn FnMut(Party<'_>) -> Option<T>) -> Option<T> {
        let Some(name) = end["pod"].as_str() else {
            return then(Party::outside(end["address"].as_str()?.parse().ok()?));
        };
        let (pod, address) = self.pods.get(name)?;
        let namespace = &pod.meta.namespace;
        let namespace_labels = || self.namespaces.get(namespace).cloned().unwrap_or_default();
        let labels = PodLabels::OfPod(pod.pod_labels());
        then(Party::pod_at(Endpoint { namespace, namespace_labels: &namespace_labels, labels }, (*address)?))
    }
}

fn record(kind: Kind, object: &Value) -> Option<Record> {
    match decode(kind, &object.to_string(), "default") {
        Ok(Decoded::Record(record)) => Some(record),
        _ => None,
    }
}

/// The checks that say whether pods are isolated.
fn ruleset() -> Ruleset {
    let in_force = |id: &&str| {
        let check = CATALOGUE.get(id).unwrap_or_else(|| panic!("there is no check {id}"));
        let params = check.rule.parse(&BTreeMap::new()).unwrap();
        InForce { check, name: None, severity: None, params }
    };
    let checks = ["missing-network-policy", "egress-not-restricted"].iter().map(in_force).collect();
    Ruleset { policy: "networking".into(), threshold: Severity::High, checks }
}

/// The first thing on which both disagree: a word for it, and how.
pub fn difference(question: &Value, theirs: &Said, ours: &Said) -> Option<(&'static str, String)> {
    let of_pod = theirs.pods.iter().find_map(|(name, theirs)| {
        let own = ours.pods.get(name);
        (own != Some(theirs)).then(|| ("pod", format!("pod {name}: {theirs:?}, ours {own:?}")))
    });
    let (their_flows, own_flows) = (theirs.flows.iter().flatten(), ours.flows.iter().flatten());
    let asked = question["flows"].as_array().into_iter().flatten();
    let mut flows = asked.zip(their_flows.zip(own_flows));
    of_pod.or_else(|| {
        flows.find_map(|(flow, (theirs, own))| {
            (theirs != own).then(|| {
                let what = if theirs.ingress == own.ingress { "egress" } else { "ingress" };
                (what, format!("{flow}: {theirs:?}, ours {own:?}"))
            })
        })
    })
}

#[test]
fn policies_isolate_and_let_through_what_the_community_says() {
    let (mut rng, mut oracle) = (chance("network policies"), Oracle::start().unwrap());
    let (mut tally, mut differences) = (BTreeMap::<String, usize>::new(), BTreeMap::new());
    let mut asked = 0;
    for _ in 0..CLUSTERS / BATCH {
        let questions: Vec<Value> = (0..BATCH).map(|_| clusters::question(&mut rng)).collect();
        let answers: Vec<Said> = oracle.ask_all(&questions).unwrap();
        for (question, said) in questions.into_iter().zip(answers) {
            count(&mut tally, &said);
            asked += said.flows.iter().flatten().count();
            let ours = ours(&question).unwrap_or_else(|| panic!("we can say nothing of {question}"));
            assert_eq!(said.pods.len(), ours.pods.len(), "{question}");
            if let Some((what, why)) = difference(&question, &said, &ours) {
                differences.entry(what).or_insert_with(Vec::new).push((question, why));
            }
        }
    }
    println!("{CLUSTERS} clusters, {asked} connections: {tally:#?}");
    assert_eq!(asked, CLUSTERS * clusters::FLOWS);
    // Each kind of difference once, as small as it gets.
    let shown = differences.iter().map(|(what, found)| {
        let mut why = String::new();
        let small = shrink(&found[0].0, |question| {
            let Ok(said) = oracle.ask::<Said>(question) else { return false };
            let Some(ours) = ours(question) else { return false };
            let found = difference(question, &said, &ours);
            found.filter(|(other, _)| other == what).map(|(_, text)| why = text).is_some()
        });
        format!("{} clusters differ by {what}, such as {small}\n  {why}", found.len())
    });
    let shown: Vec<String> = shown.collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
    let few: Vec<_> = tally.iter().filter(|(_, count)| **count < OFTEN).collect();
    assert!(tally.len() == 12 && few.is_empty(), "{few:?} of {} answers", tally.len());
}

/// Counts the answers of every sort: six of pods, six of connections.
fn count(tally: &mut BTreeMap<String, usize>, said: &Said) {
    for pod in said.pods.values() {
        for (direction, stance) in [("ingress", pod.ingress), ("egress", pod.egress)] {
            *tally.entry(format!("pod {direction} {stance:?}")).or_default() += 1;
        }
    }
    for flow in said.flows.iter().flatten() {
        for (direction, crossing) in [("ingress", flow.ingress), ("egress", flow.egress)] {
            *tally.entry(format!("connection {direction} {crossing:?}")).or_default() += 1;
        }
    }
}
