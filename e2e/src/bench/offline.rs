//! `seaworthy audit` against kube-score, over the same files in the same run.
//!
//! Each is timed as a whole process, its output thrown away. Not its job: the files (`generator.rs`).

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use e2e::{Error, Progress, Result, Tool, Toolchain, Usage, seaworthy};
use tokio::process::Command;

use super::generator::App;
use super::policy;
use super::table::{Sample, Table, Target};

/// How often memory is looked at: ours in a run that is not timed, the other's in each, for it takes minutes.
const OUR_LOOK: Duration = Duration::from_millis(4);
const OTHER_LOOK: Duration = Duration::from_millis(50);
/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Applications, in the smaller set and in the bigger.
    pub(super) sizes: [u32; 2],
    /// Runs of ours over each, before and after every run of the other's.
    pub(super) runs: [u32; 2],
    /// Runs of the other over each.
    pub(super) other_runs: [u32; 2],
    /// Runs of ours over both, in turns: what the greater size costs.
    pub(super) turns: u32,
}

/// A folder that goes with this value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::Io { doing, path: path.to_owned(), source }
}

/// What one set came to.
struct Set {
    ours: Sample,
    json: Sample,
    few: Sample,
    other: Sample,
    our_peak: u64,
    other_peak: u64,
}

/// Measures, and removes the files.
pub(super) async fn run(plan: Plan, progress: &Progress) -> Result<Table> {
    let said = progress.clone();
    let tools = tokio::task::spawn_blocking(move || Toolchain::ensure(&[Tool::KubeScore], &said)).await;
    let tools = tools.map_err(|_| Error::CutShort("building kube-score"))??;
    let other = tools.path(Tool::KubeScore)?.to_owned();
    let ours = seaworthy()?;
    let folder = Folder(std::env::temp_dir().join(format!("seaworthy-bench-{}", std::process::id())));
    fs::create_dir(&folder.0).map_err(io("create", &folder.0))?;
    let [all, few] = [("all.yaml", policy::all()), ("few.yaml", policy::few())].map(|(name, text)| {
        let path = folder.0.join(name);
        fs::write(&path, text).map_err(io("write", &path)).map(|()| path)
    });
    let (all, few) = (all?, few?);

    let mut table = Table::new("Offline: files in, findings out");
    table.note(format!(
        "seaworthy audit DIR --policy (every check there is, or {} as kube-score has); kube-score {} score FILES...",
        policy::few_count(),
        Tool::KubeScore.version()
    ));
    table.note(
        "whole processes, output to /dev/null; medians; ours ran before and after each run of the other",
    );
    let mut dirs = Vec::new();
    for ((size, runs), other_runs) in plan.sizes.into_iter().zip(plan.runs).zip(plan.other_runs) {
        progress.say(format!("offline: {size} applications"));
        let (dir, files, bytes) = write_apps(&folder.0, size)?;
        let program = Audit { ours: &ours, other: &other, all: &all, few: &few, dir: &dir, files: &files };
        let set = program.measure(runs, other_runs, progress).await?;

        let megabytes = bytes as f64 / 1e6;
        let at_least = |times: f64| if size == 2_000 { Target::AtLeast(times) } else { Target::None };
        let what = |text: &str| format!("{size} applications: {text}");
        table.tell(what("documents, size"), format!("{}, {megabytes:.1} MB", size * 3));
        table.judge(
            what(&format!("seaworthy, table ({} runs)", set.ours.len())),
            set.ours.median(),
            "ms",
            Target::None,
        );
        table.judge(
            what(&format!("seaworthy, -o json ({} runs)", set.json.len())),
            set.json.median(),
            "ms",
            Target::None,
        );
        let few = format!("seaworthy, table, {} checks ({} runs)", policy::few_count(), set.few.len());
        table.judge(what(&few), set.few.median(), "ms", Target::None);
        table.judge(
            what(&format!("kube-score ({} runs)", set.other.len())),
            set.other.median(),
            "ms",
            Target::None,
        );
        let times = |ours: &Sample| set.other.median() / ours.median();
        table.judge(what("times as fast as kube-score"), times(&set.ours), "x", at_least(15.0));
        let few = format!("times as fast, {} checks", policy::few_count());
        table.judge(what(&few), times(&set.few), "x", at_least(20.0));
        table.judge(what("read by seaworthy"), megabytes * 1000.0 / set.ours.median(), "MB/s", Target::None);
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let most = if size == 10_000 { Target::Below(300.0) } else { Target::None };
        table.judge(what("peak memory, seaworthy"), mib(set.our_peak), "MiB", most);
        table.judge(what("peak memory, kube-score"), mib(set.other_peak), "MiB", Target::None);
        dirs.push(dir);
    }
    let mut took = vec![Vec::new(); dirs.len()];
    progress.say("both sizes, in turns");
    for _ in 0..plan.turns {
        for (dir, took) in dirs.iter().zip(&mut took) {
            took.push(time(audit(&ours, dir, &all, "table"), None).await?.0);
        }
    }
    let medians: Vec<f64> = took.into_iter().map(|took| Sample::of_durations(took).median()).collect();
    if let ([small, big], [few, many]) = (medians.as_slice(), plan.sizes) {
        let target = if (few, many) == (2_000, 10_000) { Target::AtMost(6.0) } else { Target::None };
        let what =
            format!("{many} applications take so much longer than {few} ({} runs, in turns)", plan.turns);
        table.judge(what, big / small, "x", target);
    }
    Ok(table)
}

fn audit(program: &Path, dir: &Path, policy: &Path, format: &str) -> Command {
    let mut command = Command::new(program);
    command.arg("audit").arg(dir).arg("--policy").arg(policy).args(["-o", format]);
    command
}

/// Writes applications, one file each, and gives the folder, the files' names and the bytes of all.
fn write_apps(folder: &Path, count: u32) -> Result<(PathBuf, Vec<OsString>, usize)> {
    let dir = folder.join(format!("apps-{count}"));
    fs::create_dir(&dir).map_err(io("create", &dir))?;
    let (mut files, mut bytes) = (Vec::new(), 0);
    for index in 0..count {
        let text = App::new(index).file();
        let name = format!("{index:05}.yaml");
        let path = dir.join(&name);
        fs::write(&path, &text).map_err(io("write", &path))?;
        bytes += text.len();
        files.push(name.into());
    }
    Ok((dir, files, bytes))
}

/// The two programs and what they are to read.
struct Audit<'a> {
    ours: &'a Path,
    other: &'a Path,
    all: &'a Path,
    few: &'a Path,
    dir: &'a Path,
    files: &'a [OsString],
}

impl Audit<'_> {
    /// Short names, so that 10,000 of them fit into one command line.
    fn other(&self) -> Command {
        let mut command = Command::new(self.other);
        command.arg("score").args(self.files).current_dir(self.dir);
        command
    }

    fn ours(&self, policy: &Path, format: &str) -> Command {
        audit(self.ours, self.dir, policy, format)
    }

    async fn measure(&self, runs: u32, other_runs: u32, progress: &Progress) -> Result<Set> {
        let (mut ours, mut json, mut few) = (Vec::new(), Vec::new(), Vec::new());
        let (mut other, mut other_peak) = (Vec::new(), 0);
        // The first run reads programs and files from disk; it is not counted.
        let (_, our_peak) = time(self.ours(self.all, "table"), Some(OUR_LOOK)).await?;
        for run in 0..=other_runs {
            for _ in 0..runs {
                ours.push(time(self.ours(self.all, "table"), None).await?.0);
                json.push(time(self.ours(self.all, "json"), None).await?.0);
                few.push(time(self.ours(self.few, "table"), None).await?.0);
            }
            if run < other_runs {
                let number = run + 1;
                progress.say(format!(
                    "kube-score, run {number} of {other_runs} (2,000 take some 7 s, 10,000 two minutes)"
                ));
                let (took, peak) = time(self.other(), Some(OTHER_LOOK)).await?;
                other.push(took);
                other_peak = other_peak.max(peak);
            }
        }
        let [ours, json, few, other] = [ours, json, few, other].map(Sample::of_durations);
        Ok(Set { ours, json, few, other, our_peak, other_peak })
    }
}

/// Runs a command: how long it takes and, if looked for so often, the most memory it had.
async fn time(mut command: Command, look: Option<Duration>) -> Result<(Duration, u64)> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let program = PathBuf::from(command.as_std().get_program());
    let begun = Instant::now();
    let mut child = command.spawn().map_err(io("run", &program))?;
    let pid = child.id().unwrap_or_default();
    let mut peak = 0;
    let status = loop {
        let pause = async {
            match look {
                Some(look) => tokio::time::sleep(look).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ended = child.wait() => break ended.map_err(io("wait for", &program))?,
            () = pause => peak = Usage::of(pid).map_or(peak, |usage| peak.max(usage.peak_rss)),
        }
    };
    let took = begun.elapsed();
    // Findings make both programs end with 1.
    match status.code() {
        Some(0 | 1) => Ok((took, peak)),
        _ => Err(Error::Command {
            command: program.display().to_string(),
            status,
            stderr: "that is no finding, but a failure".to_owned(),
        }),
    }
}
