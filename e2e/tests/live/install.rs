//! What is installed fits what runs: the rights are those that are used, no more and no fewer, and both ways to install
//! (the Helm chart, the kustomization) give objects that a real API server accepts.
//!
//! Not here: whether the generated files are up to date (`tests/generated.rs`), or running in a pod.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use e2e::{Cluster, Controller, Progress, Tool, Toolchain, wait_for};
use seaworthy::api::{ComplianceReport, Truth};
use seaworthy::checks::CATALOGUE;
use seaworthy::cluster::{
    Need, Rule, WATCHED, cluster_rules, crds, namespace_rules, network_rules, remediation_rules,
};
use seaworthy::model::Kind;
use serde_json::{Value, json};

use crate::support::stand_in::optional_apis;
use crate::support::{account, apply, converge, deployment, held, namespace, objects, policy, report, user};

/// A right: API group, resource, verb.
type Right = (String, String, String);

fn rights(rules: &[Rule]) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for Rule { api_groups, resources, resource_names: _, verbs } in rules {
        for (group, resource) in api_groups.iter().flat_map(|g| resources.iter().map(move |r| (g, r))) {
            rights.extend(verbs.iter().map(|verb| (group.clone(), resource.clone(), verb.clone())));
        }
    }
    rights
}

async fn report_that(cluster: &Cluster, what: &str, is: impl Fn(Option<&ComplianceReport>) -> bool) {
    let look = || async {
        let report = report(cluster, "shop", "deployment-api").await?;
        if is(report.as_ref()) { Ok(Some(())) } else { Err(format!("{report:?}")) }
    };
    wait_for(what, Duration::from_secs(15), look).await.unwrap();
}

async fn workloads_in_status(cluster: &Cluster, wanted: &str) {
    let look = || async {
        let get = ["get", "productionpolicy", "everywhere", "-o", "jsonpath={.status.workloads}"];
        let found = cluster.kubectl(&get).await.map_err(|error| error.to_string())?;
        if found == wanted { Ok(Some(())) } else { Err(found) }
    };
    wait_for("the policy's status", Duration::from_secs(15), look).await.unwrap();
}

/// Makes the controller do everything that it can do.
async fn drive(cluster: &Cluster) {
    let optional = WATCHED.iter().filter(|watched| watched.need == Need::Optional);
    let of_optional = optional.map(|watched| {
        let mut object = deployment("shop", "optional", 3);
        object["apiVersion"] = watched.kind.api_version().into();
        object["kind"] = watched.kind.name().into();
        if !watched.kind.is_workload() {
            object["spec"] = json!({});
        }
        if !watched.kind.info().namespaced {
            object["metadata"]["namespace"] = Value::Null;
        }
        object
    });
    let exemption = json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "ComplianceExemption",
        "metadata": { "name": "some", "namespace": "shop" },
        "spec": { "checks": ["missing-network-policy"], "reason": "The mesh does it." } });
    let attestation = json!({ "apiVersion": "seaworthy.dev/v1alpha1", "kind": "PracticeAttestation",
        "metadata": { "name": "some", "namespace": "shop" },
        "spec": { "practice": "load-test", "performedTime": "2026-01-01T00:00:00Z", "outcome": "Passed",
                  "performedBy": "somebody" } });
    let own = [exemption, attestation];
    let mut all = vec![namespace("shop"), policy("everywhere"), deployment("shop", "api", 1)];
    all.extend(own);
    all.extend(of_optional);
    apply(cluster, &all).await;
    // A report is created, and a status written.
    converge(cluster, Duration::from_secs(30)).await;
    report_that(cluster, "a failing report", |r| r.is_some_and(|r| r.compliant == Truth::False)).await;
    // One is updated, with an Event about its new verdict. Only this check is asked for, so that it decides.
    let mut only = policy("everywhere");
    only["spec"]["profile"] = json!({ "level": "None" });
    only["spec"]["checks"] = json!([{ "name": "too-few-replicas" }]);
    // Whom the API server calls is asked for only where somebody wants NetworkPolicies.
    only["spec"]["remediation"] =
        json!({ "networkPolicies": { "mode": "DryRun", "presets": ["DenyIngress"] } });
    apply(cluster, &[only]).await;
    converge(cluster, Duration::from_secs(15)).await;
    apply(cluster, &[deployment("shop", "api", 3)]).await;
    report_that(cluster, "a passing report", |r| r.is_some_and(|r| r.compliant == Truth::True)).await;
    let event = || async {
        let events = ["get", "events.events.k8s.io", "-n", "shop", "-o", "jsonpath={.items[*].reason}"];
        let reasons = cluster.kubectl(&events).await.map_err(|error| error.to_string())?;
        if reasons.split(' ').any(|reason| reason == "Compliant") { Ok(Some(())) } else { Err(reasons) }
    };
    wait_for("the Event", Duration::from_secs(15), event).await.unwrap();
    // One is deleted while its workload stays, as the policy covers that no more.
    let mut narrow = policy("everywhere");
    narrow["spec"]["match"]["objectSelector"] = json!({ "matchLabels": { "app": "optional" } });
    apply(cluster, &[narrow]).await;
    report_that(cluster, "the report to go", |r| r.is_none()).await;
    converge(cluster, Duration::from_secs(15)).await;
    workloads_in_status(cluster, "1").await;
    assert_eq!(held(cluster).await.unwrap().keys().filter(|(_, name)| name == "rollout-optional").count(), 1);
    assert!(objects(cluster, Kind::Deployment, "shop").get("api").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn granted_rights_equal_used_rights() {
    let controllers = "*,-deployment-controller";
    let cluster = Cluster::builder().name("rights").controllers(controllers).start().await.unwrap();
    Controller::install_crds(&cluster).await.unwrap();
    apply(&cluster, &optional_apis()).await;
    cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"]).await.unwrap();
    let kubeconfig = account(&cluster, "seaworthy", &cluster_rules()).await;
    let controller = Controller::spawn(&cluster, &kubeconfig, &[]).unwrap();
    controller.ready().await.unwrap();
    drive(&cluster).await;
    // A watch stands in the log when it has ended.
    controller.stop().await.unwrap();

    let granted: BTreeSet<Right> =
        rights(&cluster_rules()).union(&rights(&namespace_rules())).cloned().collect();
    let user = user("seaworthy");
    let look = || async {
        let entries = cluster.audit().await.map_err(|error| error.to_string())?;
        let ours: Vec<_> = entries.into_iter().filter(|entry| entry.user == user).collect();
        let refused: Vec<_> = ours.iter().filter(|entry| matches!(entry.code, 401 | 403)).collect();
        assert!(refused.is_empty(), "asked for without the right: {refused:#?}");
        let mut used = BTreeSet::new();
        // What is served everybody may ask (system:discovery); that is no resource.
        for entry in ours.into_iter().filter(|entry| !entry.resource.is_empty()) {
            let resource = match entry.subresource.as_str() {
                "" => entry.resource,
                sub => format!("{}/{sub}", entry.resource),
            };
            if entry.verb == "patch" && entry.code == 201 {
                // An apply of what is not there yet takes both rights.
                used.insert((entry.api_group.clone(), resource.clone(), "create".to_owned()));
            }
            used.insert((entry.api_group, resource, entry.verb));
        }
        let unused: Vec<_> = granted.difference(&used).collect();
        let ungranted: Vec<_> = used.difference(&granted).collect();
        if unused.is_empty() && ungranted.is_empty() {
            return Ok(Some(()));
        }
        Err(format!("granted and not used: {unused:?}; used and not granted: {ungranted:?}"))
    };
    wait_for("granted to be used", Duration::from_secs(10), look).await.unwrap();
    cluster.stop().await.unwrap();
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn helm() -> PathBuf {
    Toolchain::ensure(&[Tool::Helm], &Progress::stderr()).unwrap().path(Tool::Helm).unwrap().to_owned()
}

/// Runs helm on the chart, far from the settings of whoever runs the test.
fn run_helm(cluster: &Cluster, args: &[&str]) -> String {
    let home = cluster.dir().join("helm");
    let mut command = Command::new(helm());
    command.args(args).arg(root().join("charts/seaworthy"));
    for name in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
        command.env(name, &home);
    }
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "helm {args:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// What a real API server makes of the objects, without keeping them.
async fn dry_run(cluster: &Cluster, name: &str, yaml: &str) -> Vec<Value> {
    let file = cluster.dir().join(name);
    std::fs::write(&file, yaml).unwrap();
    let file = file.to_str().unwrap();
    let run = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-o", "json", "-f", file];
    let answer: Value = serde_json::from_str(&cluster.kubectl(&run).await.unwrap()).unwrap();
    answer["items"].as_array().unwrap().clone()
}

fn of_kind<'v>(objects: &'v [Value], kind: &str) -> Vec<&'v Value> {
    objects.iter().filter(|object| object["kind"] == kind).collect()
}

/// Whether Pod Security *restricted* lets the controller's pod in: of a Deployment it only warns.
async fn check_pod(cluster: &Cluster, objects: &[Value]) {
    let mut spec = of_kind(objects, "Deployment")[0]["spec"]["template"]["spec"].clone();
    // The account is not there, as this is a dry run.
    let fields = spec.as_object_mut().unwrap();
    fields.retain(|field, _| !field.starts_with("serviceAccount"));
    let pod = json!({ "apiVersion": "v1", "kind": "Pod", "spec": spec,
        "metadata": { "name": "controller", "namespace": "seaworthy-system" } });
    let file = cluster.dir().join("pod.json");
    std::fs::write(&file, pod.to_string()).unwrap();
    let create = ["create", "--dry-run=server", "-f", file.to_str().unwrap()];
    // A new namespace has to get its default account first.
    let look = || async { cluster.kubectl(&create).await.map(Some) };
    wait_for("the pod to be let in", Duration::from_secs(15), look).await.unwrap();
    let mut bad = pod;
    bad["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = true.into();
    std::fs::write(&file, bad.to_string()).unwrap();
    let refused = cluster.kubectl(&create).await.unwrap_err().to_string();
    assert!(refused.contains("violates PodSecurity"), "{refused}");
}

/// The rules, the program's arguments, and what has to be there. `remedies`: whether PodDisruptionBudgets and
/// NetworkPolicies may be made.
fn check_install(objects: &[Value], remedies: bool) {
    let mut of_cluster = vec![cluster_rules()];
    if remedies {
        of_cluster.extend([remediation_rules(), network_rules()]);
    }
    for (kind, rules) in [("ClusterRole", of_cluster), ("Role", vec![namespace_rules()])] {
        let granted: Vec<&Value> = of_kind(objects, kind).into_iter().map(|role| &role["rules"]).collect();
        assert_eq!(json!(granted), json!(rules), "{kind}");
    }
    assert_eq!(of_kind(objects, "ClusterRoleBinding").len(), 1 + 2 * usize::from(remedies));
    for kind in ["RoleBinding", "ServiceAccount", "Service", "Deployment"] {
        assert_eq!(of_kind(objects, kind).len(), 1, "{kind}");
    }
    let reads = [json!("get"), json!("list"), json!("watch")];
    let writes = |rule: &Value| rule["verbs"].as_array().unwrap().iter().any(|verb| !reads.contains(verb));
    let roles = of_kind(objects, "ClusterRole");
    for resource in ["poddisruptionbudgets", "networkpolicies"] {
        let mut rules = roles.iter().flat_map(|role| role["rules"].as_array().unwrap());
        let is_about = |rule: &Value| rule["resources"].as_array().unwrap().contains(&json!(resource));
        assert_eq!(rules.any(|rule| is_about(rule) && writes(rule)), remedies, "{resource}");
    }
    assert_eq!(of_kind(objects, "CustomResourceDefinition").len(), crds(&CATALOGUE).len());
    let container = &of_kind(objects, "Deployment")[0]["spec"]["template"]["spec"]["containers"][0];
    let (name, value) = e2e::ENVIRONMENT;
    assert!(
        container["env"].as_array().unwrap().contains(&json!({"name": name, "value": value})),
        "{container}"
    );
    let args: Vec<&str> =
        container["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
    let program = e2e::seaworthy().unwrap();
    // Flags are read before `--help` is served, so one that does not exist is an error here.
    let output = Command::new(program).args(&args).arg("--help").output().unwrap();
    for flag in ["--remediation=pod-disruption-budgets", "--remediation=network-policies"] {
        assert_eq!(args.contains(&flag), remedies, "{args:?}");
    }
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_to_install_are_accepted() {
    let cluster = Cluster::builder().name("install").start().await.unwrap();
    // The namespace that the kustomization makes, where Pod Security is enforced.
    let labels = std::fs::read_to_string(root().join("config/manager/namespace.yaml")).unwrap();
    cluster.apply(&labels).await.unwrap();

    run_helm(&cluster, &["lint", "--strict"]);
    let release = ["template", "seaworthy", "--namespace", "seaworthy-system", "--include-crds"];
    let rendered = run_helm(&cluster, &release);
    let objects = dry_run(&cluster, "chart.yaml", &rendered).await;
    check_install(&objects, false);
    check_pod(&cluster, &objects).await;
    let more = [
        "--set",
        "replicas=2,logFormat=text,priorityClassName=system-cluster-critical,remediation.podDisruptionBudgets=true,remediation.networkPolicies=true",
    ];
    let objects = dry_run(&cluster, "more.yaml", &run_helm(&cluster, &[&release[..], &more].concat())).await;
    check_install(&objects, true);
    assert_eq!(of_kind(&objects, "PodDisruptionBudget").len(), 1);

    let kustomized =
        cluster.kubectl(&["kustomize", root().join("config/default").to_str().unwrap()]).await.unwrap();
    let objects = dry_run(&cluster, "kustomized.yaml", &kustomized).await;
    check_install(&objects, false);
    check_pod(&cluster, &objects).await;
    assert_eq!(of_kind(&objects, "Namespace").len(), 1);

    // The same, with the components that let the controller remedy what is missing.
    let overlay = cluster.dir().join("overlay");
    std::fs::create_dir_all(&overlay).unwrap();
    let relative = pathdiff(&overlay, root());
    let text = format!(
        "resources: [{relative}/config/default]\ncomponents: [{relative}/config/remediation, {relative}/config/remediation-network-policies]\n"
    );
    std::fs::write(overlay.join("kustomization.yaml"), text).unwrap();
    let kustomized = cluster.kubectl(&["kustomize", overlay.to_str().unwrap()]).await.unwrap();
    let objects = dry_run(&cluster, "component.yaml", &kustomized).await;
    check_install(&objects, true);
    cluster.stop().await.unwrap();
}

/// The way from one folder to another: kustomize takes no absolute paths.
fn pathdiff(from: &Path, to: &Path) -> String {
    let (from, to) = (from.canonicalize().unwrap(), to.canonicalize().unwrap());
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| "..".to_owned());
    let down = to.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_the_chart_does_not_have_is_refused() {
    let chart = root().join("charts/seaworthy");
    let output =
        Command::new(helm()).args(["template", "x", "--set", "excludeNamespaces={a}"]).arg(chart).output();
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("excludeNamespaces"), "{text}");
}
