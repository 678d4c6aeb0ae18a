//! `e2e bench`: the numbers of the README, measured anew: offline against kube-score, and the controller on a cluster.
//!
//! Everything measured stands in one table with its target and the machine. Not its job: deciding anything; a target
//! that is missed is told, and the exit code stays 0.

mod cluster;
mod generator;
mod load;
mod offline;
mod phase;
mod policy;
mod reports;
mod table;

use std::io::Write as _;
use std::time::Duration;

use e2e::{Progress, Result};

/// What to measure.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Only audits of files, against kube-score
    #[arg(long, conflicts_with = "live_only")]
    offline_only: bool,
    /// Only the controller on a cluster
    #[arg(long)]
    live_only: bool,
    /// A small tenth of everything, to see that it works; no number of it means anything
    #[arg(long)]
    quick: bool,
}

/// Measures and prints the tables as they come.
pub(crate) async fn run(options: Options) -> Result<()> {
    let progress = Progress::stderr();
    print(&format!("Machine: {}\n", table::machine()));
    let command = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let profile =
        if cfg!(debug_assertions) { "a debug build: no time means anything" } else { "release build" };
    print(&format!(
        "Command: cargo run --release -p e2e -- {command} ({profile}), {}\n\n",
        jiff::Timestamp::now()
    ));
    if !options.live_only {
        let plan = if options.quick {
            offline::Plan { sizes: [40, 200], runs: [2, 2], other_runs: [1, 1] }
        } else {
            offline::Plan { sizes: [2_000, 10_000], runs: [10, 5], other_runs: [3, 1] }
        };
        print(&format!("{}\n", offline::run(plan, &progress).await?));
    }
    if !options.offline_only {
        let plan = if options.quick {
            cluster::Plan { apps: 100, singles: 10, rate: 20, steady: secs(3), idle: secs(10) }
        } else {
            cluster::Plan { apps: 1_000, singles: 100, rate: 20, steady: secs(60), idle: secs(120) }
        };
        print(&format!("{}\n", cluster::run(plan, &progress).await?));
    }
    Ok(())
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn print(text: &str) {
    // A closed stdout is no reason to leave a cluster half measured.
    let _ = anstream::stdout().write_all(text.as_bytes());
}
