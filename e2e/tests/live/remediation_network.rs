//! NetworkPolicies on a real control plane: made allow first, taken away deny first, and never where they do harm.
//!
//! Nothing in this control plane enforces them; whom they would cut off is asked of the simulator in `tests/remedy`.
//! Not here: the plans (`tests/remedy/network`), or what only takes time (`controller::staging_tests`).

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use e2e::{AuditEntry, Cluster, Controller, wait_for};
use futures::StreamExt as _;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::api::{Api, ListParams};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event};
use kube::{Client, ResourceExt as _};
use seaworthy::cluster::{cluster_rules, network_rules};
use serde_json::{Value, json};

use crate::support::{account, apply, cluster_role, deployment, meddling, namespace, user};

const ACCOUNT: &str = "isolator";
const SOON: Duration = Duration::from_secs(30);
/// What does no harm waits, after writes were refused, until the breaker has closed (`remedy/restraint`).
const BREAKER: Duration = Duration::from_secs(100);
/// How long ours may stand beside somebody's own.
const AT_ONCE: Duration = Duration::from_secs(2);
/// The namespaces that are isolated, by what becomes of them.
const ISOLATED: [&str; 7] = ["bereft", "contested", "deleted", "goes", "kept", "lost", "yields"];
const ALL: [&str; 4] = ["allow-egress", "allow-ingress", "deny-egress", "deny-ingress"];

/// A policy for the namespaces with a label.
fn policy(name: &str, mode: &str, deletion: &str) -> Value {
    json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "ProductionPolicy", "metadata": { "name": name },
        "spec": { "profile": { "level": "None" }, "match": { "namespaceSelector": { "matchLabels": { "policy": name } } },
                  "checks": [{ "name": "namespace-without-default-deny" }],
                  "remediation": { "networkPolicies": {
                      "mode": mode, "deletionPolicy": deletion, "stageSize": 10, "stageSeconds": 600,
                      "presets": ["AllowSameNamespace", "AllowDNS", "AllowFromNamespaces", "DenyIngress", "DenyEgress"],
                      "allowFromNamespaces": [{ "matchLabels": { "kubernetes.io/metadata.name": "ingress" } }] } } } })
}

fn labelled(name: &str, policy: &str) -> Value {
    let mut object = namespace(name);
    object["metadata"]["labels"] = json!({ "policy": policy });
    object
}

/// DNS as kubeadm sets it up, but for the port that its pods listen at.
fn dns() -> Vec<Value> {
    let mut server = deployment("kube-system", "coredns", 1);
    let label = json!({ "k8s-app": "kube-dns" });
    server["spec"]["selector"]["matchLabels"] = label.clone();
    server["spec"]["template"]["metadata"]["labels"] = label.clone();
    server["spec"]["template"]["spec"]["containers"][0]["ports"] = json!([
        { "name": "dns", "containerPort": 5353, "protocol": "UDP" },
        { "name": "dns-tcp", "containerPort": 5353, "protocol": "TCP" }]);
    let port = |name: &str, protocol: &str| json!({ "name": name, "port": 53, "protocol": protocol, "targetPort": name });
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "kube-dns", "namespace": "kube-system", "labels": label },
        "spec": { "selector": label, "ports": [port("dns", "UDP"), port("dns-tcp", "TCP")] } });
    vec![server, service]
}

fn webhook(namespace: &str) -> Value {
    let rule = json!({ "apiGroups": ["nobody.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["nothings"] });
    json!({ "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": { "name": namespace },
        "webhooks": [{ "name": "hook.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Ignore",
                       "rules": [rule], "clientConfig": { "service": { "namespace": namespace, "name": "hook" } } }] })
}

/// What happened to NetworkPolicies, in order: `+` or `-`, namespace, and name.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(String, Instant)>>>);

impl Log {
    fn follow(client: Client) -> Self {
        let log = Self::default();
        let seen = log.clone();
        tokio::spawn(async move {
            let config = watcher::Config::default();
            // With pauses after errors: without them it would spin when the cluster ends, and the test never would.
            let events = watcher::watcher(Api::<NetworkPolicy>::all(client), config).default_backoff();
            let mut events = events.boxed();
            while let Some(event) = events.next().await {
                let (sign, policy) = match event {
                    Ok(Event::Apply(policy)) => ("+", policy),
                    Ok(Event::Delete(policy)) => ("-", policy),
                    _ => continue,
                };
                let name = policy.name_any().replace("seaworthy-", "");
                let line = format!("{sign}{}/{name}", policy.namespace().unwrap());
                seen.0.lock().unwrap().push((line, Instant::now()));
            }
        });
        log
    }

    /// What happened in a namespace so far, without its name.
    fn of(&self, namespace: &str) -> Vec<String> {
        let all = self.0.lock().unwrap();
        let own = all.iter().filter(|(line, _)| line.contains(&format!("{namespace}/")));
        own.map(|(line, _)| line.replace(&format!("{namespace}/"), "")).collect()
    }

    fn at(&self, line: &str) -> Instant {
        let all = self.0.lock().unwrap();
        all.iter().rfind(|(known, _)| known == line).unwrap_or_else(|| panic!("no {line}: {all:?}")).1
    }

    /// Every deny came after the allows, or went before them.
    fn assert_order(&self, namespace: &str) {
        let all = self.of(namespace);
        let at = |line: &str| {
            all.iter()
                .position(|known| known == line)
                .unwrap_or_else(|| panic!("{namespace}: no {line}: {all:?}"))
        };
        for deny in ["deny-ingress", "deny-egress"] {
            for allow in ["allow-ingress", "allow-egress"] {
                assert!(at(&format!("+{allow}")) < at(&format!("+{deny}")), "{namespace}: {all:?}");
                if all.contains(&format!("-{deny}")) {
                    assert!(at(&format!("-{deny}")) < at(&format!("-{allow}")), "{namespace}: {all:?}");
                }
            }
        }
    }
}

async fn made(cluster: &Cluster, namespace: &str) -> Vec<NetworkPolicy> {
    let api: Api<NetworkPolicy> = Api::namespaced(cluster.client(), namespace);
    let ours = |policy: &NetworkPolicy| policy.labels().contains_key("seaworthy.dev/component");
    api.list(&ListParams::default()).await.unwrap().items.into_iter().filter(ours).collect()
}

/// Waits until exactly these stand of ours.
async fn stand(cluster: &Cluster, namespace: &str, names: &[&str], within: Duration) {
    let look = || async {
        let made: Vec<String> =
            made(cluster, namespace).await.iter().map(|p| p.name_any().replace("seaworthy-", "")).collect();
        if made == names { Ok(Some(())) } else { Err(format!("{made:?}")) }
    };
    wait_for(&format!("{names:?} in {namespace}"), within, look).await.unwrap();
}

/// Waits until a policy's status gives a reason, and a count.
async fn status_is(cluster: &Cluster, policy: &str, reason: &str, (count, number): (&str, i64)) {
    let look = || async {
        let text = cluster
            .kubectl(&["get", "productionpolicy", policy, "-o", "json"])
            .await
            .map_err(|e| e.to_string())?;
        let policy: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let conditions = policy["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let condition =
            conditions.into_iter().find(|condition| condition["type"] == "Remediated").unwrap_or_default();
        let counts = &policy["status"]["remediation"]["networkPolicies"];
        let is = condition["reason"] == reason && counts[count] == json!(number);
        if is { Ok(Some(())) } else { Err(format!("{condition} {counts}")) }
    };
    wait_for(&format!("{reason} of {policy}, {count}: {number}"), SOON, look).await.unwrap();
}

async fn writes(cluster: &Cluster) -> usize {
    let writes = crate::support::writes(cluster).await.into_iter();
    writes.filter(|e| e.user == user(ACCOUNT) && e.resource == "networkpolicies").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn network_policies_come_allow_first_go_deny_first_and_make_room() {
    let cluster = Cluster::builder().name("isolation").nodes(2).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    let kubeconfig = account(&cluster, ACCOUNT, &[cluster_rules(), network_rules()].concat()).await;
    let mut objects: Vec<Value> = dns();
    objects.extend([namespace("ingress"), labelled("hook", "delete"), webhook("hook")]);
    for name in ISOLATED {
        objects.push(labelled(name, if name == "kept" { "retain" } else { "delete" }));
        objects.push(deployment(name, "api", 2));
    }
    objects.extend([policy("delete", "DryRun", "Delete"), policy("retain", "Enabled", "Retain")]);
    apply(&cluster, &objects).await;
    for namespace in ISOLATED.into_iter().chain(["kube-system"]) {
        let wait =
            ["wait", "-n", namespace, "--for=condition=Available", "--timeout=60s", "deployment", "--all"];
        cluster.kubectl(&wait).await.unwrap();
    }
    let log = Log::follow(cluster.client());
    let more = ["--remediation", "network-policies", "--remediation-writes-per-minute", "6000"];
    let controller = Controller::spawn(&cluster, &kubeconfig, &more).unwrap();
    controller.ready().await.unwrap();

    a_dry_run_writes_nothing(&cluster, &log).await;
    allows_come_first_and_say_what_they_should(&cluster, &log).await;
    a_policy_of_their_own_makes_ours_go(&cluster, &log).await;
    three_reverts_and_then_silence(&cluster, &log).await;
    lost_pods_roll_it_back(&cluster, &log).await;
    a_namespace_goes(&cluster).await;
    without_rights_what_stands_waits_and_goes_once_they_are_back(&cluster, &log).await;
    without_a_policy_the_deletion_policy_decides(&cluster, &log).await;
    nothing_of_others_was_touched(&cluster).await;
    controller.stop().await.unwrap();
    cluster.stop().await.unwrap();
}

async fn a_dry_run_writes_nothing(cluster: &Cluster, log: &Log) {
    status_is(cluster, "delete", "DryRun", ("planned", 24)).await;
    status_is(cluster, "retain", "Remediated", ("made", 4)).await;
    assert_eq!(writes(cluster).await, 4, "only what the other policy asks for");
    assert!(log.of("yields").is_empty());
}

async fn allows_come_first_and_say_what_they_should(cluster: &Cluster, log: &Log) {
    apply(cluster, &[policy("delete", "Enabled", "Delete")]).await;
    // Six namespaces; the seventh is the webhook's, and refused.
    status_is(cluster, "delete", "Remediated", ("made", 24)).await;
    status_is(cluster, "delete", "Remediated", ("refused", 4)).await;
    for namespace in ISOLATED {
        stand(cluster, namespace, &ALL, SOON).await;
        log.assert_order(namespace);
    }
    assert!(made(cluster, "hook").await.is_empty());
    let text = cluster.kubectl(&["get", "compliancereports", "-n", "hook", "-o", "json"]).await.unwrap();
    assert!(text.contains("the API server calls its Service 'hook'"), "{text}");

    let address = ["get", "service", "kube-dns", "-n", "kube-system", "-o", "jsonpath={.spec.clusterIP}"];
    let address = cluster.kubectl(&address).await.unwrap();
    let egress = cluster
        .kubectl(&["get", "networkpolicy", "seaworthy-allow-egress", "-n", "yields", "-o", "json"])
        .await
        .unwrap();
    let egress: Value = serde_json::from_str(&egress).unwrap();
    let rule = &egress["spec"]["egress"][0];
    let blocks: Vec<&Value> =
        rule["to"].as_array().unwrap().iter().map(|to| &to["ipBlock"]["cidr"]).collect();
    assert!(
        blocks.contains(&&json!(format!("{}/32", address.trim())))
            && blocks.contains(&&json!("169.254.20.10/32")),
        "{rule:#}"
    );
    let ports: Vec<(&Value, &Value)> =
        rule["ports"].as_array().unwrap().iter().map(|p| (&p["protocol"], &p["port"])).collect();
    for (protocol, port) in [("UDP", 53), ("TCP", 53), ("UDP", 5353), ("TCP", 5353)] {
        assert!(ports.contains(&(&json!(protocol), &json!(port))), "{ports:?}");
    }
    let events = ["get", "events.events.k8s.io", "-A", "-o", "jsonpath={.items[*].reason}"];
    let look = || async {
        let reasons = cluster.kubectl(&events).await.map_err(|error| error.to_string())?;
        let created = reasons.split(' ').filter(|reason| *reason == "RemediationCreated").count();
        if created >= 28 { Ok(Some(())) } else { Err(format!("{created} of 28 Events")) }
    };
    wait_for("an Event for each", SOON, look).await.unwrap();
}

fn theirs(namespace: &str) -> Value {
    json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": { "name": "theirs", "namespace": namespace },
            "spec": { "podSelector": { "matchLabels": { "app": "web" } } } })
}

async fn a_policy_of_their_own_makes_ours_go(cluster: &Cluster, log: &Log) {
    apply(cluster, &[theirs("yields")]).await;
    stand(cluster, "yields", &[], SOON).await;
    log.assert_order("yields");
    let look = || async {
        if log.of("yields").iter().filter(|l| l.starts_with('-')).count() == 4 {
            Ok(Some(()))
        } else {
            Err("not seen")
        }
    };
    wait_for("the watch to show it", SOON, look).await.unwrap();
    let since = log.at("+yields/theirs");
    let took = ["allow-ingress", "allow-egress"]
        .map(|name| log.at(&format!("-yields/{name}")).duration_since(since));
    println!("ours were gone after {took:?}");
    assert!(took.iter().all(|took| *took <= AT_ONCE), "{took:?}");
}

async fn three_reverts_and_then_silence(cluster: &Cluster, log: &Log) {
    let delete = ["delete", "networkpolicy", "seaworthy-deny-ingress", "-n", "contested"];
    for number in 1..=3 {
        cluster.kubectl(&delete).await.unwrap();
        if number < 3 {
            let again = || async {
                let all = log.of("contested");
                let made = all.iter().filter(|line| *line == "+deny-ingress").count();
                if made == number + 1 { Ok(Some(())) } else { Err(format!("{all:?}")) }
            };
            wait_for("it to be made again", SOON, again).await.unwrap();
        }
    }
    stand(cluster, "contested", &[], SOON).await;
    status_is(cluster, "delete", "Contested", ("contested", 1)).await;
    let all = log.of("contested");
    assert_eq!(all.iter().filter(|line| *line == "+deny-ingress").count(), 3, "{all:?}");
    let at = |line: &str| all.iter().rposition(|known| known == line).unwrap();
    assert!(at("-deny-egress") < at("-allow-ingress") && at("-deny-egress") < at("-allow-egress"), "{all:?}");
}

async fn lost_pods_roll_it_back(cluster: &Cluster, log: &Log) {
    for node in cluster.kubectl(&["get", "nodes", "-o", "name"]).await.unwrap().split_whitespace() {
        cluster.kubectl(&["cordon", node]).await.unwrap();
    }
    let pods = cluster.kubectl(&["get", "pods", "-n", "lost", "-o", "name"]).await.unwrap();
    cluster.kubectl(&["delete", "-n", "lost", pods.split_whitespace().next().unwrap()]).await.unwrap();
    stand(cluster, "lost", &[], SOON).await;
    log.assert_order("lost");
    let look = || async {
        let text = cluster
            .kubectl(&["get", "compliancereports", "-n", "lost", "-o", "json"])
            .await
            .map_err(|e| e.to_string())?;
        if text.contains("RolledBack") && text.contains("1 of 2 pods available") {
            Ok(Some(()))
        } else {
            Err(text)
        }
    };
    wait_for("the report to say so", SOON, look).await.unwrap();
    // The others are as ready as they were.
    stand(cluster, "deleted", &ALL, SOON).await;
}

async fn without_rights_what_stands_waits_and_goes_once_they_are_back(cluster: &Cluster, log: &Log) {
    apply(cluster, &[cluster_role(ACCOUNT, &cluster_rules())]).await;
    apply(cluster, &[theirs("bereft")]).await;
    let refused = || async {
        let entries = cluster.audit().await.map_err(|error| error.to_string())?;
        let ours = |e: &&AuditEntry| e.user == user(ACCOUNT) && e.resource == "networkpolicies";
        let tried = entries.iter().filter(ours).any(|e| e.verb == "delete" && e.code == 403);
        if tried { Ok(Some(())) } else { Err("nothing was tried".to_owned()) }
    };
    wait_for("a withdrawal to be refused", SOON, refused).await.unwrap();
    stand(cluster, "bereft", &ALL, SOON).await;
    apply(cluster, &[cluster_role(ACCOUNT, &[cluster_rules(), network_rules()].concat())]).await;
    // What does harm goes at once.
    stand(cluster, "bereft", &[], SOON).await;
    log.assert_order("bereft");
}

/// A namespace goes with all that is in it.
async fn a_namespace_goes(cluster: &Cluster) {
    cluster.kubectl(&["delete", "namespace", "goes", "--timeout=60s"]).await.unwrap();
    assert!(made(cluster, "goes").await.is_empty());
}

/// Each write that is not a create is to an object that a create of ours was answered with, by uid.
async fn nothing_of_others_was_touched(cluster: &Cluster) {
    let entries = cluster.audit().await.unwrap();
    let meddled = meddling(&entries, &user(ACCOUNT), "networkpolicies");
    assert!(meddled.is_empty(), "{meddled:#?}");
    // This would see it: somebody else deleted some of ours.
    let of_admin = meddling(&entries, "admin", "networkpolicies");
    assert!(of_admin.iter().any(|line| line.contains("seaworthy-deny-ingress")), "{of_admin:#?}");
}

async fn without_a_policy_the_deletion_policy_decides(cluster: &Cluster, log: &Log) {
    cluster.kubectl(&["delete", "productionpolicy", "delete", "retain"]).await.unwrap();
    stand(cluster, "deleted", &[], BREAKER).await;
    log.assert_order("deleted");
    stand(cluster, "kept", &ALL, SOON).await;
    assert_eq!(log.of("kept").len(), 4, "{:?}", log.of("kept"));
}
