//! A running cluster: what a test does with it.
//!
//! Not here: bringing it up (`cluster/start.rs`), stopping it and removing it (`guardian.rs`), clusters that
//! outlive the program (`detached.rs`).

mod audit;
pub(crate) mod builder;
mod flags;
mod logs;
mod nodes;
mod ports;
mod stages;
mod start;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::{Api, ObjectMeta, PostParams};
use tokio::io::AsyncWriteExt as _;

pub use audit::AuditEntry;
pub use builder::Builder;

use crate::error::{Error, IoContext as _, Result, command_line};
use crate::guardian::Guardian;
use crate::kubeconfig::{self, Credential};
use crate::pki::Pki;
use crate::proc_stat::Usage;
use crate::process::{Running, recorded};
use crate::progress::Progress;

/// A control plane on loopback, owned by this value: when it is dropped, or when this program ends in whatever
/// way, its processes are stopped and its folder is removed.
///
/// When it is dropped by a panic (a failed test), its logs are kept, and stderr says where.
pub struct Cluster {
    name: String,
    guardian: Option<Guardian>,
    // After the guardian, so that the exits are collected when the servers have been stopped.
    servers: Vec<Running>,
    parts: Parts,
}

/// What a cluster needs beside its processes.
struct Parts {
    dir: PathBuf,
    kubeconfig: PathBuf,
    api_url: String,
    config: kube::Config,
    client: kube::Client,
    pki: Pki,
    kubectl: PathBuf,
    logs: PathBuf,
}

/// A server of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Process {
    /// The program, as in `kube-apiserver`.
    pub name: String,
    /// Its process id.
    pub pid: u32,
    /// Whether it runs. When it does not, the pid may be another process by now.
    pub running: bool,
}

impl Process {
    /// What it uses; None when it does not run.
    pub fn usage(&self) -> Option<Usage> {
        self.running.then(|| Usage::of(self.pid)).flatten()
    }
}

/// The servers recorded in a cluster's folder, by name.
pub(crate) fn processes_in(dir: &Path) -> Vec<Process> {
    let of = |found: crate::process::Recorded| {
        let running = found.is_running();
        Process { name: found.name, pid: found.pid, running }
    };
    recorded(dir).into_iter().map(of).collect()
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Cluster")
            .field("name", &self.name)
            .field("dir", &self.parts.dir)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Describes a cluster to be started.
    pub fn builder() -> Builder {
        Builder::new()
    }

    fn new(name: String, guardian: Guardian, servers: Vec<Running>, parts: Parts) -> Self {
        Self { name, guardian: Some(guardian), servers, parts }
    }

    /// The name it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A client that is admin. It works within the async runtime in which the cluster was started; for another
    /// runtime, make one from [`config`](Self::config).
    pub fn client(&self) -> kube::Client {
        self.parts.client.clone()
    }

    /// The configuration of an admin client, for clients with settings of their own. It never names a proxy.
    pub fn config(&self) -> kube::Config {
        self.parts.config.clone()
    }

    /// The admin's kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        &self.parts.kubeconfig
    }

    /// The address of the API server, as in `https://127.0.0.1:40123`.
    pub fn api_url(&self) -> &str {
        &self.parts.api_url
    }

    /// The folder with everything that belongs to the cluster; gone with it. Tests may put files there.
    pub fn dir(&self) -> &Path {
        &self.parts.dir
    }

    /// The log of a server, by its program's name.
    pub fn log(&self, process: &str) -> PathBuf {
        self.parts.dir.join("log").join(format!("{process}.log"))
    }

    /// Runs kubectl as admin and gives what it wrote to stdout.
    pub async fn kubectl<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<String> {
        self.run_kubectl(args, None).await
    }

    /// Applies YAML documents on the server's side, as `kubectl apply --server-side -f -` does.
    pub async fn apply(&self, yaml: &str) -> Result<String> {
        self.run_kubectl(&["apply", "--server-side", "-f", "-"], Some(yaml)).await
    }

    async fn run_kubectl<S: AsRef<OsStr>>(&self, args: &[S], input: Option<&str>) -> Result<String> {
        let program = &self.parts.kubectl;
        let mut child = tokio::process::Command::new(program)
            .arg("--kubeconfig")
            .arg(self.kubeconfig())
            .args(args)
            .envs([
                ("NO_PROXY", "127.0.0.1,localhost"),
                ("no_proxy", "127.0.0.1,localhost"),
                ("KUBERC", "off"),
            ])
            // Its cache would otherwise stay behind in the home folder.
            .env("KUBECACHEDIR", self.parts.dir.join("kubectl"))
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .at("run", program)?;
        let pipe = child.stdin.take();
        let feed = async {
            if let (Some(mut pipe), Some(text)) = (pipe, input) {
                // kubectl that ends early says why on stderr; that it did not read everything adds nothing.
                let _ = pipe.write_all(text.as_bytes()).await;
            }
        };
        let (output, ()) = tokio::join!(child.wait_with_output(), feed);
        let output = output.at("wait for", program)?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(Error::Command { command: command_line(program, args), status: output.status, stderr })
        }
    }

    /// A kubeconfig with a token of that ServiceAccount, good for a day. Namespace and ServiceAccount are made
    /// if they are missing; what it may do is for the caller to say with RBAC.
    pub async fn service_account_kubeconfig(&self, namespace: &str, name: &str) -> Result<PathBuf> {
        let named = |name: &str| ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
        let params = PostParams::default();
        let existing_is_fine = |error: kube::Error| match error {
            kube::Error::Api(status) if status.is_already_exists() => Ok(()),
            other => Err(other),
        };
        let object = Namespace { metadata: named(namespace), ..Namespace::default() };
        let created = Api::all(self.client()).create(&params, &object).await.map(drop);
        created.or_else(existing_is_fine).map_err(kube_error("create a namespace"))?;

        let accounts: Api<ServiceAccount> = Api::namespaced(self.client(), namespace);
        let account = ServiceAccount { metadata: named(name), ..ServiceAccount::default() };
        let created = accounts.create(&params, &account).await.map(drop);
        created.or_else(existing_is_fine).map_err(kube_error("create a ServiceAccount"))?;

        let spec = TokenRequestSpec { expiration_seconds: Some(24 * 60 * 60), ..TokenRequestSpec::default() };
        let request = TokenRequest { spec, ..TokenRequest::default() };
        let answer = accounts.create_token_request(name, &params, &request).await;
        let status = answer.map_err(kube_error("request a token"))?.status;
        let what = format!("requesting a token of {namespace}/{name}");
        let token = status.ok_or(Error::Incomplete { what, lacking: "a status with the token" })?.token;

        let path = self.parts.dir.join("kubeconfigs").join(format!("{namespace}.{name}"));
        let credential = Credential::Token(&token);
        kubeconfig::write(&path, &self.parts.api_url, &self.parts.pki, &credential, namespace)?;
        Ok(path)
    }

    /// Adds fake nodes, in the zones z0, z1 and z2 in turn, with room for 500 pods each, and waits until they
    /// are ready.
    pub async fn add_nodes(&self, count: u32) -> Result<()> {
        nodes::add(self, count).await
    }

    /// What has been asked of the API server so far, in the order of the answers, without the control plane's
    /// own calls. The last answers may be missing for a moment.
    pub async fn audit(&self) -> Result<Vec<AuditEntry>> {
        let path = self.log("audit");
        let read = tokio::task::spawn_blocking(move || audit::read(&path)).await;
        read.map_err(|_| Error::CutShort("reading the audit log"))?
    }

    /// The servers, by name.
    pub fn processes(&self) -> Vec<Process> {
        processes_in(&self.parts.dir)
    }

    /// Stops the servers and removes everything; returns when that is done.
    pub async fn stop(mut self) -> Result<()> {
        let Some(guardian) = self.guardian.take() else { return Ok(()) };
        let servers = std::mem::take(&mut self.servers);
        let stopped = tokio::task::spawn_blocking(move || guardian.stop()).await;
        drop(servers);
        stopped.map_err(|_| Error::CutShort("stopping the cluster"))?
    }

    /// Lets the cluster live on when this program has ended; gives its folder.
    pub(crate) fn detach(mut self) -> Result<PathBuf> {
        if let Some(guardian) = self.guardian.take() {
            guardian.release()?;
        }
        Ok(self.parts.dir.clone())
    }

    /// Copies the logs to where they outlive the cluster, `e2e-logs` in cargo's target folder, and gives the
    /// folder. A panic does so by itself; a test that ends with an error, or a benchmark, may want to.
    pub fn keep_logs(&self) -> Result<PathBuf> {
        logs::keep(&self.parts.dir, &self.parts.logs)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() && self.guardian.is_some() {
            let line = match self.keep_logs() {
                Ok(folder) => format!("the logs of the cluster {} are in {}", self.name, folder.display()),
                Err(error) => format!("the logs of the cluster {} are lost: {error}", self.name),
            };
            Progress::stderr().say(line);
        }
    }
}

/// Adds to a client's error what was being done.
fn kube_error(doing: &'static str) -> impl FnOnce(kube::Error) -> Error {
    move |source| Error::Kube { doing: doing.to_owned(), source: Box::new(source) }
}
