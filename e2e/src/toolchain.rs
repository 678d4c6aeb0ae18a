//! The binaries a cluster consists of: found in `KUBEBUILDER_ASSETS` or in the cache, or else built from their
//! Go modules into the cache.
//!
//! Not here: how a module is built (`toolchain/go.rs`), and which module at which version holds a tool
//! (`toolchain/recipe.rs`).

mod go;
mod local;
mod recipe;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::cache::Cache;
use crate::error::{Error, IoContext as _, Result};
use crate::progress::Progress;
pub use recipe::Tool;
use recipe::{KWOK, RECIPES, Recipe};

/// The file beside kwok with the stages that make its nodes and pods live.
const STAGES: &str = "stages.yaml";

/// Where each tool that was asked for is.
#[derive(Clone, Debug)]
pub struct Toolchain {
    paths: BTreeMap<Tool, PathBuf>,
    stages: PathBuf,
}

impl Toolchain {
    /// Finds the tools, and builds those that are nowhere yet. Blocks, for minutes if there is much to build.
    ///
    /// Each tool is looked for in `KUBEBUILDER_ASSETS` first, of whatever version it is there, then in the cache.
    pub fn ensure(tools: &[Tool], progress: &Progress) -> Result<Self> {
        Self::ensure_in(&Cache::locate()?, env::var_os("KUBEBUILDER_ASSETS"), tools, progress)
    }

    fn ensure_in(
        cache: &Cache,
        assets: Option<OsString>,
        tools: &[Tool],
        progress: &Progress,
    ) -> Result<Self> {
        // Servers get another working directory, so every path must be absolute.
        let assets = assets.filter(|dir| !dir.is_empty()).and_then(|dir| std::path::absolute(dir).ok());
        let look = |tool: Tool| {
            let given = assets.as_deref().map(|dir| dir.join(tool.name())).filter(|path| is_program(path));
            given.or_else(|| Some(cached(cache, tool)).filter(|path| is_program(path)))
        };
        let stages = cache.tool(Tool::Kwok.name(), KWOK.version).join(STAGES);
        let missing = || {
            let binaries: Vec<Tool> = tools.iter().copied().filter(|tool| look(*tool).is_none()).collect();
            let stages_too = tools.contains(&Tool::Kwok) && !stages.is_file();
            (binaries, stages_too)
        };
        if missing() != (Vec::new(), false) {
            let _lock = lock(cache, progress)?;
            // Another process may have built them while this one waited.
            let (binaries, stages_too) = missing();
            if !binaries.is_empty() || stages_too {
                build(cache, &binaries, stages_too.then_some(stages.as_path()), progress)?;
            }
        }
        let paths = tools.iter().map(|tool| (*tool, look(*tool).unwrap_or_else(|| cached(cache, *tool))));
        Ok(Self { paths: paths.collect(), stages })
    }

    /// The path of a tool that was asked for.
    pub fn path(&self, tool: Tool) -> Result<&Path> {
        self.paths.get(&tool).map(PathBuf::as_path).ok_or(Error::NotAsked(tool.name()))
    }

    /// The default stages for kwok: YAML documents. The file exists when [`Tool::Kwok`] was asked for.
    pub fn stages(&self) -> &Path {
        &self.stages
    }
}

fn cached(cache: &Cache, tool: Tool) -> PathBuf {
    cache.tool(tool.name(), tool.version()).join(tool.name())
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Holds off other processes that want to build: two builds at once would take twice as long, each.
fn lock(cache: &Cache, progress: &Progress) -> Result<File> {
    fs::create_dir_all(cache.root()).at("create", cache.root())?;
    let path = cache.root().join("build.lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).at("open", &path)?;
    let mut waiting = None;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(source).at("lock", &path),
            Err(TryLockError::WouldBlock) => {
                let step = waiting
                    .get_or_insert_with(|| progress.step("waiting for another build of the tools", ""));
                step.beat(String::new);
                thread::sleep(Duration::from_millis(200));
            }
        }
    }
}

/// Builds what is missing, recipe by recipe, under the lock.
fn build(cache: &Cache, tools: &[Tool], stages: Option<&Path>, progress: &Progress) -> Result<()> {
    remove_stale_builds(cache)?;
    let go = go::Go::new(cache, tools, progress)?;
    if !tools.is_empty() {
        let names: Vec<_> = tools.iter().map(|tool| tool.name()).collect();
        let root = cache.root().display();
        progress.say(format!("building {} from source into {root}; this is done once", names.join(", ")));
    }
    for recipe in &RECIPES {
        let wanted: Vec<Tool> =
            tools.iter().copied().filter(|tool| tool.recipe().module == recipe.module).collect();
        if !wanted.is_empty() {
            for (tool, built) in go.build(recipe, &wanted)? {
                check_version(tool, recipe, &built)?;
                install(&built, &cached(cache, tool))?;
            }
        }
    }
    if let Some(stages) = stages {
        let file = go.join_stages()?;
        install(&file, stages)?;
    }
    go.finish()
}

/// An owner that was killed together with its guardian leaves a folder; it is ours now that we have the lock.
fn remove_stale_builds(cache: &Cache) -> Result<()> {
    let entries = fs::read_dir(cache.root()).at("list", cache.root())?;
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(go::BUILD_PREFIX) && path.is_dir() {
            crate::guardian::stop(&path)?;
        }
    }
    Ok(())
}

/// Clients parse `/version`: a Kubernetes built without its version breaks them in ways hard to trace.
fn check_version(tool: Tool, recipe: &Recipe, built: &Path) -> Result<()> {
    if tool != Tool::KubeApiserver {
        return Ok(());
    }
    let output = std::process::Command::new(built).arg("--version").output().at("run", built)?;
    let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let expected = format!("Kubernetes {}", recipe.version);
    if found == expected {
        Ok(())
    } else {
        Err(Error::WrongVersion { path: built.to_owned(), expected, found })
    }
}

/// Puts a finished file in its place at once, so that an interrupted build leaves nothing half-made there.
fn install(built: &Path, place: &Path) -> Result<()> {
    if let Some(dir) = place.parent() {
        fs::create_dir_all(dir).at("create", dir)?;
    }
    fs::rename(built, place).at("put in place", place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guardian::Guardian;

    #[test]
    fn given_programs_are_used_and_cached_ones_fill_the_gaps_without_a_build() {
        let dir = env::temp_dir().join(format!("seaworthy-e2e-toolchain-{}", std::process::id()));
        let guardian = Guardian::over(&dir).unwrap();
        let cache = Cache::at(dir.join("cache"));
        let program = |path: &Path| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        };
        let given = dir.join("assets/etcd");
        program(&given);
        program(&cached(&cache, Tool::Etcd));
        program(&cached(&cache, Tool::Kwok));
        // There, but no program.
        fs::write(dir.join("assets/kwok"), "").unwrap();
        fs::write(cached(&cache, Tool::Kwok).with_file_name(STAGES), "").unwrap();

        let assets = Some(dir.join("assets").into_os_string());
        let silent = Progress::silent();
        let tools = Toolchain::ensure_in(&cache, assets, &[Tool::Etcd, Tool::Kwok], &silent).unwrap();
        assert_eq!(tools.path(Tool::Etcd).unwrap(), given);
        assert_eq!(tools.path(Tool::Kwok).unwrap(), cached(&cache, Tool::Kwok));
        assert!(tools.path(Tool::Helm).is_err());
        guardian.stop().unwrap();
    }
}
