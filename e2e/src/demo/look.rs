//! What the demo waits for and looks up, so that it never says what is not so.
//!
//! Not its job: showing.

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::{Cluster, Result, wait_for};
use serde_json::Value;

/// Enough for a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(90);

/// Namespace and name of a report, and what it says of compliance.
pub(super) type Verdicts = BTreeMap<(String, String), String>;

async fn list(cluster: &Cluster, args: &[&str]) -> Result<Value, String> {
    let text = cluster.kubectl(&[&["get", "-o", "json"], args].concat()).await;
    serde_json::from_str(&text.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
}

fn items(list: &Value) -> &[Value] {
    list.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, pointer: &str) -> i64 {
    value.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

/// Waits until every workload of the shop has the pods it wants, and counts them.
pub(super) async fn pods_are_up(cluster: &Cluster) -> Result<usize> {
    wait_for("all pods of the shop", PATIENCE, || async {
        let workloads = list(cluster, &["deployments,statefulsets,daemonsets", "-n", "shop"]).await?;
        let waiting: Vec<&str> = items(&workloads)
            .iter()
            .filter(|workload| {
                let seen = number(workload, "/status/observedGeneration");
                let daemons = text(workload, "/kind") == "DaemonSet";
                let (wanted, ready) = if daemons {
                    (
                        number(workload, "/status/desiredNumberScheduled"),
                        number(workload, "/status/numberReady"),
                    )
                } else {
                    (number(workload, "/spec/replicas"), number(workload, "/status/readyReplicas"))
                };
                seen < number(workload, "/metadata/generation") || ready == 0 || ready < wanted
            })
            .map(|workload| text(workload, "/metadata/name"))
            .collect();
        if !waiting.is_empty() {
            return Err(format!("not up yet: {}", waiting.join(", ")));
        }
        let pods = list(cluster, &["pods", "-n", "shop", "--field-selector", "status.phase=Running"]).await?;
        Ok(Some(items(&pods).len()))
    })
    .await
}

/// Waits until the policy is worked through and each of its subjects has a report, and counts those.
pub(super) async fn all_reports(cluster: &Cluster) -> Result<usize> {
    wait_for("all reports", PATIENCE, || async {
        let policy = list(cluster, &["productionpolicy", "production-baseline"]).await?;
        let subjects = number(&policy, "/status/workloads") + number(&policy, "/status/namespaces");
        let reports = verdicts(cluster).await.map_err(|error| error.to_string())?;
        match usize::try_from(subjects) {
            Ok(subjects) if subjects > 0 && reports.len() == subjects => Ok(Some(subjects)),
            _ => Err(format!("{} reports on {subjects} subjects", reports.len())),
        }
    })
    .await
}

/// What every report says.
pub(super) async fn verdicts(cluster: &Cluster) -> Result<Verdicts> {
    let text = cluster.kubectl(&["get", "compliancereports", "-A", "-o", "json"]).await?;
    let list = serde_json::from_str(&text);
    let list: Value = list.map_err(|source| e2e::Error::Json { what: "the reports".to_owned(), source })?;
    Ok(verdicts_of(&list))
}

/// What every report of a list says.
pub(super) fn verdicts_of(list: &Value) -> Verdicts {
    let verdict = |report: &Value| {
        let part = |pointer| text(report, pointer).to_owned();
        ((part("/metadata/namespace"), part("/metadata/name")), part("/compliant"))
    };
    items(list).iter().map(verdict).collect()
}

/// Waits until a report says that its subject is compliant.
pub(super) async fn turns_compliant(cluster: &Cluster, namespace: &str, name: &str) -> Result<()> {
    wait_for(&format!("a compliant {name}"), PATIENCE, || async {
        let report = list(cluster, &["compliancereport", name, "-n", namespace]).await?;
        match text(&report, "/compliant") {
            "True" => Ok(Some(())),
            other => Err(format!("compliant is {other}: {report}")),
        }
    })
    .await
}

/// Waits until there is an Event of that reason.
pub(super) async fn event(cluster: &Cluster, namespace: &str, reason: &str) -> Result<()> {
    wait_for(&format!("an Event {reason}"), PATIENCE, || async {
        let selector = format!("reason={reason}");
        let events = list(cluster, &["events", "-n", namespace, "--field-selector", &selector]).await?;
        Ok::<_, String>((!items(&events).is_empty()).then_some(()))
    })
    .await
}
