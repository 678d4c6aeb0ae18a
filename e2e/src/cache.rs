//! Where things are kept outside the source tree: binaries by version, the state of clusters, kept logs.
//!
//! Not here: what is put there, or when it is removed.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, IoContext as _, Result};

/// The cache folder: `$SEAWORTHY_CACHE`, or `seaworthy` in `$XDG_CACHE_HOME` or `~/.cache`.
///
/// It lives outside the tree, so that `git clean` and a fresh clone do not pay for the build again.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// The cache the environment names.
    pub fn locate() -> Result<Self> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let root = set("SEAWORTHY_CACHE")
            .or_else(|| set("XDG_CACHE_HOME").map(|dir| dir.join("seaworthy")))
            .or_else(|| set("HOME").map(|dir| dir.join(".cache/seaworthy")))
            .ok_or(Error::NoCache)?;
        // Servers get another working directory, so every path must be absolute.
        Ok(Self { root: std::path::absolute(&root).at("resolve", &root)? })
    }

    /// A cache in this folder, whatever the environment says.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of one version of one tool.
    pub(crate) fn tool(&self, name: &str, version: &str) -> PathBuf {
        self.root.join("bin").join(format!("{name}-{version}"))
    }

    /// The folder with one folder for each cluster.
    pub(crate) fn clusters(&self) -> PathBuf {
        self.root.join("clusters")
    }

    /// Where logs are kept after a failure: `e2e-logs` in cargo's target folder when this program was built
    /// there (the place where a developer looks), else in the cache.
    pub(crate) fn kept_logs(&self) -> PathBuf {
        // Cargo marks its target folder, wherever it is, with this file: that also holds for CARGO_TARGET_DIR.
        let target = env::current_exe().ok().and_then(|exe| {
            exe.ancestors().find(|dir| dir.join("CACHEDIR.TAG").is_file()).map(Path::to_owned)
        });
        target.unwrap_or_else(|| self.root.clone()).join("e2e-logs")
    }
}

/// Makes a folder, and those above it, that only its owner can read: keys are kept in it.
pub(crate) fn create_private(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).at("create", dir)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).at("protect", dir)
}
