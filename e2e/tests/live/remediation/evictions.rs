//! Ten thousand evictions through the real Eviction API: what we made never stands in the way of one that would have
//! been let through without it, but for the one thing that a budget is for.
//!
//! Chance makes 500 namespaces with a workload each: kinds, replicas, autoscalers, selectors, twins, ill pods, budgets
//! of others. What would have been without us is known in two ways. Every pod is asked for before the controller runs,
//! and again once it has made what it makes: whoever could be evicted still can be. And every answer that is not a yes
//! is traced to the budget that gave it, which Kubernetes names. One of ours shares no pod with another budget, so its
//! no is always one that there would not be without it. It may only be said to a healthy pod of a workload that lacks a
//! pod already: because one is ill, or because one was evicted just before (where the next pod has the same name, the
//! disruption controller may wait two minutes for it to go, which is counted apart). Never to an ill pod, never while
//! the workload is whole; and an error, which Kubernetes answers where there are two budgets, has two budgets of others.
//! The seed is printed, and `SEAWORTHY_SEED` sets it.
//! Not its job: which cases there are (`case.rs`), how pods are looked at (`targets.rs`), or how fast ours makes room
//! (`yields.rs`); nor the moment until the disruption controller has looked at a new budget, whosever, and lets nobody go.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use e2e::{Cluster, Controller, Random, wait_for};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::Client;
use kube::api::Api;
use serde_json::json;

use super::case::{Case, Illness, NODES, foreign};
use super::targets::{Answer, Target, calm, evict, fall_ill};
use super::world::{ask, remedier, start, status};
use crate::support::many::{accounts, create};
use crate::support::seed;

const CASES: usize = 500;
const EVICTIONS: usize = 10_000;
/// Rounds in which pods are really evicted; the rest asks without doing it, which the API server answers the same way.
const REAL_ROUNDS: usize = 2;

/// Pods take a moment to go, as they do with a kubelet. Where one went in no time and the next had the same name, the
/// disruption controller would not see it go.
const SLOW_TO_GO: &str = r#"apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-going}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - {key: .metadata.deletionTimestamp, operator: Exists}
    - {key: .metadata.deletionGracePeriodSeconds | tostring, operator: NotIn, values: ["0"]}
  weight: 1
  delay: {durationMilliseconds: 2000}
  next: {delete: true}
"#;

/// What was asked, what was answered, and what is wrong with it.
struct Tally<'c> {
    client: &'c Client,
    faults: Vec<String>,
    answers: BTreeMap<&'static str, usize>,
    /// The namespaces and budgets of ours of which a pod was really evicted.
    spent: BTreeSet<(String, String)>,
}

impl Tally<'_> {
    /// Takes in answers. `spent`: the budgets of which a pod was evicted just before.
    async fn take(&mut self, answered: &[(&Target, Answer)], spent: &BTreeSet<(String, String)>) {
        for (target, answer) in answered {
            let told = match (answer, &target.ours) {
                (Answer::Gone, _) => continue,
                (Answer::Yes, Some(_)) if !target.ready => "yes, ours, to an ill one",
                (Answer::Yes, Some(_)) => "yes, ours",
                (Answer::Yes, None) => "yes",
                (Answer::Error, None) if target.others > 1 => "two budgets, theirs",
                (Answer::No(name), None) if !is_name_of_ours(name) && target.others == 1 => "no, theirs",
                (Answer::No(name), Some(ours)) if *name == ours.name && target.ready => {
                    let budget = (target.namespace.clone(), name.clone());
                    let awaits = ours.awaits && self.spent.contains(&budget);
                    match (ours.lacks || spent.contains(&budget), awaits) {
                        (true, _) => "no, ours, as a pod is missing",
                        (false, true) => "no, ours, as one is still to go",
                        (false, false) => "wrong",
                    }
                }
                (Answer::No(name), None) if is_name_of_ours(name) && self.is_new(target, name).await => {
                    "no, ours, just made"
                }
                _ => "wrong",
            };
            if told == "wrong" {
                self.faults.push(format!("{answer:?}: {target:?}"));
            }
            *self.answers.entry(told).or_default() += 1;
        }
    }

    /// Whether a budget has come since its namespace was looked at.
    async fn is_new(&self, target: &Target, budget: &str) -> bool {
        let api: Api<PodDisruptionBudget> = Api::namespaced(self.client.clone(), &target.namespace);
        let Some(budget) = api.get_opt(budget).await.unwrap() else { return true };
        budget.metadata.creation_timestamp.is_some_and(|at| at.0 >= target.as_of)
    }

    fn asked(&self) -> usize {
        self.answers.values().sum()
    }

    fn count(&self, told: &str) -> usize {
        self.answers.get(told).copied().unwrap_or_default()
    }
}

fn is_name_of_ours(name: &str) -> bool {
    name.starts_with("seaworthy-")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_eviction_fails_because_of_us_that_would_not_have_failed_anyway() {
    let seed = seed();
    println!("SEAWORTHY_SEED={seed}");
    let mut random = Random(seed);
    let cases: Vec<Case> = (0..CASES).map(|at| Case::new(at, &mut random)).collect();
    let began = Instant::now();
    let cluster = Cluster::builder().name("evictions").nodes(NODES).stages(SLOW_TO_GO).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    // An answer of 429 is what is asked for, and not to be asked again.
    let mut config = cluster.config();
    config.default_retry = false;
    let client = Client::try_from(config).unwrap();
    create(&client, cases.iter().map(Case::namespace).collect()).await;
    accounts(&client, &cases.iter().map(|case| case.name.clone()).collect()).await;
    create(&client, cases.iter().flat_map(Case::objects).collect()).await;
    calm(&cluster, &cases, "every pod to be there").await;
    println!("{CASES} cases stand after {} s", began.elapsed().as_secs());
    let ill = fall_ill(&client, &cases, Illness::FromTheStart).await;
    let targets = calm(&cluster, &cases, "the first to be ill").await;
    let free: BTreeSet<(String, String)> = evict(&client, &targets, true)
        .await
        .into_iter()
        .filter(|(_, answer)| *answer == Answer::Yes)
        .map(|(target, _)| (target.namespace.clone(), target.name.clone()))
        .collect();

    let kubeconfig = remedier(&cluster).await;
    let controller = start(&cluster, &kubeconfig).await;
    ask(&cluster, &json!({ "mode": "Enabled", "maxUnavailable": 1 })).await;
    // Whoever is ill gets none before it is well.
    let made = || async {
        let (_, counts) = status(&cluster).await;
        let [made, pending] = ["made", "pending"].map(|name| counts[name].as_u64().unwrap_or_default());
        if made > 0 && pending <= ill as u64 { Ok(Some(made)) } else { Err(counts.to_string()) }
    };
    let made = wait_for("all budgets to be made", Duration::from_secs(120), made).await.unwrap();
    println!("{made} budgets are made after {} s", began.elapsed().as_secs());
    assert!(made >= 150, "only {made} budgets were made, which proves little");

    let mut tally =
        Tally { client: &client, faults: Vec::new(), answers: BTreeMap::new(), spent: BTreeSet::new() };
    let targets = calm(&cluster, &cases, "every budget to be counted").await;
    let answered = evict(&client, &targets, true).await;
    for (target, answer) in &answered {
        let by_theirs = matches!(answer, Answer::No(name) if !is_name_of_ours(name));
        if free.contains(&(target.namespace.clone(), target.name.clone()))
            && *answer != Answer::Yes
            && !by_theirs
        {
            tally.faults.push(format!("it was let through without us, and now {answer:?}: {target:?}"));
        }
    }
    tally.take(&answered, &BTreeSet::new()).await;
    fall_ill(&client, &cases, Illness::Later).await;
    let (mut round, mut real) = (0, 0);
    while tally.asked() < EVICTIONS {
        let targets = calm(&cluster, &cases, "all to be calm").await;
        tally.take(&evict(&client, &targets, true).await, &BTreeSet::new()).await;
        if round < REAL_ROUNDS {
            // One of each namespace goes, and then another one is asked for at once.
            let mut of_namespace: BTreeMap<&str, Vec<&Target>> = BTreeMap::new();
            for target in &targets {
                of_namespace.entry(&target.namespace).or_default().push(target);
            }
            let mut spent = BTreeSet::new();
            let first = usize::try_from(random.below(4)).unwrap();
            for skip in [0, 1] {
                let chosen = of_namespace.values().filter(|pods| pods.len() > skip);
                let chosen = chosen.map(|pods| pods[(first + skip) % pods.len()]);
                let answered = evict(&client, chosen, false).await;
                tally.take(&answered, &spent).await;
                let gone = answered.iter().filter(|(_, answer)| *answer == Answer::Yes);
                let of_ours = gone.clone().filter_map(|(target, _)| Some((target, target.ours.as_ref()?)));
                spent.extend(of_ours.map(|(target, ours)| (target.namespace.clone(), ours.name.clone())));
                real += gone.count();
            }
            tally.spent.extend(spent);
            // Some teams write budgets of their own meanwhile.
            let some = cases.iter().filter(|_| random.percent(6)).collect::<Vec<_>>();
            let new = some.iter().map(|case| foreign(&case.name, &format!("later-{round}"), &mut random));
            create(&client, new.collect()).await;
        }
        round += 1;
        println!("{} evictions after {} s: {:?}", tally.asked(), began.elapsed().as_secs(), tally.answers);
    }
    let (asked, faults) = (tally.asked(), &tally.faults);
    println!("{asked} evictions, {real} pods really went: {:?}", tally.answers);
    assert!(faults.is_empty(), "seed {seed}: {} of {asked}:\n{}", faults.len(), faults.join("\n"));
    // Enough was seen of everything that this is about.
    assert!(real >= 2 * CASES, "only {real} pods really went");
    for told in
        ["no, ours, as a pod is missing", "yes, ours, to an ill one", "two budgets, theirs", "no, theirs"]
    {
        assert!(tally.count(told) > 20, "'{told}' was hardly ever answered: {:?}", tally.answers);
    }
    assert!(tally.count("no, ours, just made") < asked / 1000, "{:?}", tally.answers);
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}
