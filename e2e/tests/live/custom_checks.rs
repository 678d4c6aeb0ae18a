//! Custom checks in a cluster: the first one is added to a controller that runs, what it looks at is watched whole from
//! then on, and nothing that anybody writes into one ends the controller.
//!
//! Not its job: what expressions are worth (`tests/cel`), or what they cost (`tests/cel_bombs.rs`).

use std::time::Duration;

use e2e::{Cluster, Controller, wait_for};
use seaworthy::api::{ReportResult, ResultWord};
use seaworthy::cluster::policies;
use serde_json::{Value, json};

use crate::support::{apply, converge, deployment, listed, namespace, policy, report};

const SOON: Duration = Duration::from_secs(20);

/// A policy of these custom checks alone: each a name, an expression, and more fields.
fn custom(name: &str, checks: &[(&str, &str, Value)]) -> Value {
    let mut object = policy(name);
    object["spec"]["profile"] = json!({ "level": "None" });
    let check = |(name, expression, more): &(&str, &str, Value)| {
        let mut check = json!({ "name": name, "severity": "High", "expression": expression });
        check.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        check
    };
    object["spec"]["customChecks"] = checks.iter().map(check).collect();
    object
}

/// Waits until a check says something of the Deployment `shop/api`; `None`: that nothing is listed of it.
async fn says(cluster: &Cluster, check: &str, wanted: Option<(ResultWord, &str)>) {
    let look = || async {
        let report = report(cluster, "shop", "deployment-api").await?.ok_or("no report")?;
        let found: Option<&ReportResult> = report.results.iter().find(|result| result.check == check);
        let said = found.map(|result| (result.result, result.message.as_str()));
        if said == wanted { Ok(Some(())) } else { Err(format!("{said:?}")) }
    };
    wait_for(&format!("{check} to say {wanted:?}"), SOON, look).await.unwrap();
}

/// The message of a condition of a policy's status.
async fn condition(cluster: &Cluster, policy: &str, condition: &str, status: &str) -> String {
    let look = || async {
        let all = listed(cluster, &policies()).await?.unwrap_or_default();
        let of = all.into_iter().find(|object| object["metadata"]["name"] == policy).unwrap_or_default();
        let conditions = of["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let said = conditions.iter().find(|c| c["type"] == condition && c["status"] == status);
        match said {
            Some(said) => Ok(Some(said["message"].as_str().unwrap_or_default().to_owned())),
            None => Err(format!("{conditions:?}")),
        }
    };
    wait_for(&format!("{condition} of {policy} to be {status}"), SOON, look).await.unwrap()
}

async fn annotate(cluster: &Cluster, annotation: &str) {
    cluster.kubectl(&["annotate", "-n", "shop", "deployment", "api", annotation]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_checks_come_go_and_hurt_nobody() {
    let cluster = Cluster::builder().name("custom-checks").nodes(1).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "api", "namespace": "shop" },
        "spec": { "selector": { "app": "api" }, "ports": [{ "port": 80 }] } });
    apply(&cluster, &[namespace("shop"), deployment("shop", "api", 2), service, policy("everywhere")]).await;
    let controller = Controller::start(&cluster).await.unwrap();
    converge(&cluster, SOON).await;

    the_first_one_needs_no_restart(&cluster).await;
    what_no_record_holds_is_followed(&cluster).await;
    a_verdict_live_is_a_verdict_offline(&cluster).await;
    what_goes_wrong_is_said_with_its_place(&cluster).await;
    bombs_hurt_nobody(&cluster).await;
    the_last_one_takes_its_results_with_it(&cluster).await;

    // One that had ended or been ended would have been replaced by nobody.
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}

async fn the_first_one_needs_no_restart(cluster: &Cluster) {
    let on_call = "object.metadata.?annotations['example.com/on-call'].orValue('') != ''";
    let checks = [
        ("nobody-on-call", on_call, json!({ "message": "nobody is on call" })),
        (
            "port-odd",
            "related.services.all(s, s.spec.ports.all(p, p.port % 2 == 1))",
            json!({
            "messageExpression": "'even ports: ' + related.services.map(s, s.metadata.name).join()" }),
        ),
    ];
    apply(cluster, &[custom("house", &checks)]).await;
    says(cluster, "nobody-on-call", Some((ResultWord::Fail, "nobody is on call"))).await;
    says(cluster, "port-odd", Some((ResultWord::Fail, "even ports: api"))).await;
    converge(cluster, SOON).await;
    condition(cluster, "house", "Compliant", "False").await;
}

async fn what_no_record_holds_is_followed(cluster: &Cluster) {
    annotate(cluster, "example.com/on-call=shop").await;
    says(cluster, "nobody-on-call", None).await;
    let odd = r#"[{"op":"replace","path":"/spec/ports/0/port","value":81}]"#;
    cluster.kubectl(&["patch", "-n", "shop", "service", "api", "--type=json", "-p", odd]).await.unwrap();
    says(cluster, "port-odd", None).await;
    converge(cluster, SOON).await;
}

/// The examples of the documentation, but those of the policy that shows what a manifest lacks.
async fn a_verdict_live_is_a_verdict_offline(cluster: &Cluster) {
    let page = include_str!("../../../docs/custom-checks.md");
    let parts = page.split("```yaml policy\n").skip(1).filter(|part| !part.contains("name: careless"));
    let mut asked = 0;
    for part in parts {
        let (policy, rest) = part.split_once("```\n").unwrap();
        cluster.apply(policy).await.unwrap();
        let page = seaworthy::engine::Page::parse(rest);
        for (number, example) in page.examples.iter().enumerate() {
            let home = format!("example-{asked}-{number}");
            let yaml = example.yaml.replace("namespace: shop", &format!("namespace: {home}"));
            let yaml = yaml.replace(
                "kind: Namespace\nmetadata: {name: shop}",
                &format!("kind: Namespace\nmetadata: {{name: {home}}}"),
            );
            cluster.kubectl(&["create", "namespace", &home]).await.unwrap();
            cluster.apply(&yaml).await.unwrap();
            let of_namespace = example.yaml.contains("kind: Namespace");
            let name = if of_namespace { "namespace" } else { "deployment-api" };
            let check = policy.split("- name: ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
            let wanted =
                example.messages.first().filter(|_| example.expected == seaworthy::engine::Expected::Fails);
            let look = || async {
                let report = report(cluster, &home, name).await?.ok_or("no report")?;
                let said = report.results.iter().find(|result| result.check == check);
                let said = said.map(|result| &result.message);
                if said == wanted { Ok(Some(())) } else { Err(format!("{said:?}")) }
            };
            wait_for(&format!("{check} to say {wanted:?} in {home}"), SOON, look).await.unwrap();
            asked += 1;
        }
        converge(cluster, SOON).await;
    }
    assert!(asked >= 5, "only {asked} examples");
}

async fn what_goes_wrong_is_said_with_its_place(cluster: &Cluster) {
    let checks = [("wrong", "true &&\n  object.spec.nothing > 1", json!({}))];
    apply(cluster, &[custom("wrong", &checks)]).await;
    let message = "'expression' cannot be evaluated: 2:15: there is no key 'nothing'; has() or .? asks whether there is one";
    says(cluster, "wrong", Some((ResultWord::Unknown, message))).await;
    condition(cluster, "wrong", "Compliant", "Unknown").await;
    apply(cluster, &[custom("refused", &[("a", "object.spec.replicas >", json!({}))])]).await;
    let said = condition(cluster, "refused", "Accepted", "False").await;
    assert!(
        said.contains("spec.customChecks[0].expression: 1:23: a value is expected here, not the end"),
        "{said}"
    );
    converge(cluster, SOON).await;
}

async fn bombs_hurt_nobody(cluster: &Cluster) {
    let ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
    let loops = (0..12).fold("true".to_owned(), |body, n| format!("{ten}.all(x{n}, {body})"));
    let text = format!("['{}']{}.size() > 0", "a".repeat(1000), ".map(x, x + x + x + x)".repeat(30));
    let nested = format!("size({}1{}) > 0", "[".repeat(1500), "]".repeat(1500));
    let deepest = format!("size({}1{}) > 0", "[".repeat(70), "]".repeat(70));
    let checks = [
        ("bomb-loops", loops.as_str(), json!({})),
        ("bomb-text", &text, json!({})),
        ("bomb-range", "lists.range(9223372036854775807).size() > 0", json!({})),
        ("bomb-deepest", &deepest, json!({})),
        (
            "bomb-message",
            "false",
            json!({ "message": "fails", "messageExpression": loops.replace("all", "map") + "[0].join()" }),
        ),
    ];
    apply(cluster, &[custom("bombs", &checks), custom("bomb-refused", &[("a", &nested, json!({}))])]).await;
    for check in ["bomb-loops", "bomb-text", "bomb-range"] {
        let look = || async {
            let report = report(cluster, "shop", "deployment-api").await?.ok_or("no report")?;
            let said = report.results.iter().find(|result| result.check == check);
            let fits = |result: &ReportResult| {
                result.result == ResultWord::Unknown
                    && result.message.starts_with("'expression' cannot be evaluated: 1:")
                    && result.message.contains("it takes too many steps")
            };
            if said.is_some_and(fits) { Ok(Some(())) } else { Err(format!("{said:?}")) }
        };
        wait_for(&format!("{check} to give up"), SOON, look).await.unwrap();
    }
    let said = condition(cluster, "bomb-refused", "Accepted", "False").await;
    assert!(said.contains("nested more than 80 levels deep"), "{said}");
    // Everybody else goes on as before.
    apply(cluster, &[deployment("shop", "other", 1)]).await;
    converge(cluster, SOON).await;
    annotate(cluster, "example.com/on-call-").await;
    says(cluster, "nobody-on-call", Some((ResultWord::Fail, "nobody is on call"))).await;
}

async fn the_last_one_takes_its_results_with_it(cluster: &Cluster) {
    let all = listed(cluster, &policies()).await.unwrap().unwrap_or_default();
    let names: Vec<String> = all
        .iter()
        .filter(|p| p["metadata"]["name"] != "everywhere")
        .map(|p| p["metadata"]["name"].as_str().unwrap().to_owned())
        .collect();
    let delete: Vec<&str> =
        ["delete", "productionpolicy"].into_iter().chain(names.iter().map(String::as_str)).collect();
    cluster.kubectl(&delete).await.unwrap();
    says(cluster, "nobody-on-call", None).await;
    converge(cluster, SOON).await;
}
