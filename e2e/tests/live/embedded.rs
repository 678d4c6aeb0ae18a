//! Real clusters: side by side, failing to start, stopped, killed, and through the command.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use e2e::{Cluster, Process, wait_for};
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{Api, ListParams};

/// Set in the child that [`nothing_is_left_when_the_owner_is_killed`] starts.
const CHILD: &str = "SEAWORTHY_E2E_CHILD";

fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie has ended; who collects it is not this test's matter.
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

fn assert_all_gone(dir: &Path, pids: &[u32]) {
    let left: Vec<_> = pids.iter().filter(|pid| runs(**pid)).collect();
    assert!(left.is_empty(), "still running: {left:?}");
    assert!(!dir.exists(), "{} is still there", dir.display());
}

async fn wait_all_gone(dir: &Path, pids: &[u32]) {
    wait_for("the end of everything", Duration::from_secs(60), || async {
        let left = pids.iter().filter(|pid| runs(**pid)).count();
        if left == 0 && !dir.exists() {
            Ok(Some(()))
        } else {
            Err(format!("{left} processes, dir: {}", dir.exists()))
        }
    })
    .await
    .unwrap();
}

fn pids(processes: &[Process]) -> Vec<u32> {
    assert_eq!(processes.len(), 5, "{processes:?}");
    assert!(processes.iter().all(|process| process.running && runs(process.pid)), "{processes:?}");
    processes.iter().map(|process| process.pid).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clusters_side_by_side_and_nothing_left_after_stop() {
    let (one, two) = tokio::join!(
        Cluster::builder().name("side").nodes(2).start(),
        Cluster::builder().name("side").start()
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.dir(), two.dir());

    one.apply("{apiVersion: v1, kind: Namespace, metadata: {name: only-in-one}}").await.unwrap();
    assert!(one.kubectl(&["get", "namespace", "only-in-one", "-o", "name"]).await.is_ok());
    let missing = two.kubectl(&["get", "namespace", "only-in-one"]).await.unwrap_err().to_string();
    assert!(missing.contains("NotFound"), "{missing}");

    let nodes: Api<Node> = Api::all(one.client());
    assert_eq!(nodes.list(&ListParams::default()).await.unwrap().items.len(), 2);
    one.add_nodes(1).await.unwrap();
    assert_eq!(nodes.list(&ListParams::default()).await.unwrap().items.len(), 3);

    let mut all = pids(&one.processes());
    all.extend(pids(&two.processes()));
    let api_server = one.processes().into_iter().find(|process| process.name == "kube-apiserver").unwrap();
    let usage = api_server.usage().unwrap();
    assert!(usage.rss > 50 << 20 && usage.peak_rss >= usage.rss && usage.cpu > Duration::ZERO, "{usage:?}");

    let dirs = [one.dir().to_owned(), two.dir().to_owned()];
    one.stop().await.unwrap();
    drop(two);
    dirs.iter().for_each(|dir| assert_all_gone(dir, &all));
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_run_a_service_account_calls_and_the_audit_log_tells_who() {
    let never_ready = "
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: never-ready}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchLabels: {never: ready}
    matchExpressions: [{key: .status.phase, operator: NotIn, values: [Running]}]
  weight: 1
  next:
    statusTemplate: |
      phase: Running
      conditions: [{type: Ready, status: 'False', reason: ByStage}]
";
    let cluster = Cluster::builder().name("life").nodes(3).stages(never_ready).start().await.unwrap();
    let pod = |name: &str, labels: &str| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: default, labels: {labels}}}, \
             spec: {{containers: [{{name: c, image: example.org/none}}]}}}}\n"
        )
    };
    let yaml = [pod("well", "{}"), pod("ill", "{never: ready}")].join("---\n");
    cluster.apply(&yaml).await.unwrap();
    let pods: Api<Pod> = Api::namespaced(cluster.client(), "default");
    let ready = async |name: &str| {
        let status = pods.get(name).await.map_err(|error| error.to_string())?.status.unwrap_or_default();
        let condition = status.conditions.unwrap_or_default().into_iter().find(|item| item.type_ == "Ready");
        Ok::<_, String>(condition.map(|item| (item.status, item.reason.unwrap_or_default())))
    };
    let well = wait_for("a ready pod", Duration::from_secs(30), || ready("well")).await.unwrap();
    assert_eq!(well.0, "True");
    let ill = wait_for("a pod with a condition", Duration::from_secs(30), || ready("ill")).await.unwrap();
    assert_eq!(ill, ("False".to_owned(), "ByStage".to_owned()));

    let path = cluster.service_account_kubeconfig("shop", "reader").await.unwrap();
    // A second time finds both there already.
    cluster.service_account_kubeconfig("shop", "reader").await.unwrap();
    let refused = cluster.kubectl(&["--kubeconfig", path.to_str().unwrap(), "get", "pods"]).await;
    assert!(refused.unwrap_err().to_string().contains("system:serviceaccount:shop:reader"));
    let entry = wait_for("the call in the audit log", Duration::from_secs(10), || async {
        let entries = cluster.audit().await.map_err(|error| error.to_string())?;
        assert!(entries.iter().all(|entry| !entry.user.starts_with("system:serviceaccount:kube-system:")));
        let theirs = |user: &str| user == "system:serviceaccount:shop:reader";
        Ok::<_, String>(entries.into_iter().find(|entry| theirs(&entry.user) && entry.resource == "pods"))
    })
    .await
    .unwrap();
    assert_eq!((entry.verb.as_str(), entry.namespace.as_str(), entry.code), ("list", "shop", 403));
    assert!(entry.user_agent.starts_with("kubectl/"), "{entry:?}");
    cluster.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_start_names_the_process_its_last_lines_and_its_log() {
    let builder = Cluster::builder().name("broken").extra_apiserver_args(["--no-such-flag=1"]);
    let message = builder.start().await.unwrap_err().to_string();
    assert!(message.starts_with("kube-apiserver ended with exit status: 1"), "{message}");
    assert!(message.contains("unknown flag: --no-such-flag"), "{message}");
    let (_, log) = message.rsplit_once("its log: ").unwrap();
    let log = PathBuf::from(log);
    assert!(std::fs::read_to_string(&log).unwrap().contains("--no-such-flag"));
    let folder = log.parent().unwrap();
    let running = e2e::Detached::all().unwrap();
    let name = folder.file_name().unwrap().to_str().unwrap();
    assert!(running.iter().all(|cluster| cluster.name != name), "{running:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_test_leaves_its_logs_and_nothing_else() {
    let cluster = Cluster::builder().name("panic").start().await.unwrap();
    let (dir, pids) = (cluster.dir().to_owned(), pids(&cluster.processes()));
    let owner = std::thread::spawn(move || {
        let _cluster = cluster;
        panic!("as a failed assertion does");
    });
    assert!(owner.join().is_err());
    assert_all_gone(&dir, &pids);
    let target = std::env::current_exe().unwrap();
    let target = target.ancestors().find(|dir| dir.join("CACHEDIR.TAG").is_file()).unwrap();
    let kept = target.join("e2e-logs").join(dir.file_name().unwrap());
    assert!(kept.join("kube-apiserver.log").is_file() && kept.join("audit.log").is_file());
    std::fs::remove_dir_all(kept).unwrap();
}

/// Not a test by itself: the owner that gets killed.
#[tokio::test(flavor = "multi_thread")]
async fn child_that_owns_a_cluster() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let cluster = Cluster::builder().name("orphan").start().await.unwrap();
    println!("\nDIR {}", cluster.dir().display());
    for process in cluster.processes() {
        println!("PID {}", process.pid);
    }
    println!("THAT IS ALL");
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_when_the_owner_is_killed() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "embedded::child_that_owns_a_cluster", "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut dir, mut pids) = (PathBuf::new(), Vec::new());
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        match line.unwrap().split_once(' ') {
            Some(("DIR", path)) => dir = PathBuf::from(path),
            Some(("PID", pid)) => pids.push(pid.parse().unwrap()),
            Some(("THAT", _)) => break,
            _ => {}
        }
    }
    assert!(dir.is_dir() && pids.len() == 5 && pids.iter().all(|pid| runs(*pid)), "{dir:?} {pids:?}");
    // SIGKILL: no destructor runs.
    child.kill().unwrap();
    child.wait().unwrap();
    wait_all_gone(&dir, &pids).await;
}

/// The command, with a name that no other run of this test uses at the same time.
fn e2e(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_e2e"));
    command.args(args);
    command
}

fn output(args: &[&str]) -> (Output, String) {
    let output = e2e(args).output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, text)
}

/// Removes the cluster also when an assertion fails.
struct Down(String);

impl Drop for Down {
    fn drop(&mut self) {
        drop(output(&["down", "--name", &self.0]));
    }
}

fn pids_in(status: &str) -> Vec<u32> {
    let pid = |line: &str| line.split_once(" pid ")?.1.split_whitespace().next()?.parse().ok();
    status.lines().filter_map(pid).collect()
}

#[test]
fn the_command_starts_shows_and_removes_a_cluster() {
    let name = format!("cli{}", std::process::id());
    let _down = Down(name.clone());
    let (up, text) = output(&["up", "--name", &name, "--nodes", "1"]);
    assert!(up.status.success(), "{text}");
    let (path, printed) = output(&["kubeconfig", "--name", &name]);
    assert!(path.status.success(), "{printed}");
    let kubeconfig = PathBuf::from(printed.trim());
    assert!(kubeconfig.is_file());
    assert_eq!(
        String::from_utf8(up.stdout).unwrap(),
        format!("export KUBECONFIG={}\n", kubeconfig.display())
    );

    let (again, text) = output(&["up", "--name", &name]);
    assert!(again.status.success() && text.contains("is up already"), "{text}");
    let (status, text) = output(&["status", "--name", &name]);
    assert!(status.status.success() && text.contains("MiB"), "{text}");
    let pids = pids_in(&text);
    assert!(pids.len() == 5 && pids.iter().all(|pid| runs(*pid)), "{text}");

    let (down, text) = output(&["down", "--name", &name]);
    assert!(down.status.success(), "{text}");
    assert_all_gone(kubeconfig.parent().unwrap(), &pids);
    for args in [["status", "--name", &name], ["down", "--name", &name], ["kubeconfig", "--name", &name]] {
        let (gone, text) = output(&args);
        assert_eq!(gone.status.code(), Some(3), "{text}");
        assert!(text.contains("e2e up --name"), "{text}");
    }
}

#[tokio::test]
async fn an_interrupted_up_leaves_nothing() {
    let name = format!("stop{}", std::process::id());
    let _down = Down(name.clone());
    let mut child: Child = e2e(&["up", "--name", &name]).stderr(Stdio::null()).spawn().unwrap();
    // In the middle: some of the servers are there, and not all.
    let (dir, pids) = wait_for("the API server's start", Duration::from_secs(60), || async {
        let (_, text) = output(&["status", "--name", &name]);
        let dir = text.split_once(", in ").and_then(|(_, rest)| rest.lines().next()).map(PathBuf::from);
        let begun = text.lines().any(|line| line.contains("kube-apiserver") && line.contains(" pid "));
        if begun { Ok(dir.map(|dir| (dir, pids_in(&text)))) } else { Err(text) }
    })
    .await
    .unwrap();
    let kill =
        Command::new("/bin/sh").args(["-c", "kill -s INT \"$0\"", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_all_gone(&dir, &pids);
}
