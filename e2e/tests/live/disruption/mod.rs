//! Budgets: what pdb-blocks-eviction says of a budget is what the real disruption controller lets happen.
//!
//! Chance makes workloads, autoscalers and one budget in each of several hundred namespaces. All of it is judged as
//! written. Then it stands in a cluster, each workload at the fewest pods that its autoscaler may shrink it to, every
//! pod healthy; and the controller's `disruptionsAllowed` must agree: a budget that blocks allows none, one that is
//! let pass allows one at least. What the cluster holds is judged as well. The seed is printed, and `SEAWORTHY_SEED`
//! sets it.
//! Not its job: which cases there are (`case.rs`).

mod case;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use e2e::{Cluster, wait_for};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::api::{Api, ListParams};
use kube::{Client, ResourceExt as _};
use seaworthy::api::ResultWord;
use seaworthy::cluster::WATCHED;
use serde_json::{Value, json};

use crate::support::many::{accounts, create};
use crate::support::{self, listed, read, seed};
use case::{Case, Dice, NODES};

const CASES: usize = 340;
const CHECK: &str = "pdb-blocks-eviction";

#[tokio::test(flavor = "multi_thread")]
async fn verdicts_agree_with_the_disruption_controller() {
    let seed = seed();
    println!("SEAWORTHY_SEED={seed}");
    let mut random = Dice(e2e::Random(seed));
    let cases: Vec<Case> = (0..CASES).map(|at| Case::new(at, &mut random)).collect();
    let written = judge(&cases.iter().flat_map(Case::written).collect::<Vec<_>>());

    let began = Instant::now();
    let cluster = Cluster::builder().name("disruption").nodes(NODES).start().await.unwrap();
    let client = cluster.client();
    create(&client, cases.iter().map(Case::namespace).collect()).await;
    accounts(&client, &cases.iter().map(|case| case.name.clone()).collect()).await;
    create(&client, cases.iter().flat_map(Case::standing).collect()).await;
    println!("everything is created after {} s", began.elapsed().as_secs());
    let allowed =
        wait_for("every budget to be counted", Duration::from_secs(180), || counted(&client, &cases));
    let allowed = allowed.await.unwrap();
    println!("every budget is counted after {} s", began.elapsed().as_secs());
    let live = judge(&held(&cluster, &cases).await);

    let (mut wrong, mut words) = (Vec::new(), BTreeMap::<ResultWord, usize>::new());
    for case in &cases {
        let (allowed, word) = (allowed[&case.name], written[&case.name]);
        *words.entry(word).or_default() += 1;
        for (how, word) in [("as written", word), ("live", live[&case.name])] {
            if !case.agrees(word, allowed) {
                let documents: Vec<String> = case.written().iter().map(Value::to_string).collect();
                let documents = documents.join("\n");
                wrong.push(format!("{how} {word:?}, and {allowed} disruptions are allowed:\n{documents}"));
            }
        }
    }
    println!("{CASES} budgets: {words:?}");
    assert!(wrong.is_empty(), "seed {seed}, {} disagree:\n{}", wrong.len(), wrong.join("\n\n"));
    let decided = CASES - words.get(&ResultWord::Unknown).copied().unwrap_or_default();
    assert!(decided >= 300, "only {decided} are decided");
    for word in [ResultWord::Fail, ResultWord::Pass, ResultWord::NotApplicable] {
        assert!(words.get(&word).is_some_and(|count| *count >= 20), "too few are {word:?}");
    }
    cluster.stop().await.unwrap();
}

/// What the check says of each namespace, by its name.
fn judge(documents: &[Value]) -> BTreeMap<String, ResultWord> {
    let reports = support::judge(&read(documents).into_live(), &json!([{ "name": CHECK }]));
    let of_namespaces = reports.into_iter().filter(|report| report.metadata.name == "namespace");
    of_namespaces.map(|report| (report.metadata.namespace, report.results[0].result)).collect()
}

/// How many disruptions each budget allows, once the controller has counted all the pods that it selects, or has said
/// that it cannot count them.
async fn counted(client: &Client, cases: &[Case]) -> Result<Option<BTreeMap<String, i32>>, String> {
    let api: Api<PodDisruptionBudget> = Api::all(client.clone());
    let list = api.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
    let budgets: BTreeMap<String, PodDisruptionBudget> =
        list.into_iter().map(|budget| (budget.namespace().unwrap_or_default(), budget)).collect();
    let mut allowed = BTreeMap::new();
    let mut waiting = Vec::new();
    for case in cases {
        let status = budgets.get(&case.name).and_then(|budget| budget.status.as_ref());
        let Some(status) = status else { return Err(format!("{} has no status", case.name)) };
        let conditions = status.conditions.iter().flatten();
        let uncountable = conditions.into_iter().any(|condition| {
            condition.reason == "SyncFailed"
                && condition.message.contains("does not implement the scale subresource")
        });
        let all =
            status.observed_generation == Some(1) && i64::from(status.current_healthy) == case.selected();
        if all || uncountable {
            allowed.insert(case.name.clone(), status.disruptions_allowed);
        } else {
            waiting.push(format!("{}: {} of {}", case.name, status.current_healthy, case.selected()));
        }
    }
    match waiting.first() {
        None => Ok(Some(allowed)),
        Some(first) => Err(format!("{} wait, the first: {first}", waiting.len())),
    }
}

/// What the cluster holds, and the autoscalers of an API that it does not serve.
async fn held(cluster: &Cluster, cases: &[Case]) -> Vec<Value> {
    let mut objects: Vec<Value> = cases.iter().flat_map(Case::unserved).collect();
    for watched in WATCHED {
        objects.extend(listed(cluster, &watched.resource()).await.unwrap().unwrap_or_default());
    }
    objects
}
