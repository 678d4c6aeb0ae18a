//! Reports, Events and statuses over the life of workloads, namespaces and policies, and against edits by others.

use std::time::Duration;

use e2e::wait_for;
use k8s_openapi::api::events::v1::Event;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams};
use seaworthy::api::{PolicyStatus, ProductionPolicy, ResultWord, Truth};
use seaworthy::model::Kind;
use seaworthy::report::fingerprint;
use serde_json::{Value, json};

use super::world::{PATIENCE, Reports, World, deployment, word};

const HERE: &str = "life";
const REPLICAS: &str = "too-few-replicas";
const IMAGE: &str = "shop/app:1.2.3";

/// What Seaworthy has announced here: about whom, what, and of which type.
async fn events(world: &World<'_>) -> Result<Vec<(String, String, String)>, String> {
    let api: Api<Event> = Api::namespaced(world.client.clone(), HERE);
    let list = api.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
    let ours = |event: &Event| event.reporting_controller.as_deref() == Some("seaworthy.dev/controller");
    let mut events: Vec<Event> = list.items.into_iter().filter(ours).collect();
    events.sort_by_key(|event| event.event_time.clone().map(|time| time.0));
    let said = |event: Event| {
        let regarding = event.regarding.unwrap_or_default();
        let name = format!("{}/{}", regarding.kind.unwrap_or_default(), regarding.name.unwrap_or_default());
        (name, event.reason.unwrap_or_default(), event.type_.unwrap_or_default())
    };
    Ok(events.into_iter().map(said).collect())
}

async fn status(world: &World<'_>, policy: &str, wanted: impl Fn(&PolicyStatus) -> bool) -> PolicyStatus {
    wait_for(&format!("the status of {policy}"), PATIENCE, || async {
        let object = world.policies().get(policy).await.map_err(|error| error.to_string())?;
        let policy: ProductionPolicy = serde_json::from_value(json!(object)).unwrap();
        let status = policy.status.ok_or("no status yet")?;
        let current = status.observed_generation == policy.metadata.generation;
        if current && wanted(&status) { Ok(Some(status)) } else { Err(format!("{status:#?}")) }
    })
    .await
    .unwrap()
}

fn conditions(status: &PolicyStatus) -> Vec<(&str, Truth, &str)> {
    status.conditions.iter().map(|c| (c.type_.as_str(), c.status, c.reason.as_str())).collect()
}

fn verdict(report: &str, wanted: Truth) -> impl Fn(&Reports) -> Option<String> {
    move |reports| {
        let compliant = reports.get(report).map(|report| report.compliant);
        (compliant != Some(wanted)).then(|| format!("{report} is {compliant:?}"))
    }
}

pub async fn verdicts_events_and_status(world: &World<'_>) {
    world.namespace(HERE).await;
    world.put(Kind::Deployment, HERE, "lone", deployment("lone", 1, IMAGE)).await;
    world.put(Kind::Deployment, HERE, "steady", deployment("steady", 2, IMAGE)).await;
    world.policy(HERE, &[REPLICAS]).await;
    world.wait("a bad report", HERE, verdict("deployment-lone", Truth::False)).await;
    world.wait("a good report", HERE, verdict("deployment-steady", Truth::True)).await;
    world.wait("the namespace's report", HERE, verdict("namespace", Truth::False)).await;

    let counted = status(world, HERE, |status| status.workloads == 2 && status.namespaces == 1).await;
    let numbers = (counted.checks, counted.non_compliant_workloads, counted.failures.critical, counted.score);
    assert_eq!(numbers, (1, 1, 1, Some(50)), "{counted:#?}");
    assert_eq!(counted.profile, "None/v1.0");
    let wanted = [
        ("Accepted", Truth::True, "Accepted"),
        ("Ready", Truth::True, "Evaluated"),
        ("Compliant", Truth::False, "NonCompliant"),
    ];
    assert_eq!(conditions(&counted), wanted);
    assert_eq!(events(world).await.unwrap(), [], "a first verdict is no change");

    world.put(Kind::Deployment, HERE, "lone", deployment("lone", 3, IMAGE)).await;
    world.wait("the repaired report", HERE, verdict("deployment-lone", Truth::True)).await;
    world.wait("the namespace's report", HERE, verdict("namespace", Truth::True)).await;
    let repaired = status(world, HERE, |status| status.non_compliant_workloads == 0).await;
    assert_eq!((repaired.score, repaired.failures.critical), (Some(100), 0));
    assert_eq!(conditions(&repaired)[2], ("Compliant", Truth::True, "Compliant"));

    // Another message, the same verdict: nothing to announce.
    world.put(Kind::Deployment, HERE, "steady", deployment("steady", 4, IMAGE)).await;
    world.put(Kind::Deployment, HERE, "lone", deployment("lone", 1, IMAGE)).await;
    world.wait("the bad report again", HERE, verdict("deployment-lone", Truth::False)).await;
    let lone = || "Deployment/lone".to_owned();
    let wanted = [
        (lone(), "Compliant".to_owned(), "Normal".to_owned()),
        (lone(), "NonCompliant".to_owned(), "Warning".to_owned()),
    ];
    wait_for("an Event for each change", PATIENCE, || async {
        let seen = events(world).await?;
        if seen.len() >= wanted.len() { Ok(Some(())) } else { Err(format!("{seen:?}")) }
    })
    .await
    .unwrap();

    world.put(Kind::Deployment, HERE, "brief", deployment("brief", 1, IMAGE)).await;
    world.wait("a report of a new workload", HERE, verdict("deployment-brief", Truth::False)).await;
    world.delete(Kind::Deployment, HERE, "brief").await;
    let gone = |reports: &Reports| reports.get("deployment-brief").map(|report| format!("{report:?}"));
    world.wait("the end of its report", HERE, gone).await;
    assert_eq!(events(world).await.unwrap(), wanted);
    world.settled().await;
}

pub async fn edited_and_deleted_reports_are_restored(world: &World<'_>) {
    let api = world.report_api(HERE);
    let name = "deployment-lone";
    let before = world.reports(HERE).await.unwrap().remove(name).unwrap();
    let restored = async |what: &str| {
        let same = |reports: &Reports| match reports.get(name) {
            Some(report) if fingerprint(report) == fingerprint(&before) => None,
            other => Some(format!("{other:?}")),
        };
        world.wait(what, HERE, same).await
    };
    for (what, edit) in [
        ("an edited verdict", json!({"compliant": "True", "score": 100, "results": []})),
        (
            "an edited message",
            json!({"results": [{
                "check": REPLICAS, "result": "Fail", "severity": "Critical",
                "message": "nothing to see here", "since": "2026-01-01T00:00:00Z",
            }]}),
        ),
        ("a label taken off", json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": null}}})),
        ("an owner taken off", json!({"metadata": {"ownerReferences": null}})),
        // An apply alone takes nothing away that another manager put in.
        (
            "more put in",
            json!({"omittedResults": 7, "metadata": {"labels": {"policy.seaworthy.dev/fake": ""}}}),
        ),
        ("another policy put in", json!({"policies": [{"name": "fake", "profile": "Strict/v1.0"}]})),
    ] {
        let edited = api.patch(name, &PatchParams::default(), &Patch::Merge(edit)).await.unwrap();
        assert_ne!(
            edited.metadata.resource_version,
            Some(before.metadata.resource_version.clone()),
            "{what}"
        );
        restored(what).await;
    }
    // Labels of others are theirs.
    let theirs = json!({"metadata": {"labels": {"example.org/team": "shop"}}});
    api.patch(name, &PatchParams::default(), &Patch::Merge(theirs)).await.unwrap();
    let uid = before.metadata.uid.clone();
    api.delete(name, &DeleteParams::default()).await.unwrap();
    let reports = restored("a deleted report").await;
    assert_ne!(reports[name].metadata.uid, uid);
    world.settled().await;
}

pub async fn labels_of_namespaces_take_reports_away_and_bring_them_back(world: &World<'_>) {
    let before = world.reports(HERE).await.unwrap();
    let label = async |value: Value| {
        let patch = Patch::Merge(json!({"metadata": {"labels": {"part": value}}}));
        world.api(Kind::Namespace, "").patch(HERE, &PatchParams::default(), &patch).await.unwrap();
    };
    label("elsewhere".into()).await;
    let gone = |reports: &Reports| (!reports.is_empty()).then(|| format!("{:?}", reports.keys()));
    world.wait("the end of all reports here", HERE, gone).await;
    let left = status(world, HERE, |status| status.namespaces == 0).await;
    assert_eq!((left.workloads, left.score, left.failures.critical), (0, None, 0), "{left:#?}");
    label(HERE.into()).await;
    let back =
        |reports: &Reports| (!reports.keys().eq(before.keys())).then(|| format!("{:?}", reports.keys()));
    world.wait("all reports again", HERE, back).await;
    status(world, HERE, |status| status.namespaces == 1 && status.workloads == 2).await;
    world.settled().await;
}

pub async fn policies_come_and_go(world: &World<'_>) {
    // Its pattern is right, so the API server takes it; that there is no such version only we know.
    let spec = |version: &str| {
        json!({
            "profile": {"level": "Baseline", "version": version},
            "match": {"namespaceSelector": {"matchLabels": {"part": "nowhere"}}},
        })
    };
    world.policy_of("pinned", spec("v9.9")).await;
    let refused = status(world, "pinned", |_| true).await;
    let wanted = [
        ("Accepted", Truth::False, "Invalid"),
        ("Ready", Truth::False, "NotAccepted"),
        ("Compliant", Truth::Unknown, "NotAccepted"),
    ];
    assert_eq!(conditions(&refused), wanted);
    assert!(refused.conditions[0].message.contains("there is no version 'v9.9'"), "{refused:#?}");
    world.policy_of("pinned", spec("v1.0")).await;
    let accepted = status(world, "pinned", |status| status.conditions[0].status == Truth::True).await;
    assert_eq!(accepted.profile, "Baseline/v1.0");
    assert_eq!(accepted.workloads, 0);
    world.policies().delete("pinned", &DeleteParams::default()).await.unwrap();

    // A parameter that changes moves the verdicts of what is covered.
    let mut policy = world.policies().get(HERE).await.unwrap().data["spec"].clone();
    policy["checks"] = json!([{"name": REPLICAS, "severity": "Low", "parameters": {"minimum": 5}}]);
    world.policy_of(HERE, policy).await;
    let fails = |reports: &Reports| {
        let steady = reports.get("deployment-steady").and_then(|report| word(report, REPLICAS));
        (steady != Some(ResultWord::Fail)).then(|| format!("{steady:?}"))
    };
    world.wait("a stricter policy", HERE, fails).await;
    world.wait("a milder severity", HERE, verdict("deployment-lone", Truth::True)).await;

    world.policies().delete(HERE, &DeleteParams::default()).await.unwrap();
    let gone = |reports: &Reports| (!reports.is_empty()).then(|| format!("{:?}", reports.keys()));
    world.wait("the end of the reports of a deleted policy", HERE, gone).await;
    assert!(!world.reports("budgets").await.unwrap().is_empty(), "other policies' reports stay");
    world.policy(HERE, &[REPLICAS]).await;
    world.wait("the reports of the policy anew", HERE, verdict("deployment-lone", Truth::False)).await;
    status(world, HERE, |status| status.workloads == 2 && status.non_compliant_workloads == 1).await;
    world.settled().await;
}

pub async fn the_last_policy_takes_all_reports_with_it(world: &World<'_>) {
    for policy in world.policies().list(&ListParams::default()).await.unwrap() {
        let name = policy.metadata.name.unwrap();
        world.policies().delete(&name, &DeleteParams::default()).await.unwrap();
    }
    let all = Api::<kube::api::DynamicObject>::all_with(world.client.clone(), &seaworthy::cluster::reports());
    wait_for("the end of all reports", Duration::from_secs(60), || async {
        let list = all.list(&ListParams::default()).await.map_err(|error| error.to_string())?;
        if list.items.is_empty() { Ok(Some(())) } else { Err(format!("{} are left", list.items.len())) }
    })
    .await
    .unwrap();
}
