//! Related objects that come, turn to another workload, and go: which reports change, and which must not.
//!
//! Each kind has a namespace and a policy of its own with only the checks that it concerns: a workload that fails for
//! another reason would be looked at again now and then anyway, and hide that a change did not reach it.

use std::collections::BTreeSet;

use e2e::wait_for;
use kube::api::{DynamicObject, ListParams};
use seaworthy::api::ResultWord::{self, Fail, NotApplicable, Pass};
use seaworthy::model::Kind;
use serde_json::{Value, json};

use super::world::{PATIENCE, Reports, World, deployment, word};

const BUDGET: &str = "missing-pod-disruption-budget";
const REPLICAS: &str = "too-few-replicas";
const AUTOSCALER: &str = "missing-autoscaler";
const NETWORK: &str = "missing-network-policy";
const HOOK: &str = "missing-prestop-hook";

/// A workload, a check, and what it says from now on.
type Says = (&'static str, &'static str, ResultWord);

struct Steps<'w> {
    world: &'w World<'w>,
    namespace: &'static str,
    before: Reports,
}

impl<'w> Steps<'w> {
    /// Three workloads of which a policy wants this, and what it finds at first.
    async fn start(world: &'w World<'w>, namespace: &'static str, finds: &[(&str, ResultWord)]) -> Self {
        world.namespace(namespace).await;
        for name in ["alpha", "beta", "gamma"] {
            world.put(Kind::Deployment, namespace, name, deployment(name, 3, "shop/app:1.2.3")).await;
        }
        let checks: Vec<&str> = finds.iter().map(|(check, _)| *check).collect();
        world.policy(namespace, &checks).await;
        let all = |reports: &Reports| (reports.len() < 4).then(|| format!("{} reports", reports.len()));
        world.wait("first reports", namespace, all).await;
        // Pods that start make their workload be looked at, which would hide that a related object did not.
        wait_for("all pods to be available", PATIENCE, || async {
            let deployments = world.api(Kind::Deployment, namespace).list(&ListParams::default()).await;
            let available = deployments.map(|list| {
                let ready = |object: &DynamicObject| object.data["status"]["availableReplicas"] == 3;
                list.iter().filter(|object| ready(object)).count()
            });
            match available {
                Ok(3) => Ok(Some(())),
                other => Err(format!("{other:?} Deployments are available")),
            }
        })
        .await
        .unwrap();
        world.settled().await;
        let before = world.reports(namespace).await.unwrap();
        for (name, report) in before.iter().filter(|(name, _)| *name != "namespace") {
            let words: Vec<_> = checks.iter().map(|check| (*check, word(report, check).unwrap())).collect();
            assert_eq!(words, finds, "{name} of {namespace}");
        }
        Self { world, namespace, before }
    }

    async fn put(&self, kind: Kind, name: &str, body: Value) {
        self.world.put(kind, self.namespace, name, body).await;
    }

    async fn delete(&self, kind: Kind, name: &str) {
        self.world.delete(kind, self.namespace, name).await;
    }

    /// Waits until the reports say so, and then wants no other report to have been written since the last step.
    ///
    /// A report that is written too late to be seen here is seen after the next step, which concerns others.
    async fn now(&mut self, what: &str, says: &[Says]) {
        let reports = self.world.wait(what, self.namespace, |reports| {
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

// None of these objects has the name of a workload, and labels have nothing in common: no near miss is worded.
// Each part ends as it began, with one more step: what a step wrote too much and too late would be seen there.

pub async fn each_related_object_changes_exactly_the_reports_concerned(world: &World<'_>) {
    budgets(world).await;
    autoscalers(world).await;
    network_policies(world).await;
    services(world).await;
    world.settled().await;
}

async fn budgets(world: &World<'_>) {
    let mut steps = Steps::start(world, "budgets", &[(BUDGET, Fail)]).await;
    let kind = Kind::PodDisruptionBudget;
    let budget = |app| json!({"spec": {"maxUnavailable": 1, "selector": selecting(app)}});
    steps.put(kind, "guard", budget("alpha")).await;
    steps.now("a budget comes", &[("alpha", BUDGET, Pass)]).await;
    steps.put(kind, "guard", budget("beta")).await;
    steps.now("a budget moves", &[("alpha", BUDGET, Fail), ("beta", BUDGET, Pass)]).await;
    steps.delete(kind, "guard").await;
    steps.now("a budget goes", &[("beta", BUDGET, Fail)]).await;
    steps.put(kind, "guard", budget("gamma")).await;
    steps.now("a budget comes again", &[("gamma", BUDGET, Pass)]).await;
}

async fn autoscalers(world: &World<'_>) {
    let mut steps = Steps::start(world, "autoscalers", &[(REPLICAS, Pass), (AUTOSCALER, Fail)]).await;
    let kind = Kind::HorizontalPodAutoscaler;
    // Without metrics nothing scales, so that only the floor changes: from spec.replicas to minReplicas.
    let autoscaler = |name: &str, least: i64| {
        let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": name});
        json!({"spec": {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": 5}})
    };
    let scaled = |name| [(name, AUTOSCALER, Pass), (name, REPLICAS, Fail)];
    let unscaled = |name| [(name, AUTOSCALER, Fail), (name, REPLICAS, Pass)];
    steps.put(kind, "scaler", autoscaler("gamma", 1)).await;
    steps.now("an autoscaler comes", &scaled("gamma")).await;
    steps.put(kind, "scaler", autoscaler("gamma", 2)).await;
    steps.now("an autoscaler's floor rises", &[("gamma", REPLICAS, Pass)]).await;
    steps.put(kind, "scaler", autoscaler("alpha", 1)).await;
    steps.now("an autoscaler moves", &[unscaled("gamma"), scaled("alpha")].concat()).await;
    steps.delete(kind, "scaler").await;
    steps.now("an autoscaler goes", &unscaled("alpha")).await;
    steps.put(kind, "scaler", autoscaler("beta", 2)).await;
    steps.now("an autoscaler comes again", &[("beta", AUTOSCALER, Pass)]).await;
}

async fn network_policies(world: &World<'_>) {
    let mut steps = Steps::start(world, "walls", &[(NETWORK, Fail)]).await;
    let kind = Kind::NetworkPolicy;
    let isolating = |selector: Value| json!({"spec": {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": []}});
    steps.put(kind, "wall", isolating(selecting("beta"))).await;
    steps.now("a network policy comes", &[("beta", NETWORK, Pass)]).await;
    steps.put(kind, "wall", isolating(selecting("gamma"))).await;
    steps.now("a network policy moves", &[("beta", NETWORK, Fail), ("gamma", NETWORK, Pass)]).await;
    steps.put(kind, "wall", isolating(json!({}))).await;
    steps.now("a network policy selects all", &[("alpha", NETWORK, Pass), ("beta", NETWORK, Pass)]).await;
    steps.delete(kind, "wall").await;
    let all = ["alpha", "beta", "gamma"].map(|name| (name, NETWORK, Fail));
    steps.now("a network policy goes", &all).await;
    steps.put(kind, "wall", isolating(selecting("alpha"))).await;
    steps.now("a network policy comes again", &[("alpha", NETWORK, Pass)]).await;
}

async fn services(world: &World<'_>) {
    let mut steps = Steps::start(world, "services", &[(HOOK, NotApplicable)]).await;
    let service =
        |app: &str| json!({"spec": {"selector": {"app": app}, "ports": [{"port": 80, "targetPort": 8080}]}});
    steps.put(Kind::Service, "front", service("alpha")).await;
    steps.now("a Service comes", &[("alpha", HOOK, Fail)]).await;
    steps.put(Kind::Service, "front", service("gamma")).await;
    steps.now("a Service moves", &[("alpha", HOOK, NotApplicable), ("gamma", HOOK, Fail)]).await;
    steps.delete(Kind::Service, "front").await;
    steps.now("a Service goes", &[("gamma", HOOK, NotApplicable)]).await;
    steps.put(Kind::Service, "front", service("beta")).await;
    steps.now("a Service comes again", &[("beta", HOOK, Fail)]).await;
}
