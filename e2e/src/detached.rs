//! Clusters that outlive the program that started them: what `e2e up`, `status`, `kubeconfig` and `down` do.
//!
//! Not here: the command line, and clusters owned by a value.

use std::fs;
use std::path::PathBuf;

use crate::cache::Cache;
use crate::cluster::builder::check_name;
use crate::cluster::{Builder, Process, processes_in};
use crate::error::{Error, Result};
use crate::guardian::{self, STOP_ORDER};

/// A cluster's folder and what runs of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Detached {
    /// The name to call it by.
    pub name: String,
    /// Where everything of it is.
    pub dir: PathBuf,
    /// Its servers, by name.
    pub processes: Vec<Process>,
}

impl Detached {
    /// The cluster of that name.
    pub fn find(name: &str) -> Result<Self> {
        check_name(name)?;
        let dir = Cache::locate()?.clusters().join(name);
        if !dir.is_dir() {
            return Err(Error::NoSuchCluster { name: name.to_owned() });
        }
        Ok(Self { name: name.to_owned(), processes: processes_in(&dir), dir })
    }

    /// All clusters there are, by name: also those that a running test owns.
    pub fn all() -> Result<Vec<Self>> {
        // No folder is no clusters.
        let entries = fs::read_dir(Cache::locate()?.clusters()).into_iter().flatten();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut all: Vec<Self> = names.filter_map(|name| Self::find(&name).ok()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Starts a cluster under the builder's name; the caller may end.
    pub async fn up(builder: Builder, name: &str) -> Result<Self> {
        builder.name(name).detached().start().await?.detach()?;
        Self::find(name)
    }

    /// Whether every server runs.
    pub fn is_whole(&self) -> bool {
        let runs = |name| self.processes.iter().any(|process| process.name == name && process.running);
        STOP_ORDER.into_iter().all(runs)
    }

    /// The admin's kubeconfig.
    pub fn kubeconfig(&self) -> PathBuf {
        self.dir.join("kubeconfig")
    }

    /// Stops it and removes everything of it. Blocks.
    pub fn down(self) -> Result<()> {
        guardian::stop(&self.dir)
    }
}
