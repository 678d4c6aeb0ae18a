//! Stops recorded processes and removes their folder: when asked, and also when the owner dies without asking.
//!
//! A test that is killed runs no destructor. So before anything is started in a folder, a guardian is: a small
//! shell in a process group of its own that reads a pipe whose other end only the owner holds. However the owner
//! ends, the pipe ends too, and the guardian stops what is recorded in the folder and removes it. A wanted stop
//! takes the same way, by closing the pipe; `e2e down` runs the same script with nothing to read.
//!
//! A process is recorded (pid, start time, boot) by itself, before it becomes the server: between the start and
//! the record there is no moment at which a dying owner could leave an unrecorded server behind. No signal is
//! ever sent to a pid whose start time or boot differs from the record: pids get reused.
//!
//! Not here: which programs are started, and with which flags.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::error::{Error, IoContext as _, Result};
use crate::process;

/// The order in which processes stop: first those that write, then those that store.
pub(crate) const STOP_ORDER: [&str; 5] =
    ["kwok", "kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd"];

/// Reads its stdin to the end, then stops everything recorded in `$1/run`, in the order of the other arguments,
/// and removes `$1`. The word `release` ends it without stopping anything.
const STOP: &str = r#"
trap '' INT TERM HUP QUIT
while read -r word; do [ "$word" = release ] && exit 0; done
dir=$1; shift
[ -d "$dir" ] || exit 0
# A process that is just being started records itself in run/. With the folder renamed it cannot, and ends.
[ -d "$dir/run" ] && mv "$dir/run" "$dir/closing"
read -r now </proc/sys/kernel/random/boot_id
alive() { # alive RECORD: is that very process still there? Sets pid.
  [ -f "$1" ] && read -r pid start boot <"$1" && [ "$boot" = "$now" ] || return 1
  { read -r stat <"/proc/$pid/stat"; } 2>/dev/null || return 1
  set -- ${stat##*) }
  [ "$1" != Z ] && [ "${20}" = "$start" ]
}
# The API server would wait a minute for open watches to end, but the data is thrown away anyway.
stop() { # stop RECORD: TERM, and after two seconds KILL, to the whole process group
  alive "$1" || return 0
  kill -s TERM -- "-$pid" 2>/dev/null
  n=0
  while alive "$1"; do
    n=$((n+1))
    [ $n -ge 100 ] && kill -s KILL -- "-$pid" 2>/dev/null
    [ $n -ge 1000 ] && return 1
    sleep 0.02
  done
}
failed=0
for name in "$@"; do stop "$dir/closing/$name.pid" || failed=1; done
for record in "$dir"/closing/*.pid; do stop "$record" || failed=1; done
[ $failed = 0 ] || exit 1
rm -rf -- "$dir"
"#;

/// A guardian that watches over a folder as long as this value lives; then it stops and removes everything.
#[derive(Debug)]
pub(crate) struct Guardian {
    dir: PathBuf,
    shell: Option<(Child, ChildStdin)>,
}

impl Guardian {
    /// Makes the folder (it must not exist) and sets a guardian over it.
    pub(crate) fn over(dir: &Path) -> Result<Self> {
        // The folder comes first, because making it shows that it is nobody else's. Killed right after, we leave
        // an empty folder behind, and no process.
        std::fs::create_dir(dir).at("create", dir)?;
        let mut shell =
            stop_script(dir).stdin(Stdio::piped()).spawn().at("run the shell that watches over", dir)?;
        let pipe = shell.stdin.take().ok_or(Error::CutShort("starting the guardian"))?;
        let guardian = Self { dir: dir.to_owned(), shell: Some((shell, pipe)) };
        crate::cache::create_private(dir)?;
        for part in ["run", "log"] {
            let part = dir.join(part);
            std::fs::create_dir(&part).at("create", &part)?;
        }
        Ok(guardian)
    }

    /// Ends the guardian without stopping anything: from now on only [`stop`] removes the folder.
    pub(crate) fn release(mut self) -> Result<()> {
        if let Some((mut shell, mut pipe)) = self.shell.take() {
            pipe.write_all(b"release\n").at("let go of", &self.dir)?;
            drop(pipe);
            shell.wait().at("let go of", &self.dir)?;
        }
        Ok(())
    }

    /// Stops everything and removes the folder; returns when that is done.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.finish()
    }

    fn finish(&mut self) -> Result<()> {
        let Some((mut shell, pipe)) = self.shell.take() else { return Ok(()) };
        drop(pipe);
        let ended = shell.wait().at("wait for the stopping of", &self.dir)?;
        // Somebody may have killed the guardian itself: then do its work here.
        if !ended.success() || self.dir.exists() { stop(&self.dir) } else { Ok(()) }
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        if let Err(error) = self.finish() {
            crate::Progress::stderr().say(error.to_string());
        }
    }
}

/// Stops everything recorded in a folder that has no guardian, and removes the folder.
pub(crate) fn stop(dir: &Path) -> Result<()> {
    let ended = stop_script(dir).stdin(Stdio::null()).status().at("run the shell that stops", dir)?;
    if ended.success() && !dir.exists() {
        return Ok(());
    }
    let left = process::recorded(dir).into_iter().filter(process::Recorded::is_running);
    let left: Vec<_> = left.map(|process| format!("{} (pid {})", process.name, process.pid)).collect();
    Err(Error::LeftBehind {
        dir: dir.to_owned(),
        reason: format!("stopping ended with {ended}"),
        left: if left.is_empty() { "files only".to_owned() } else { left.join(", ") },
    })
}

/// The shell with the script, in a process group of its own (a Ctrl-C is for the owner) and with no standing in
/// any folder that may have to go.
fn stop_script(dir: &Path) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", STOP, "seaworthy-e2e-guardian"]).arg(dir).args(STOP_ORDER);
    command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::process::{Recorded, Running, Spawn, recorded};

    fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("seaworthy-e2e-{name}-{}", std::process::id()))
    }

    /// Starts a process that would run for an hour, and waits until it has recorded itself.
    fn sleeper(dir: &Path) -> (Running, Recorded) {
        let program = Path::new("/bin/sleep");
        let spawn = Spawn { dir, name: "etcd", program, cwd: dir, env: &[], stdout: None };
        let running = spawn.start(&["3600"]).unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(record) = recorded(dir).pop() {
                assert_eq!(record.pid, running.child.id());
                return (running, record);
            }
            assert!(Instant::now() < deadline, "no record");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_stop_ends_what_is_recorded_and_removes_the_folder() {
        let dir = folder("stop");
        let guardian = Guardian::over(&dir).unwrap();
        let (_running, record) = sleeper(&dir);
        assert!(record.is_running());
        guardian.stop().unwrap();
        assert!(!record.is_running() && !dir.exists());
    }

    #[test]
    fn a_guardian_that_was_killed_is_no_reason_to_leave_anything() {
        let dir = folder("killed");
        let mut guardian = Guardian::over(&dir).unwrap();
        let (_running, record) = sleeper(&dir);
        let (shell, _) = guardian.shell.as_mut().unwrap();
        shell.kill().unwrap();
        guardian.stop().unwrap();
        assert!(!record.is_running() && !dir.exists());
    }

    #[test]
    fn another_process_with_a_recorded_pid_is_left_alone() {
        let dir = folder("reused");
        let guardian = Guardian::over(&dir).unwrap();
        let (mut running, record) = sleeper(&dir);
        let file = dir.join("run/etcd.pid");
        let text = fs::read_to_string(&file).unwrap();
        let mut words = text.split_whitespace();
        let (pid, start, boot) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        // The same pid, started at another time: that is what a reused pid looks like.
        fs::write(&file, format!("{pid} {start}1 {boot}\n")).unwrap();
        guardian.stop().unwrap();
        assert!(record.is_running() && !dir.exists());
        running.child.kill().unwrap();
        running.child.wait().unwrap();
    }

    #[test]
    fn a_process_that_comes_too_late_to_be_recorded_does_not_start() {
        let dir = folder("late");
        let guardian = Guardian::over(&dir).unwrap();
        fs::rename(dir.join("run"), dir.join("closing")).unwrap();
        let program = Path::new("/bin/sleep");
        let spawn = Spawn { dir: &dir, name: "etcd", program, cwd: &dir, env: &[], stdout: None };
        let mut running = spawn.start(&["3600"]).unwrap();
        assert_eq!(running.child.wait().unwrap().code(), Some(125));
        guardian.stop().unwrap();
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let dir = folder("foreign");
        let guardian = Guardian::over(&dir).unwrap();
        assert!(Guardian::over(&dir).is_err());
        assert!(dir.join("run").is_dir());
        guardian.stop().unwrap();
    }
}
