//! Starts a process that records itself, in a process group and with a log file of its own; reads the records.
//!
//! Not here: stopping. That is the guardian's, so that it is done in one way only.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::{IoContext as _, Result};
use crate::proc_stat;

/// Writes pid, start time and boot of itself to `$1`, then becomes the rest of its arguments. A record is put in
/// place by a rename, so that nobody reads half of one. Hang-ups are for the terminal's owner, not for servers.
const RECORD: &str = r#"
trap '' HUP
record=$1; shift
read -r stat <"/proc/$$/stat" && read -r boot </proc/sys/kernel/random/boot_id || exit 125
rest=${stat##*) }
start=$(set -- $rest; echo "${20}")
echo "$$ $start $boot" >"$record.new" && mv "$record.new" "$record" || exit 125
exec "$@"
"#;

/// A process this program started.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) name: &'static str,
    pub(crate) child: Child,
    pub(crate) log: PathBuf,
}

impl Drop for Running {
    /// Collects the exit of a process that has been stopped, so that no zombie stays; a running one is let be.
    fn drop(&mut self) {
        let _ = self.child.try_wait();
    }
}

/// What to start: the log is `log/<name>.log` and the record `run/<name>.pid` in the guarded folder.
pub(crate) struct Spawn<'a> {
    pub(crate) dir: &'a Path,
    pub(crate) name: &'static str,
    pub(crate) program: &'a Path,
    pub(crate) cwd: &'a Path,
    pub(crate) env: &'a [(&'a str, &'a OsStr)],
    /// A file for stdout; else it goes to the log with stderr.
    pub(crate) stdout: Option<&'a Path>,
}

impl Spawn<'_> {
    /// Starts it.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Running> {
        let log = self.dir.join("log").join(self.name).with_extension("log");
        let err = File::options().create(true).append(true).open(&log).at("open the log", &log)?;
        let out = match self.stdout {
            Some(path) => File::create(path).at("create", path)?,
            None => err.try_clone().at("open the log", &log)?,
        };
        let record = self.dir.join("run").join(format!("{}.pid", self.name));
        let child = Command::new("/bin/sh")
            .args(["-c", RECORD, "seaworthy-e2e-start"])
            .arg(record)
            .arg(self.program)
            .args(args)
            .envs(self.env.iter().copied())
            .current_dir(self.cwd)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .at("start", self.program)?;
        Ok(Running { name: self.name, child, log })
    }
}

/// The last `lines` lines of a file; empty when there is nothing to read.
pub(crate) fn tail(path: &Path, lines: usize) -> String {
    // A log line of a server may be long, but not so long that fifteen of them need more than this.
    const ENOUGH: u64 = 64 * 1024;
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(ENOUGH)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    let from = all.len().saturating_sub(lines);
    all.get(from..).unwrap_or_default().join("\n")
}

/// A process recorded in a guarded folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) name: String,
    pub(crate) pid: u32,
    start: u64,
    boot: String,
}

impl Recorded {
    fn read(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        let mut words = text.split_whitespace();
        Some(Self {
            name: path.file_stem()?.to_str()?.to_owned(),
            pid: words.next()?.parse().ok()?,
            start: words.next()?.parse().ok()?,
            boot: words.next()?.to_owned(),
        })
    }

    /// Whether that very process is there, and not merely one that got the same pid later.
    pub(crate) fn is_running(&self) -> bool {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        boot.trim() == self.boot
            && proc_stat::Stat::of(self.pid).is_some_and(|stat| stat.start == self.start && !stat.is_zombie())
    }
}

/// Every process recorded in a guarded folder, by name.
pub(crate) fn recorded(dir: &Path) -> Vec<Recorded> {
    let mut found: Vec<_> = ["run", "closing"]
        .iter()
        .filter_map(|part| fs::read_dir(dir.join(part)).ok())
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "pid"))
        .filter_map(|path| Recorded::read(&path))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}
