//! The start: certificates, files, servers one after the other, each waited for.
//!
//! Not here: flags (`flags.rs`), and what is done when a cluster is no longer wanted (`guardian.rs`).

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, ServiceAccount};
use kube::api::Api;

use super::audit;
use super::builder::Options;
use super::flags::Layout;
use super::logs;
use super::ports::Ports;
use super::stages::GONE;
use super::{Cluster, Parts};
use crate::cache::{Cache, create_private};
use crate::error::{Error, IoContext as _, Result};
use crate::guardian::Guardian;
use crate::kubeconfig::{self, Credential};
use crate::pki::{Identity, Pki};
use crate::process::{Running, Spawn, tail};
use crate::progress::Progress;
use crate::toolchain::{Tool, Toolchain};
use crate::wait::{Look, poll};

/// How much of a log is shown when a server fails.
const TAIL: usize = 15;

/// Generous: on a busy machine the API server alone may take a minute.
const PATIENCE: Duration = Duration::from_secs(120);

/// A start in progress. When it is dropped half-way, so is the guardian, which stops and removes everything.
struct Start<'a> {
    // Dropped in this order: the guardian stops the servers, and only then are their exits collected.
    guardian: Guardian,
    servers: Vec<Running>,
    tools: &'a Toolchain,
    layout: Layout<'a>,
    pki: Pki,
    admin: Identity,
}

/// Starts everything in the guarded folder. After a failure nothing is left but the logs, kept elsewhere.
pub(super) async fn start(
    cache: &Cache,
    tools: &Toolchain,
    guardian: Guardian,
    dir: &Path,
    options: Options,
    progress: &Progress,
) -> Result<Cluster> {
    let step = progress.step(format!("starting the cluster {}", options.name), "about 10 s");
    let pki = Pki::create(&dir.join("pki"))?;
    let admin = pki.client("admin", Some("system:masters"))?;
    let layout = Layout { dir, ports: Ports::pick()?, options: &options };
    let mut start = Start { guardian, servers: Vec::new(), tools, layout, pki, admin };
    match start.run(progress).await {
        Ok(client) => {
            step.done();
            let config = start.config(&start.layout.api_url())?;
            let Start { guardian, servers, pki, layout, .. } = start;
            let api_url = layout.api_url();
            let kubectl = tools.path(Tool::Kubectl)?.to_owned();
            let (dir, logs) = (dir.to_owned(), cache.kept_logs());
            let kubeconfig = dir.join("kubeconfig");
            let parts = Parts { dir, kubeconfig, api_url, config, client, pki, kubectl, logs };
            Ok(Cluster::new(options.name, guardian, servers, parts))
        }
        Err(error) => {
            let kept = logs::keep(dir, &cache.kept_logs());
            let Start { guardian, servers, .. } = start;
            let stopped = tokio::task::spawn_blocking(move || guardian.stop()).await;
            drop(servers);
            match (stopped, kept) {
                (Ok(Err(left)), _) => Err(left),
                (_, Ok(folder)) => Err(error.with_logs_in(&folder)),
                // A log that cannot be kept is no reason to hide why the start failed: its end is in the error.
                (_, Err(_)) => Err(error),
            }
        }
    }
}

impl Start<'_> {
    async fn run(&mut self, progress: &Progress) -> Result<kube::Client> {
        self.write_files()?;

        let etcd = self.layout.etcd();
        self.spawn(Tool::Etcd, &etcd)?;
        let url = self.layout.etcd_url();
        self.healthy(Tool::Etcd, &url, "/health").await?;

        let flags = self.layout.api_server();
        self.spawn(Tool::KubeApiserver, &flags)?;
        let url = self.layout.api_url();
        let client = self.healthy(Tool::KubeApiserver, &url, "/readyz").await?;
        progress.say(format!("the API server is ready at {url}"));

        // The rest comes up side by side.
        let flags = self.layout.controller_manager();
        self.spawn(Tool::KubeControllerManager, &flags)?;
        let flags = self.layout.scheduler();
        self.spawn(Tool::KubeScheduler, &flags)?;
        let flags = self.layout.kwok();
        self.spawn(Tool::Kwok, &flags)?;
        let ports = self.layout.ports;
        let url = format!("https://127.0.0.1:{}", ports.controller_manager);
        self.healthy(Tool::KubeControllerManager, &url, "/healthz").await?;
        let url = format!("https://127.0.0.1:{}", ports.scheduler);
        self.healthy(Tool::KubeScheduler, &url, "/healthz").await?;
        let url = format!("http://127.0.0.1:{}", ports.kwok);
        self.healthy(Tool::Kwok, &url, "/healthz").await?;
        self.namespace_usable(&client).await?;
        Ok(client)
    }

    /// Kubeconfigs, the audit policy and the stages.
    fn write_files(&self) -> Result<()> {
        let dir = self.layout.dir;
        let url = self.layout.api_url();
        let folder = dir.join("kubeconfigs");
        create_private(&folder)?;
        let write = |path: &Path, identity: &Identity| {
            kubeconfig::write(path, &url, &self.pki, &Credential::Certificate(identity), "default")
        };
        write(&dir.join("kubeconfig"), &self.admin)?;
        for (file, user, group) in [
            ("kube-controller-manager", "system:kube-controller-manager", None),
            ("kube-scheduler", "system:kube-scheduler", None),
            ("kwok", "kwok", Some("system:masters")),
        ] {
            write(&folder.join(file), &self.pki.client(user, group)?)?;
        }
        let policy = dir.join("audit-policy.yaml");
        fs::write(&policy, audit::POLICY).at("write", &policy)?;

        let usual = self.tools.stages();
        let mut stages = fs::read_to_string(usual).at("read", usual)?;
        let own = self.layout.options.stages.iter().map(String::as_str);
        for own in [GONE].into_iter().chain(own) {
            stages.push_str("\n---\n");
            stages.push_str(own);
        }
        let file = dir.join("stages.yaml");
        fs::write(&file, stages).at("write", &file)
    }

    fn spawn(&mut self, tool: Tool, flags: &[String]) -> Result<()> {
        let direct = OsStr::new("127.0.0.1,localhost");
        // A proxy of the environment would break TLS on loopback.
        let env = [("NO_PROXY", direct), ("no_proxy", direct)];
        let dir = self.layout.dir;
        let program = self.tools.path(tool)?;
        let spawn = Spawn { dir, name: tool.name(), program, cwd: dir, env: &env, stdout: None };
        self.servers.push(spawn.start(flags)?);
        Ok(())
    }

    fn config(&self, url: &str) -> Result<kube::Config> {
        kubeconfig::config(url, &self.pki, &self.admin)
    }

    /// Waits until a server says it is well, and gives a client that talks to it.
    async fn healthy(&mut self, tool: Tool, url: &str, path: &str) -> Result<kube::Client> {
        let mut config = self.config(url)?;
        // Waiting does the repeating here, and wants to see each answer.
        config.default_retry = false;
        let probe = kubeconfig::client(config)?;
        let what = format!("{} answering {path}", tool.name());
        self.wait(tool, &what, async || {
            let request = http::Request::get(path).body(Vec::new()).map_err(|error| error.to_string())?;
            probe.request_text(request).await.map(drop).map_err(|error| error.to_string())
        })
        .await?;
        kubeconfig::client(self.config(url)?)
    }

    /// A namespace can hold pods only when the controllers have put these two into it.
    async fn namespace_usable(&mut self, client: &kube::Client) -> Result<()> {
        let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), "default");
        let maps: Api<ConfigMap> = Api::namespaced(client.clone(), "default");
        self.wait(
            Tool::KubeControllerManager,
            "the default ServiceAccount and kube-root-ca.crt",
            async || {
                accounts.get("default").await.map_err(|error| error.to_string())?;
                maps.get("kube-root-ca.crt").await.map_err(|error| error.to_string())?;
                Ok(())
            },
        )
        .await
    }

    /// Waits for a sign of one server, and gives up at once when any of them ends.
    async fn wait(
        &mut self,
        tool: Tool,
        what: &str,
        look: impl AsyncFn() -> Result<(), String>,
    ) -> Result<()> {
        let servers = &mut self.servers;
        let waited = poll(what, PATIENCE, async || {
            for server in servers.iter_mut() {
                if let Ok(Some(status)) = server.child.try_wait() {
                    return Look::Never(Error::Died {
                        name: server.name,
                        status,
                        awaited: format!("waiting for {what}"),
                        tail: tail(&server.log, TAIL),
                        log: server.log.clone(),
                    });
                }
            }
            match look().await {
                Ok(()) => Look::Done(()),
                Err(seen) => Look::NotYet(seen),
            }
        })
        .await;
        waited.map_err(|error| match error {
            Error::Timeout { .. } => {
                let log = self.layout.dir.join("log").join(tool.name()).with_extension("log");
                Error::NotReady { name: tool.name(), timeout: Box::new(error), tail: tail(&log, TAIL), log }
            }
            other => other,
        })
    }
}
