//! Related objects that come, turn to another workload, and go: which reports change, and which must not.

use std::collections::BTreeSet;

use seaworthy::api::ResultWord::{self, Fail, NotApplicable, Pass};
use seaworthy::model::Kind;
use serde_json::{Value, json};

use crate::world::{Reports, World, deployment, word};

const HERE: &str = "related";
const BUDGET: &str = "missing-pod-disruption-budget";
const REPLICAS: &str = "too-few-replicas";
const AUTOSCALER: &str = "missing-autoscaler";
const NETWORK: &str = "missing-network-policy";
const HOOK: &str = "missing-prestop-hook";

/// A workload, a check, and what it says from now on.
type Says = (&'static str, &'static str, ResultWord);

struct Steps<'w> {
    world: &'w World<'w>,
    before: Reports,
}

impl Steps<'_> {
    /// Waits until the reports say so, and then wants no other report to have been written since the last step.
    ///
    /// A report that is written too late to be seen here is seen after the next step, which concerns others.
    async fn now(&mut self, what: &str, says: &[Says]) {
        let reports = self.world.wait(what, HERE, |reports| {
            let said = |name: &str, check| word(reports.get(&format!("deployment-{name}"))?, check);
            let wrong = says.iter().find(|(name, check, wanted)| said(name, check) != Some(*wanted));
            wrong.map(|(name, check, _)| format!("{check} of {name} is {:?}", said(name, check)))
        });
        let reports = reports.await;
        let version = |report: &seaworthy::api::ComplianceReport| report.metadata.resource_version.clone();
        let changed = reports.iter().filter(|(name, report)| {
            // It sums up all workloads.
            *name != "namespace" && self.before.get(*name).map(version) != Some(version(report))
        });
        let changed: BTreeSet<String> = changed.map(|(name, _)| name.clone()).collect();
        let wanted: BTreeSet<String> = says.iter().map(|(name, _, _)| format!("deployment-{name}")).collect();
        assert_eq!(changed, wanted, "{what}: the reports that were written");
        assert_eq!(reports.len(), self.before.len(), "{what}: no report comes or goes");
        self.before = reports;
    }
}

fn selecting(app: &str) -> Value {
    json!({"matchLabels": {"app": app}})
}

pub async fn each_related_object_changes_exactly_the_reports_concerned(world: &World<'_>) {
    world.namespace(HERE).await;
    for name in ["alpha", "beta", "gamma"] {
        world.put(Kind::Deployment, HERE, name, deployment(name, 3, "shop/app:1.2.3")).await;
    }
    world.policy(HERE, &[BUDGET, REPLICAS, AUTOSCALER, NETWORK, HOOK]).await;
    world.wait("first reports", HERE, |reports| (reports.len() < 4).then(|| format!("{reports:?}"))).await;
    world.settled().await;
    let before = world.reports(HERE).await.unwrap();
    for (name, report) in before.iter().filter(|(name, _)| *name != "namespace") {
        let words = [BUDGET, REPLICAS, AUTOSCALER, NETWORK, HOOK].map(|check| word(report, check));
        assert_eq!(words, [Fail, Pass, Fail, Fail, NotApplicable].map(Some), "{name}");
    }
    let mut steps = Steps { world, before };

    // None of these has the name of a workload, and labels have nothing in common: no near miss is worded.
    let budget = |app| json!({"spec": {"maxUnavailable": 1, "selector": selecting(app)}});
    world.put(Kind::PodDisruptionBudget, HERE, "guard", budget("alpha")).await;
    steps.now("a budget comes", &[("alpha", BUDGET, Pass)]).await;
    world.put(Kind::PodDisruptionBudget, HERE, "guard", budget("beta")).await;
    steps.now("a budget moves", &[("alpha", BUDGET, Fail), ("beta", BUDGET, Pass)]).await;
    world.delete(Kind::PodDisruptionBudget, HERE, "guard").await;
    steps.now("a budget goes", &[("beta", BUDGET, Fail)]).await;

    // Without metrics nothing scales, so that only the floor changes: from spec.replicas to minReplicas.
    let autoscaler = |name: &str| {
        let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": name});
        json!({"spec": {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 5}})
    };
    let scaled = |name| [(name, AUTOSCALER, Pass), (name, REPLICAS, Fail)];
    let unscaled = |name| [(name, AUTOSCALER, Fail), (name, REPLICAS, Pass)];
    world.put(Kind::HorizontalPodAutoscaler, HERE, "scaler", autoscaler("gamma")).await;
    steps.now("an autoscaler comes", &scaled("gamma")).await;
    world.put(Kind::HorizontalPodAutoscaler, HERE, "scaler", autoscaler("alpha")).await;
    steps.now("an autoscaler moves", &[unscaled("gamma"), scaled("alpha")].concat()).await;
    world.delete(Kind::HorizontalPodAutoscaler, HERE, "scaler").await;
    steps.now("an autoscaler goes", &unscaled("alpha")).await;

    let isolating = |selector: Value| json!({"spec": {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": []}});
    world.put(Kind::NetworkPolicy, HERE, "wall", isolating(selecting("beta"))).await;
    steps.now("a network policy comes", &[("beta", NETWORK, Pass)]).await;
    world.put(Kind::NetworkPolicy, HERE, "wall", isolating(selecting("gamma"))).await;
    steps.now("a network policy moves", &[("beta", NETWORK, Fail), ("gamma", NETWORK, Pass)]).await;
    world.put(Kind::NetworkPolicy, HERE, "wall", isolating(json!({}))).await;
    steps.now("a network policy selects all", &[("alpha", NETWORK, Pass), ("beta", NETWORK, Pass)]).await;
    world.delete(Kind::NetworkPolicy, HERE, "wall").await;
    let all = ["alpha", "beta", "gamma"].map(|name| (name, NETWORK, Fail));
    steps.now("a network policy goes", &all).await;

    let service =
        |app: &str| json!({"spec": {"selector": {"app": app}, "ports": [{"port": 80, "targetPort": 8080}]}});
    world.put(Kind::Service, HERE, "front", service("alpha")).await;
    steps.now("a Service comes", &[("alpha", HOOK, Fail)]).await;
    world.put(Kind::Service, HERE, "front", service("gamma")).await;
    steps.now("a Service moves", &[("alpha", HOOK, NotApplicable), ("gamma", HOOK, Fail)]).await;
    world.delete(Kind::Service, HERE, "front").await;
    steps.now("a Service goes", &[("gamma", HOOK, NotApplicable)]).await;

    // The last word: had any step written too much and too late, this would see it.
    world.put(Kind::PodDisruptionBudget, HERE, "guard", budget("beta")).await;
    steps.now("a budget comes back", &[("beta", BUDGET, Pass)]).await;
    world.settled().await;
}
