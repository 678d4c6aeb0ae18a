//! Many changes at once: what counts is where they end, and that a fresh controller finds nothing to correct.

use e2e::{AuditEntry, Controller, wait_for};
use futures::StreamExt as _;
use kube::api::{Patch, PatchParams};
use seaworthy::api::Truth;
use seaworthy::model::Kind;
use serde_json::json;

use super::world::{PATIENCE, World, deployment};

const HERE: &str = "burst";
const DEPLOYMENTS: usize = 30;
const CHANGES: usize = 10;

/// Replicas and image after so many changes: good and bad in every combination.
fn state(deployment: usize, change: usize) -> (i64, &'static str) {
    let replicas = [1, 2, 3][(deployment + change) % 3];
    let image = ["shop/app:1.2.3", "shop/app:latest"][(deployment / 3 + change) % 2];
    (replicas, image)
}

fn is_report_write(entry: &AuditEntry) -> bool {
    entry.resource == "compliancereports"
        && ["patch", "delete", "create", "update"].contains(&entry.verb.as_str())
}

pub async fn a_burst_ends_in_correct_reports(world: &World<'_>, controller: Controller) -> Controller {
    world.namespace(HERE).await;
    world.policy(HERE, &["too-few-replicas", "mutable-image-tag"]).await;
    futures::stream::iter(0..DEPLOYMENTS)
        .map(async |number| {
            let (name, (replicas, image)) = (format!("d{number}"), state(number, 0));
            world.put(Kind::Deployment, HERE, &name, deployment(&name, replicas, image)).await;
        })
        .buffer_unordered(DEPLOYMENTS)
        .collect::<Vec<_>>()
        .await;
    let all = |reports: &super::world::Reports| {
        (reports.len() != DEPLOYMENTS + 1).then(|| format!("{} reports", reports.len()))
    };
    world.wait("a report of each", HERE, all).await;

    futures::stream::iter(0..DEPLOYMENTS)
        .map(async |number| {
            let name = format!("d{number}");
            for change in 1..=CHANGES {
                let (replicas, image) = state(number, change);
                let container = json!([{"name": "main", "image": image}]);
                let patch =
                    json!({"spec": {"replicas": replicas, "template": {"spec": {"containers": container}}}});
                let api = world.api(Kind::Deployment, HERE);
                api.patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
            }
        })
        .buffer_unordered(DEPLOYMENTS)
        .collect::<Vec<_>>()
        .await;
    world.settled().await;
    let reports = world.reports(HERE).await.unwrap();
    for number in 0..DEPLOYMENTS {
        let (replicas, image) = state(number, CHANGES);
        let good = replicas >= 2 && image != "shop/app:latest";
        let compliant = reports[&format!("deployment-d{number}")].compliant;
        assert_eq!(
            compliant,
            if good { Truth::True } else { Truth::False },
            "d{number}: {replicas} of {image}"
        );
    }
    a_fresh_controller_writes_nothing(world, controller).await
}

async fn a_fresh_controller_writes_nothing(world: &World<'_>, controller: Controller) -> Controller {
    controller.stop().await.unwrap();
    let before = world.versions().await.unwrap();
    let writes = async || -> Result<usize, e2e::Error> {
        Ok(world.cluster.audit().await?.iter().filter(|entry| is_report_write(entry)).count())
    };
    // The log is written a moment after the answer; every report has been written at least once.
    wait_for("the writes in the audit log", PATIENCE, || async {
        let seen = writes().await.map_err(|error| error.to_string())?;
        if seen >= before.len() { Ok(Some(())) } else { Err(format!("{seen} writes")) }
    })
    .await
    .unwrap();
    let written = writes().await.unwrap();
    let controller = Controller::start(world.cluster).await.unwrap();
    // It counts when nothing waits; each namespace is looked at once more when its workloads have been.
    wait_for("a look at every subject", PATIENCE, || async {
        let metrics = controller.metrics().map_err(|error| error.to_string())?;
        let line = metrics.lines().find_map(|line| line.strip_prefix("seaworthy_evaluations_total "));
        let looked: usize =
            line.unwrap_or("0").trim().parse().map_err(|error| format!("{error}: {metrics}"))?;
        if looked > before.len() { Ok(Some(())) } else { Err(format!("{looked} of {}", before.len())) }
    })
    .await
    .unwrap();
    assert_eq!(world.versions().await.unwrap(), before, "a fresh controller has nothing to correct");
    assert_eq!(writes().await.unwrap(), written, "not even a write without effect");
    controller
}
