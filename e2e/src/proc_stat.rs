//! Memory and CPU time of a process, from `/proc`: for `status` and for the benchmarks.
//!
//! Not here: sampling over time.

use std::fs;
use std::time::Duration;

/// The kernel reports CPU time to user space in hundredths of a second on every architecture Linux runs on
/// (`USER_HZ`), whatever its own tick is; asking `sysconf` would need unsafe code.
const TICKS_PER_SECOND: u64 = 100;

/// The parts of `/proc/<pid>/stat` that are needed here.
pub(crate) struct Stat {
    state: String,
    /// In ticks since boot: with the pid it names a process for good.
    pub(crate) start: u64,
    cpu_ticks: u64,
}

impl Stat {
    /// None when there is no such process.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the program's name in brackets, and may itself hold spaces and brackets.
        let (_, rest) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        // Field 3 of proc(5) is the first here.
        let number = |field: usize| fields.get(field.checked_sub(3)?)?.parse::<u64>().ok();
        Some(Self {
            state: (*fields.first()?).to_owned(),
            start: number(22)?,
            cpu_ticks: number(14)?.saturating_add(number(15)?),
        })
    }

    /// A zombie has ended; only its parent has not taken notice yet.
    pub(crate) fn is_zombie(&self) -> bool {
        self.state == "Z"
    }
}

/// What a process uses and has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Memory in RAM now, in bytes (`VmRSS`).
    pub rss: u64,
    /// The most memory in RAM so far, in bytes (`VmHWM`).
    pub peak_rss: u64,
    /// CPU time used since its start, in user and kernel mode.
    pub cpu: Duration,
}

impl Usage {
    /// The usage of a process; None when it does not run.
    pub fn of(pid: u32) -> Option<Self> {
        let stat = Stat::of(pid).filter(|stat| !stat.is_zombie())?;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let bytes = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key))?;
            line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
        };
        Some(Self {
            rss: bytes("VmRSS:")?,
            peak_rss: bytes("VmHWM:")?,
            cpu: Duration::from_millis(stat.cpu_ticks.saturating_mul(1000 / TICKS_PER_SECOND)),
        })
    }
}
