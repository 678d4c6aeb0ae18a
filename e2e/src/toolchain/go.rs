//! Builds programs of a Go module through a wrapper module, and says how far it is.
//!
//! A wrapper, because `go install` refuses modules that have `replace` lines, as Kubernetes and etcd do.
//!
//! Not here: what is built when, and where the result goes.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::local;
use super::recipe::{KWOK, KWOK_STAGES, Recipe, Tool};
use crate::cache::Cache;
use crate::error::{Error, IoContext as _, Result, command_line};
use crate::guardian::Guardian;
use crate::process::{Spawn, tail};
use crate::progress::Progress;

/// What the names of build folders begin with.
pub(super) const BUILD_PREFIX: &str = "build-";
/// The linker drops it, so it need not be made in the first place: a tenth of the compiler's time.
const NO_DEBUG_INFO: &str = "-gcflags=all=-dwarf=false";

/// A build in progress: a guarded folder (an interrupted build stops its compilers and leaves no folder), and a
/// Go build cache of its own.
#[derive(Debug)]
pub(super) struct Go {
    program: PathBuf,
    dir: PathBuf,
    /// Kept when a build is interrupted, so that the next one goes on from there; deleted when it has succeeded,
    /// because it is several times bigger than the programs.
    go_cache: PathBuf,
    guardian: Guardian,
    progress: Progress,
}

/// What `go mod download -json` says.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Downloaded {
    go_mod: Option<PathBuf>,
    dir: Option<PathBuf>,
}

/// What `go mod edit -json` says.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModFile {
    go: Option<String>,
    replace: Option<Vec<Replace>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Replace {
    old: Module,
    new: Module,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Module {
    path: String,
    #[serde(default)]
    version: String,
}

impl Go {
    pub(super) fn new(cache: &Cache, tools: &[Tool], progress: &Progress) -> Result<Self> {
        let names = || match tools {
            [] => "the stages of kwok".to_owned(),
            _ => tools.iter().map(|tool| tool.name()).collect::<Vec<_>>().join(", "),
        };
        let program = find_go().map_err(|source| Error::GoMissing { tools: names(), source })?;
        let dir = cache.root().join(format!("{BUILD_PREFIX}{}", std::process::id()));
        let guardian = Guardian::over(&dir)?;
        for part in ["tmp", "out"] {
            fs::create_dir(dir.join(part)).at("create", &dir)?;
        }
        let go_cache = cache.root().join("go-build");
        if go_cache.exists() {
            progress.say("going on from where an interrupted build stopped");
        }
        Ok(Self { program, dir, go_cache, guardian, progress: progress.clone() })
    }

    /// Builds programs of one module and gives their paths in the build folder.
    pub(super) fn build(&self, recipe: &Recipe, tools: &[Tool]) -> Result<Vec<(Tool, PathBuf)>> {
        let names = tools.iter().map(|tool| tool.name()).collect::<Vec<_>>().join(", ");
        let version = tools.first().map_or(recipe.version, |tool| tool.version());
        let fetching = format!("fetching the sources of {names} {version}");
        let wrapper = self.dir.join(format!("wrap-{}", recipe.module.replace('/', "-")));
        fs::create_dir(&wrapper).at("create", &wrapper)?;
        match recipe.folder {
            Some(folder) => local::copy(Path::new(folder), &wrapper)?,
            None => {
                let go_mod = wrapper.join("go.mod");
                fs::write(&go_mod, self.wrapper(recipe)?).at("write", &go_mod)?;
            }
        }

        let packages: Vec<String> = tools.iter().map(|tool| tool.package()).collect();
        let tags = format!("-tags={}", recipe.tags);
        // Listing comes first: it downloads everything, and tells how many packages there are to compile.
        let mut args = vec!["list", "-deps", &tags];
        args.extend(packages.iter().map(String::as_str));
        let listed = self.run(&fetching, "", &wrapper, &args, |log| {
            format!("{} modules", lines(log).filter(|line| line.starts_with("go: downloading")).count())
        })?;
        let total = listed.lines().count();

        let mut flags = "-s -w".to_owned();
        for (variable, value) in recipe.stamp {
            let _ = write!(flags, " -X {variable}={value}");
        }
        let ldflags = format!("-ldflags={flags}");
        let out = format!("{}/", self.dir.join("out").display());
        let mut args = vec!["build", "-v", "-trimpath", &tags, NO_DEBUG_INFO, &ldflags, "-o", &out];
        args.extend(packages.iter().map(String::as_str));
        self.run(&format!("building {names} {version}"), recipe.about, &wrapper, &args, |log| {
            let compiled: BTreeSet<&str> = lines(log).filter(|line| !line.starts_with("go: ")).collect();
            format!("{} of at most {total} packages", compiled.len())
        })?;
        Ok(tools.iter().map(|tool| (*tool, self.dir.join("out").join(tool.built_name()))).collect())
    }

    /// Joins the stages of kwok into one file in the build folder.
    pub(super) fn join_stages(&self) -> Result<PathBuf> {
        let source = self.download(&KWOK, |module| module.dir)?.join("kustomize/stage");
        let mut text = String::new();
        for name in KWOK_STAGES {
            let path = source.join(name);
            text.push_str(&fs::read_to_string(&path).at("read", &path)?);
            text.push_str("\n---\n");
        }
        let file = self.dir.join("stages.yaml");
        fs::write(&file, text).at("write", &file)?;
        Ok(file)
    }

    /// Removes the build folder and, as everything is built, the build cache.
    pub(super) fn finish(self) -> Result<()> {
        self.guardian.stop()?;
        match fs::remove_dir_all(&self.go_cache) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).at("remove", &self.go_cache)
            }
            _ => Ok(()),
        }
    }

    /// The `go.mod` of a module that requires only the recipe's, with the replacements that one has.
    fn wrapper(&self, recipe: &Recipe) -> Result<String> {
        let path = self.download(recipe, |module| module.go_mod)?;
        let what = format!("reading the go.mod of {}", recipe.module);
        let text =
            self.run(&what, "", &self.dir, &["mod", "edit", "-json", &path.to_string_lossy()], no_detail)?;
        let theirs: ModFile = serde_json::from_str(&text).map_err(|source| Error::Json { what, source })?;
        Ok(wrapper_text(recipe, &theirs))
    }

    /// Downloads the recipe's module and gives one of the paths the download is described with.
    fn download(&self, recipe: &Recipe, part: impl Fn(Downloaded) -> Option<PathBuf>) -> Result<PathBuf> {
        let what = format!("fetching {} {}", recipe.module, recipe.version);
        let module = format!("{}@{}", recipe.module, recipe.version);
        let text = self.run(&what, "", &self.dir, &["mod", "download", "-json", &module], no_detail)?;
        let found = serde_json::from_str(&text)
            .map(part)
            .map_err(|source| Error::Json { what: what.clone(), source })?;
        found.ok_or(Error::Incomplete { what, lacking: "the path of the download" })
    }

    /// Runs `go` to its end, with a sign of life every few seconds, and gives what it wrote to stdout.
    fn run(
        &self,
        what: &str,
        about: &str,
        cwd: &Path,
        args: &[&str],
        detail: impl Fn(&str) -> String,
    ) -> Result<String> {
        let stdout = self.dir.join("stdout");
        let temp = self.dir.join("tmp");
        let env: [(&str, &OsStr); 8] = [
            // Static programs, that run wherever the cache is carried.
            ("CGO_ENABLED", "0".as_ref()),
            ("GOFLAGS", "-mod=mod".as_ref()),
            ("GOTOOLCHAIN", "local".as_ref()),
            ("GOWORK", "off".as_ref()),
            ("GO111MODULE", "on".as_ref()),
            ("GOCACHE", self.go_cache.as_ref()),
            // The compiler is a program of many short lives: collecting less often saves a tenth of its time.
            ("GOGC", "400".as_ref()),
            // In the guarded folder, so that a killed compiler leaves nothing in /tmp.
            ("GOTMPDIR", temp.as_ref()),
        ];
        let spawn = Spawn {
            dir: &self.dir,
            name: "go",
            program: &self.program,
            cwd,
            env: &env,
            stdout: Some(&stdout),
        };
        // One log for each command: the count of packages is taken from it.
        let log = self.dir.join("log/go.log");
        let _ = fs::remove_file(&log);
        let mut step = self.progress.step(what, about);
        let mut running = spawn.start(args)?;
        let status = loop {
            if let Some(status) = running.child.try_wait().at("wait for", &self.program)? {
                break status;
            }
            step.beat(|| detail(&fs::read_to_string(&running.log).unwrap_or_default()));
            thread::sleep(Duration::from_millis(50));
        };
        if !status.success() {
            let command = command_line(&self.program, args);
            return Err(Error::Go { what: what.to_owned(), command, status, tail: tail(&running.log, 15) });
        }
        step.done();
        fs::read_to_string(&stdout).at("read", &stdout)
    }
}

fn no_detail(_: &str) -> String {
    String::new()
}

fn lines(log: &str) -> impl Iterator<Item = &str> {
    log.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn wrapper_text(recipe: &Recipe, theirs: &ModFile) -> String {
    let go = theirs.go.as_deref().unwrap_or("1.26.0");
    let mut text = format!(
        "module seaworthy.dev/tools\n\ngo {go}\n\nrequire {} {}\n\nreplace (\n",
        recipe.module, recipe.version
    );
    for Replace { old, new } in theirs.replace.iter().flatten() {
        // Writing to a String cannot fail.
        let _ = match (new.path.starts_with('.'), recipe.staging) {
            (false, _) => writeln!(text, "\t{} {} => {} {}", old.path, old.version, new.path, new.version),
            (true, Some(version)) => writeln!(text, "\t{0} => {0} {version}", old.path),
            (true, None) => Ok(()),
        };
    }
    text.push_str(")\n");
    text
}

/// Go in PATH or where its installer puts it.
fn find_go() -> std::io::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places =
        env::split_paths(&path).chain([PathBuf::from("/usr/local/go/bin")]).map(|dir| dir.join("go"));
    places
        .find(|program| super::is_program(program))
        .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::NotFound, "it is not in PATH"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::recipe::{ETCD, KUBERNETES};

    fn theirs() -> ModFile {
        serde_json::from_str(
            r#"{"Go": "1.26.0", "Replace": [
                {"Old": {"Path": "k8s.io/api"}, "New": {"Path": "./staging/src/k8s.io/api"}},
                {"Old": {"Path": "a.example/b"}, "New": {"Path": "c.example/b", "Version": "v1.2.3"}}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn staging_modules_become_published_ones() {
        let text = wrapper_text(&KUBERNETES, &theirs());
        assert!(text.contains("require k8s.io/kubernetes v1.36.3"), "{text}");
        assert!(text.contains("\tk8s.io/api => k8s.io/api v0.36.3\n"), "{text}");
        assert!(text.contains("\ta.example/b  => c.example/b v1.2.3\n"), "{text}");
    }

    #[test]
    fn folders_of_the_same_repository_are_dropped_where_requirements_are_real() {
        assert!(!wrapper_text(&ETCD, &theirs()).contains("./"));
    }
}
