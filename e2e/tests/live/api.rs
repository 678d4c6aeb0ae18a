//! The API as the real API server sees it: what it accepts, what it refuses and with which words, what it fills in,
//! and how kubectl shows it.
//!
//! Not its job: what the controller makes of a policy (`relations.rs`, `lifecycle.rs`).

use std::path::{Path, PathBuf};

use e2e::{Cluster, Controller};
use serde_json::{Value, json};

fn folder(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

/// The YAML files of a folder, by name.
fn samples(below: &str) -> Vec<(String, String)> {
    let folder = folder(below);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let read = |file: &PathBuf| (file.display().to_string(), std::fs::read_to_string(file).unwrap());
    let samples: Vec<_> = files.iter().map(read).collect();
    assert!(!samples.is_empty(), "no samples in {}", folder.display());
    samples
}

/// Applies on the server's side, strictly: what it does not know is refused.
async fn apply(cluster: &Cluster, yaml: &str, dry_run: &str) -> Result<String, String> {
    // kubectl's own files live in the cluster's folder, and so may ours.
    let file = cluster.dir().join("sample.yaml");
    std::fs::write(&file, yaml).unwrap();
    let file = file.to_str().unwrap();
    let dry_run = format!("--dry-run={dry_run}");
    let args = ["apply", "--server-side", "--validate=strict", &dry_run, "-f", file];
    cluster.kubectl(&args).await.map_err(|error| error.to_string())
}

async fn json(cluster: &Cluster, args: &[&str]) -> Value {
    let args: Vec<&str> = args.iter().copied().chain(["-o", "json"]).collect();
    serde_json::from_str(&cluster.kubectl(&args).await.unwrap()).unwrap()
}

/// The columns that kubectl shows.
async fn header(cluster: &Cluster, args: &[&str]) -> Vec<String> {
    let table = cluster.kubectl(args).await.unwrap();
    table.lines().next().unwrap().split_whitespace().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_accepts_refuses_completes_and_shows_as_designed() {
    let cluster = Cluster::builder().name("api").quiet().start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();

    bad_samples_are_refused_with_their_message(&cluster).await;
    the_stored_policy_has_the_defaults(&cluster).await;
    kubectl_knows_names_columns_and_fields(&cluster).await;
    good_samples_are_accepted(&cluster).await;
    cluster.stop().await.unwrap();
}

async fn good_samples_are_accepted(cluster: &Cluster) {
    let mut refused = Vec::new();
    for (file, yaml) in samples("../config/samples").into_iter().chain(samples("tests/samples/good")) {
        if let Err(error) = apply(cluster, &yaml, "server").await {
            refused.push(format!("{file}: {error}"));
        }
    }
    assert!(refused.is_empty(), "good samples are refused:\n{}", refused.join("\n"));
}

/// A sample of several documents is a story: all but the last are accepted, and the last is refused.
async fn bad_samples_are_refused_with_their_message(cluster: &Cluster) {
    let mut wrong = Vec::new();
    for (file, yaml) in samples("tests/samples/bad") {
        let first = yaml.lines().next().unwrap_or_default();
        let wanted = first.strip_prefix("# refused: ").expect("the first line says `# refused: MESSAGE`");
        let mut documents: Vec<&str> = yaml.split("\n---\n").collect();
        let last = documents.pop().unwrap();
        for document in documents {
            if let Err(error) = apply(cluster, document, "none").await {
                wrong.push(format!("{file}: what comes before the last document is refused: {error}"));
            }
        }
        match apply(cluster, last, "server").await {
            Ok(_) => wrong.push(format!("{file}: accepted, but should be refused: {wanted}")),
            Err(error) if wanted.len() < 10 || !error.contains(wanted) => {
                wrong.push(format!("{file}: refused with other words\n  wanted {wanted}\n  got    {error}"));
            }
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn the_stored_policy_has_the_defaults(cluster: &Cluster) {
    let (_, minimal) = samples("../config/samples")
        .into_iter()
        .find(|(file, _)| file.ends_with("policy-minimal.yaml"))
        .expect("config/samples/policy-minimal.yaml");
    apply(cluster, &minimal, "none").await.unwrap();
    let stored = json(cluster, &["get", "productionpolicy", "baseline"]).await;
    let wanted = json!({
        "match": {
            "namespaceSelector": {},
            "excludeNamespaces": ["kube-system", "kube-public", "kube-node-lease"],
        },
        "profile": {"level": "Standard", "version": "latest"},
        "complianceThreshold": "High",
        "remediation": {
            "podDisruptionBudgets": {"mode": "Disabled", "maxUnavailable": 1, "deletionPolicy": "Retain"},
            "networkPolicies": {"mode": "Disabled", "stageSize": 3, "stageSeconds": 600, "deletionPolicy": "Retain"},
        },
        "enforcement": "Enforced",
        "exemptionPolicy": {"annotations": "Allowed", "approval": "NotRequired"},
        "reporting": {"passed": "Omit", "events": "OnTransition"},
    });
    assert_eq!(stored["spec"], wanted);

    let checks = "
apiVersion: seaworthy.dev/v1alpha1
kind: ProductionPolicy
metadata: {name: partly}
spec:
  profile: {level: Strict}
  match: {namespaceSelector: {}, excludeNamespaces: []}
  checks: [{name: too-few-replicas, parameters: {minimum: 3}}]
";
    apply(cluster, checks, "none").await.unwrap();
    let stored = json(cluster, &["get", "productionpolicy", "partly"]).await;
    assert_eq!(stored["spec"]["profile"], json!({"level": "Strict", "version": "latest"}));
    assert_eq!(stored["spec"]["match"]["excludeNamespaces"], json!([]), "an empty list is not the default");
    let setting = json!([{"name": "too-few-replicas", "state": "Enabled", "parameters": {"minimum": 3}}]);
    assert_eq!(stored["spec"]["checks"], setting, "other checks' parameters are not filled in");
}

async fn kubectl_knows_names_columns_and_fields(cluster: &Cluster) {
    for (_, yaml) in samples("tests/samples/good") {
        apply(cluster, &yaml, "none").await.unwrap();
    }
    let columns = header(cluster, &["get", "crep", "-A"]).await;
    let wanted = ["NAMESPACE", "NAME", "COMPLIANT", "SCORE", "CRIT", "HIGH", "MED", "LOW", "EXEMPT", "AGE"];
    assert_eq!(columns, wanted);
    let columns = header(cluster, &["get", "crep", "-o", "wide"]).await;
    for more in ["KIND", "PASS", "UNKNOWN", "MESSAGE"] {
        assert!(columns.iter().any(|column| column == more), "{columns:?}");
    }
    let columns = header(cluster, &["get", "prodpol"]).await;
    let wanted =
        ["NAME", "PROFILE", "READY", "COMPLIANT", "NAMESPACES", "WORKLOADS", "NONCOMPLIANT", "SCORE", "AGE"];
    assert_eq!(columns, wanted);
    let columns = header(cluster, &["get", "prodpol", "-o", "wide"]).await;
    for more in ["EXEMPT", "CRITICAL", "HIGH", "PDBS", "NETWORKPOLICIES", "MESSAGE"] {
        assert!(columns.iter().any(|column| column == more), "{columns:?}");
    }
    let columns = header(cluster, &["get", "cex", "-A"]).await;
    assert_eq!(columns, ["NAMESPACE", "NAME", "STATE", "TARGET", "EXPIRES", "RESULTS", "AGE"]);
    let columns = header(cluster, &["get", "cex", "-o", "wide"]).await;
    for more in ["CHECKS", "OWNER", "APPROVED-BY", "OVER-BROAD", "REASON", "MESSAGE"] {
        assert!(columns.iter().any(|column| column == more), "{columns:?}");
    }

    let rows = cluster.kubectl(&["get", "crep", "deployment-cart", "--no-headers"]).await.unwrap();
    let cells: Vec<&str> = rows.split_whitespace().collect();
    assert_eq!(cells.get(..7).unwrap(), ["deployment-cart", "False", "50", "1", "0", "0", "0"]);

    // A category is expanded from what kubectl has discovered; it knows all kinds by now.
    let all = cluster.kubectl(&["get", "seaworthy", "-A", "-o", "name"]).await.unwrap();
    for one in [
        "productionpolicy.seaworthy.dev/baseline",
        "compliancereport.seaworthy.dev/deployment-cart",
        "complianceexemption.seaworthy.dev/in-full",
        "compliancereport.seaworthy.dev/statefulset-orders-db",
    ] {
        assert!(all.lines().any(|line| line == one), "{one} is not in\n{all}");
    }

    for (selector, wanted) in [
        ("compliant=False,scope.kind=Deployment", &["deployment-cart", "moves"] as &[&str]),
        ("compliant=True", &["statefulset-orders-db"]),
        ("scope.kind=StatefulSet", &["statefulset-orders-db"]),
        ("compliant=Unknown,scope.kind=StatefulSet", &[]),
    ] {
        let list = json(cluster, &["get", "crep", "-A", "--field-selector", selector]).await;
        let names: Vec<&str> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["metadata"]["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, wanted, "{selector}");
    }
}
