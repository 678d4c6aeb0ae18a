//! What attests practices and what shows that they were carried out, made by chance; and a policy that asks for them.

use seaworthy::engine::InForce;
use seaworthy::model::Kind;
use seaworthy::policy::resolve;
use serde_json::{Value, json};

use super::{CATALOGUE, Dice, NAMES, NAMESPACES, labels};

/// The kinds that are made here.
pub const KINDS: [Kind; 6] = [
    Kind::PracticeAttestation,
    Kind::VeleroRestore,
    Kind::PodChaos,
    Kind::NetworkChaos,
    Kind::ChaosEngine,
    Kind::TestRun,
];

const PRACTICES: [&str; 5] = ["runbook", "slo", "backup-restore-test", "chaos-test", "load-test"];

/// An instant in the fortnight around the one that the test judges at.
fn instant(dice: &mut Dice) -> String {
    dice.pick(&[
        "2026-11-10T00:00:00Z",
        "2026-11-19T12:00:00Z",
        "2026-11-21T00:00:00Z",
        "2026-11-25T00:00:00Z",
    ])
    .to_owned()
}

/// Annotations that may attest something.
pub fn annotations(dice: &mut Dice) -> Value {
    let key = format!("attest.seaworthy.dev/{}", dice.pick(&PRACTICES));
    match dice.roll(4) {
        0 => json!({key: dice.pick(&["2026-11-20", "2026-11-01 https://a.example.com", "yes"])}),
        _ => json!({}),
    }
}

/// The spec and status of an object of one of the kinds.
pub fn object(dice: &mut Dice, kind: Kind) -> (Value, Value) {
    let workload = ["Deployment", "StatefulSet", "DaemonSet"];
    match kind {
        Kind::PracticeAttestation => {
            let target = json!({"apiGroup": "apps", "kind": dice.pick(&workload), "name": dice.pick(&NAMES)});
            let target = dice.pick(&[json!(null), target]);
            let spec = json!({"practice": dice.pick(&PRACTICES), "targetRef": target, "performedBy": "me",
                "performedTime": instant(dice), "outcome": dice.pick(&["Passed", "Passed", "Failed"])});
            (spec, json!({"observedGeneration": dice.roll(9)}))
        }
        Kind::VeleroRestore => {
            let named = dice.pick(&NAMESPACES);
            let included = dice.pick(&[json!(["*"]), json!([named])]);
            let backup = dice.pick(&["api-20261101010000", "adhoc"]);
            let phase = dice.pick(&["InProgress", "Completed", "Failed"]);
            (
                json!({"backupName": backup, "includedNamespaces": included}),
                json!({"phase": phase, "completionTimestamp": instant(dice)}),
            )
        }
        Kind::PodChaos | Kind::NetworkChaos => {
            let pod = format!("{}/{}-6d4cf56db6-x7k2p", dice.pick(&NAMESPACES), dice.pick(&NAMES));
            let events = json!([{"timestamp": instant(dice)}]);
            let records = json!([{"id": pod, "injectedCount": dice.roll(2), "events": events}]);
            let phase = dice.pick(&["Run", "Stop"]);
            let conditions = json!([{"type": "AllInjected", "status": "True"}, {"type": "AllRecovered", "status": "True"}]);
            (
                json!({"action": dice.pick(&["pod-kill", "delay"]), "selector": {"labelSelectors": labels(dice)}}),
                json!({"conditions": conditions, "experiment": {"desiredPhase": phase, "containerRecords": records}}),
            )
        }
        Kind::ChaosEngine => {
            let label = format!("app={}", dice.pick(&NAMES));
            let namespace = dice.pick(&["", "shop", "bank"]);
            let experiment =
                json!({"verdict": dice.pick(&["Pass", "Fail", "Awaited"]), "lastUpdateTime": instant(dice)});
            (
                json!({"appinfo": {"appns": namespace, "applabel": label, "appkind": "deployment"}}),
                json!({"engineStatus": "completed", "experiments": [experiment]}),
            )
        }
        _ => {
            let running = json!([{"type": "TestRunRunning", "lastTransitionTime": instant(dice)}]);
            (json!({}), json!({"stage": dice.pick(&["started", "finished", "error"]), "conditions": running}))
        }
    }
}

/// Every practice, asked for with an age, and of some workloads only.
pub fn asked() -> Vec<InForce> {
    let asks = PRACTICES.map(|practice| json!({"practice": practice, "maxAgeDays": 7}));
    let some = json!({"practice": "kpi", "objectSelector": {"matchLabels": {"tier": "front"}}});
    let asks: Vec<Value> = asks.into_iter().chain([some]).collect();
    let policy = json!({"metadata": {"name": "p"}, "spec": {"profile": {"level": "None"},
        "match": {"namespaceSelector": {}}, "attestations": asks}});
    resolve(&serde_json::from_value(policy).unwrap(), &CATALOGUE).unwrap().ruleset.checks
}
