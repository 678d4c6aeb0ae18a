//! What a cluster shall be like, and the decision to start it: names, folders, a second try.
//!
//! Not here: the start itself (`start.rs`).

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Cluster;
use super::start::start;
use crate::cache::{Cache, create_private};
use crate::error::{Error, Result};
use crate::guardian::Guardian;
use crate::progress::Progress;
use crate::toolchain::{Tool, Toolchain};

/// Describes a cluster; [`start`](Self::start) brings it up.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    options: Options,
    progress: Option<Progress>,
    detached: bool,
}

/// The part of the description that the start needs.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) name: String,
    pub(super) nodes: u32,
    pub(super) controllers: String,
    pub(super) api_server_args: Vec<String>,
    pub(super) controller_manager_args: Vec<String>,
    pub(super) scheduler_args: Vec<String>,
    pub(super) stages: Vec<String>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            options: Options {
                name: "e2e".to_owned(),
                nodes: 0,
                controllers: "*".to_owned(),
                api_server_args: Vec::new(),
                controller_manager_args: Vec::new(),
                scheduler_args: Vec::new(),
                stages: Vec::new(),
            },
            progress: None,
            detached: false,
        }
    }

    /// A name for folders and messages; need not be unique.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.options.name = name.into();
        self
    }

    /// How many fake nodes there are from the start; none by default.
    pub fn nodes(mut self, count: u32) -> Self {
        self.options.nodes = count;
        self
    }

    /// The controllers that run, as the controller manager's flag says it: `*` is the default, and
    /// `*,-deployment-controller` rolls out no Deployments where pods do not matter.
    pub fn controllers(mut self, controllers: impl Into<String>) -> Self {
        self.options.controllers = controllers.into();
        self
    }

    /// Only the controllers that make a namespace usable: nothing needs pods, and nobody else changes anything.
    pub fn quiet(self) -> Self {
        self.controllers("serviceaccount-controller,root-ca-certificate-publisher-controller")
    }

    /// More flags for the API server. A flag given twice counts the second time.
    pub fn extra_apiserver_args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.options.api_server_args.extend(args.into_iter().map(Into::into));
        self
    }

    /// More flags for the controller manager.
    pub fn extra_controller_manager_args(
        mut self,
        args: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.options.controller_manager_args.extend(args.into_iter().map(Into::into));
        self
    }

    /// More flags for the scheduler.
    pub fn extra_scheduler_args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.options.scheduler_args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Stages for kwok (YAML documents) beside the usual ones, which make nodes and pods ready at once.
    ///
    /// Where several stages match, kwok picks by `spec.weight`; the usual ones have none. So a stage with a
    /// selector for its pods and a weight of 1 or more takes precedence.
    pub fn stages(mut self, yaml: impl Into<String>) -> Self {
        self.options.stages.push(yaml.into());
        self
    }

    /// Where each step of the start is told. By default only a build of the tools is, on stderr.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// A cluster that outlives this program: no guardian stays, and the folder has the plain name.
    pub(crate) fn detached(mut self) -> Self {
        self.detached = true;
        self
    }

    /// Brings the cluster up; returns when the API server, the controllers, the scheduler and kwok work, the
    /// `default` namespace is usable and the nodes are ready.
    ///
    /// Dropping the future stops and removes what has been started.
    pub async fn start(self) -> Result<Cluster> {
        check_name(&self.options.name)?;
        let cache = Cache::locate()?;
        let building = self.progress.clone().unwrap_or_else(Progress::stderr);
        let tools = tokio::task::spawn_blocking(move || Toolchain::ensure(&Tool::CLUSTER, &building))
            .await
            .map_err(|_| Error::CutShort("building the tools"))??;
        match self.attempt(&cache, &tools).await {
            Err(error) if error.is_port_taken() => {
                error.forget_logs();
                self.attempt(&cache, &tools).await
            }
            result => result,
        }
    }

    async fn attempt(&self, cache: &Cache, tools: &Toolchain) -> Result<Cluster> {
        let clusters = cache.clusters();
        create_private(&clusters)?;
        let dir = self.folder(clusters);
        let guardian = Guardian::over(&dir).map_err(|error| match error {
            Error::Io { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists => {
                Error::Exists { name: self.options.name.clone(), dir: dir.clone() }
            }
            other => other,
        })?;
        let progress = self.progress.clone().unwrap_or_else(Progress::silent);
        let cluster = start(cache, tools, guardian, &dir, self.options.clone(), &progress).await?;
        if self.options.nodes > 0 {
            let step = progress.step(format!("adding {} nodes", self.options.nodes), "");
            match cluster.add_nodes(self.options.nodes).await {
                Ok(()) => step.done(),
                Err(error) => {
                    // That the logs are lost would only hide why the start failed.
                    let _ = cluster.keep_logs();
                    cluster.stop().await?;
                    return Err(error);
                }
            }
        }
        Ok(cluster)
    }

    fn folder(&self, clusters: PathBuf) -> PathBuf {
        // Counts the clusters of this process, so that equal names do not meet.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = &self.options.name;
        if self.detached {
            return clusters.join(name);
        }
        match NEXT.fetch_add(1, Ordering::Relaxed) {
            0 => clusters.join(format!("{name}-{}", std::process::id())),
            more => clusters.join(format!("{name}-{}-{more}", std::process::id())),
        }
    }
}

/// Names become folder names.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let legal = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '.';
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    if begins_well && name.len() <= 63 && name.chars().all(legal) {
        Ok(())
    } else {
        Err(Error::BadName(name.to_owned()))
    }
}
