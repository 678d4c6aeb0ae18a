//! Pods as they stand when all is calm, whose budgets select them, and what the API server answers whoever would evict
//! one.
//!
//! Not its job: what may be answered (`evictions.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use e2e::{Cluster, wait_for};
use futures::StreamExt as _;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::api::{Api, EvictParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Client, ResourceExt as _};
use seaworthy::model::{Labels, Selector, Text};
use serde_json::json;

use super::case::{Case, Illness};
use super::world::{budgets, is_ours};
use crate::support::many::AT_ONCE;

const ILL: &str = "test.seaworthy.dev/ill";
const TWO_BUDGETS: &str = "more than one PodDisruptionBudget";

/// A pod as it stood when all was calm.
#[derive(Clone, Debug)]
pub struct Target {
    pub namespace: String,
    pub name: String,
    pub ready: bool,
    /// The budget of ours that selects it. Then no other does, so that without ours nothing would say no.
    pub ours: Option<Ours>,
    /// How many budgets of others select it.
    pub others: usize,
    /// Since when it is known that it stands like this.
    pub as_of: Timestamp,
}

/// A budget of ours.
#[derive(Clone, Debug)]
pub struct Ours {
    pub name: String,
    /// Whether any of the pods that it selects is ill.
    pub lacks: bool,
    /// Whether the disruption controller takes one of them for a pod that is still to go: one that was evicted within
    /// the last two minutes, and whose successor has the same name.
    pub awaits: bool,
}

/// What the API server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    /// No, by this budget.
    No(String),
    /// An error, as there are two budgets.
    Error,
    /// There is no such pod any more.
    Gone,
}

fn labels(pod: &Pod) -> Labels {
    pod.labels().iter().map(|(key, value)| (Text::new(key), Text::new(value))).collect()
}

fn selector(budget: &PodDisruptionBudget) -> Selector {
    let selector = budget.spec.as_ref().and_then(|spec| spec.selector.as_ref()).unwrap();
    serde_json::from_value(serde_json::to_value(selector).unwrap()).unwrap()
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

fn is_ill(pod: &Pod) -> bool {
    pod.labels().contains_key(ILL)
}

/// All pods, by namespace.
async fn pods(client: &Client) -> Result<BTreeMap<String, Vec<Pod>>, String> {
    let api: Api<Pod> = Api::all(client.clone());
    let list = api.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
    let mut of_namespace: BTreeMap<String, Vec<Pod>> = BTreeMap::new();
    for pod in list.items {
        of_namespace.entry(pod.namespace().unwrap_or_default()).or_default().push(pod);
    }
    Ok(of_namespace)
}

/// Whether the disruption controller takes a pod for one that was evicted and is still to go.
fn is_awaited(budget: &PodDisruptionBudget, pod: &Pod) -> bool {
    let disrupted = budget.status.as_ref().and_then(|status| status.disrupted_pods.as_ref());
    disrupted.is_some_and(|pods| pods.contains_key(&pod.name_any()))
}

/// Whether the disruption controller has counted as many pods as are well, or cannot count them at all.
fn has_counted(budget: &PodDisruptionBudget, well: usize) -> bool {
    let Some(status) = &budget.status else { return false };
    let fails = status.conditions.iter().flatten().any(|condition| condition.reason == "SyncFailed");
    let is_current = status.observed_generation == budget.metadata.generation;
    fails || (is_current && usize::try_from(status.current_healthy) == Ok(well))
}

/// The pods of one namespace, if all are there and as they should be, and the budgets know it.
fn calm_pods(
    case: &Case,
    pods: &[Pod],
    budgets: &[PodDisruptionBudget],
    as_of: Timestamp,
) -> Result<Vec<Target>, String> {
    let space = &case.name;
    let restless = |pod: &&Pod| pod.metadata.deletion_timestamp.is_some() || is_ready(pod) == is_ill(pod);
    if let Some(pod) = pods.iter().find(restless) {
        return Err(format!("{space}/{} is not as it should be", pod.name_any()));
    }
    if pods.len() as u64 != case.pods() {
        return Err(format!("{space} has {} of {} pods", pods.len(), case.pods()));
    }
    let selectors: Vec<Selector> = budgets.iter().map(selector).collect();
    let selecting: Vec<Vec<&PodDisruptionBudget>> = pods
        .iter()
        .map(|pod| {
            let labels = labels(pod);
            let selected = budgets.iter().zip(&selectors).filter(|(_, selector)| selector.matches(&labels));
            selected.map(|(budget, _)| budget).collect()
        })
        .collect();
    let (mut lacking, mut awaiting) = (BTreeSet::new(), BTreeSet::new());
    for budget in budgets {
        let name = budget.name_any();
        let of = || {
            let all = pods.iter().zip(&selecting);
            all.filter(|(_, selecting)| selecting.iter().any(|other| other.name_any() == name))
        };
        let well = of().filter(|(pod, _)| is_ready(pod) && !is_awaited(budget, pod)).count();
        // Of two budgets that select a pod the disruption controller looks at one when the pod changes.
        let is_alone = of().all(|(_, selecting)| selecting.len() == 1);
        if is_alone && !has_counted(budget, well) {
            return Err(format!("{space}/{name} has not counted its {well} pods"));
        }
        if of().any(|(pod, _)| is_ill(pod)) {
            lacking.insert(name.clone());
        }
        if of().any(|(pod, _)| is_awaited(budget, pod)) {
            awaiting.insert(name);
        }
    }
    let target = |(pod, selecting): (&Pod, Vec<&PodDisruptionBudget>)| {
        let (ours, others): (Vec<_>, Vec<_>) = selecting.into_iter().partition(|budget| is_ours(budget));
        if ours.len() > 1 || (!ours.is_empty() && !others.is_empty()) {
            return Err(format!("{space}/{} has two budgets, and one is ours", pod.name_any()));
        }
        let name = ours.first().map(|budget| budget.name_any());
        let ours = |name| Ours { lacks: lacking.contains(&name), awaits: awaiting.contains(&name), name };
        Ok(Target {
            namespace: space.clone(),
            name: pod.name_any(),
            ready: is_ready(pod),
            ours: name.map(ours),
            others: others.len(),
            as_of,
        })
    };
    pods.iter().zip(selecting).map(target).collect()
}

/// Whether as many pods run as should: cheap to ask again and again, as a list of them all is not.
async fn all_run(client: &Client, wanted: u64) -> Result<(), String> {
    let api: Api<Pod> = Api::all(client.clone());
    let idle = ListParams::default().fields("status.phase!=Running").limit(1);
    let idle = api.list_metadata(&idle).await.map_err(|error| error.to_string())?;
    let one = api.list_metadata(&ListParams::default().limit(1)).await.map_err(|error| error.to_string())?;
    let beside = one.metadata.remaining_item_count.and_then(|count| u64::try_from(count).ok());
    let all = one.items.len() as u64 + beside.unwrap_or_default();
    match idle.items.first() {
        None if all == wanted => Ok(()),
        idle => Err(format!("{all} of {wanted} pods, and {:?} does not run", idle.map(|pod| pod.name_any()))),
    }
}

/// Waits until every pod is there and well, but for the ill; until the budgets have counted that; until none of ours
/// shares a pod with another. The pods as they are then.
pub async fn calm(cluster: &Cluster, cases: &[Case], what: &str) -> Vec<Target> {
    let client = cluster.client();
    let wanted = cases.iter().map(Case::pods).sum();
    let look = || async {
        all_run(&client, wanted).await?;
        // Kubernetes tells the time of creation in whole seconds.
        let as_of = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
        let pods = pods(&client).await?;
        let mut of_namespace: BTreeMap<String, Vec<PodDisruptionBudget>> = BTreeMap::new();
        for budget in budgets(cluster).await {
            of_namespace.entry(budget.namespace().unwrap_or_default()).or_default().push(budget);
        }
        let of_case = |case: &Case| {
            let pods = pods.get(&case.name).map(Vec::as_slice).unwrap_or_default();
            let budgets = of_namespace.get(&case.name).map(Vec::as_slice).unwrap_or_default();
            calm_pods(case, pods, budgets, as_of)
        };
        let each: Result<Vec<_>, String> = cases.iter().map(of_case).collect();
        each.map(|each| Some(each.concat()))
    };
    wait_for(what, Duration::from_secs(120), look).await.unwrap()
}

/// Asks for the eviction of each, side by side.
pub async fn evict<'t>(
    client: &Client,
    targets: impl IntoIterator<Item = &'t Target>,
    dry_run: bool,
) -> Vec<(&'t Target, Answer)> {
    let asking = futures::stream::iter(targets).map(async |target| {
        let api: Api<Pod> = Api::namespaced(client.clone(), &target.namespace);
        let post_options = PostParams { dry_run, ..PostParams::default() };
        let params = EvictParams { post_options, ..EvictParams::default() };
        let answer = match api.evict(&target.name, &params).await {
            Ok(_) => Answer::Yes,
            Err(kube::Error::Api(status)) if status.code == 404 => Answer::Gone,
            Err(kube::Error::Api(status)) if status.code == 429 => {
                let causes = status.details.iter().flat_map(|details| &details.causes);
                let message: String = causes.map(|cause| cause.message.as_str()).collect();
                let name =
                    message.strip_prefix("The disruption budget ").and_then(|rest| rest.split(' ').next());
                Answer::No(name.unwrap_or_else(|| panic!("{target:?}: {status:?}")).to_owned())
            }
            Err(kube::Error::Api(status)) if status.code == 500 && status.message.contains(TWO_BUDGETS) => {
                Answer::Error
            }
            Err(error) => panic!("{target:?}: {error}"),
        };
        (target, answer)
    });
    asking.buffer_unordered(AT_ONCE).collect().await
}

/// Makes pods of these cases ill; how many cases that are.
pub async fn fall_ill(client: &Client, cases: &[Case], when: Illness) -> usize {
    let pods = pods(client).await.unwrap();
    let of_case = |case: &Case| {
        let of_main = pods[&case.name].iter().filter(|pod| pod.name_any().starts_with("main-"));
        of_main.take(case.patients).cloned().collect::<Vec<Pod>>()
    };
    let ill: Vec<Vec<Pod>> = cases.iter().filter(|case| case.illness == when).map(of_case).collect();
    let count = ill.len();
    futures::stream::iter(ill.concat())
        .for_each_concurrent(AT_ONCE, async |pod| {
            let api: Api<Pod> = Api::namespaced(client.clone(), &pod.namespace().unwrap());
            let labelled = json!({ "metadata": { "labels": { ILL: "yes" } } });
            let params = PatchParams::default();
            api.patch(&pod.name_any(), &params, &Patch::Merge(labelled)).await.unwrap();
            let unready = json!({ "status": { "conditions": [{ "type": "Ready", "status": "False" }] } });
            api.patch_status(&pod.name_any(), &params, &Patch::Strategic(unready)).await.unwrap();
        })
        .await;
    count
}
