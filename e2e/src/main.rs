//! The command: clusters for hand work and for scripts, the demo, the benchmark.
//!
//! Not here: what the words do; see `detached.rs`, `demo/` and `bench/`.

mod bench;
mod demo;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use e2e::{Cluster, Detached, Error, Progress, Result, Tool, Toolchain};
use tokio::signal::unix::{SignalKind, signal};

/// A whole Kubernetes control plane on loopback, without a container engine.
///
/// The first `up` builds etcd, the Kubernetes servers, kubectl and kwok from source (some eight minutes on two
/// cores, Go 1.26 needed) into $SEAWORTHY_CACHE or ~/.cache/seaworthy; after that, a cluster takes seconds. Where
/// KUBEBUILDER_ASSETS names a folder with such programs, those are used.
#[derive(Parser)]
#[command(
    name = "e2e",
    version,
    after_help = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 no such cluster, or \
    `status --name` found it not whole; 130 interrupted, and what was started is stopped and removed."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the control plane's programs, Helm and the oracle, if they are not there yet, and say where they are
    Tools,
    /// Start a cluster and leave it running; print how to use it
    Up {
        /// What to call it
        #[arg(long, default_value = "default")]
        name: String,
        /// How many fake nodes it has
        #[arg(long, default_value_t = 3)]
        nodes: u32,
        /// The controllers that run, as the flag of kube-controller-manager
        #[arg(long, default_value = "*")]
        controllers: String,
    },
    /// Stop a cluster and remove everything of it
    Down {
        /// Which
        #[arg(long, default_value = "default")]
        name: String,
        /// All there are, also those of tests that are running
        #[arg(long, conflicts_with = "name")]
        all: bool,
    },
    /// List the clusters, and each server with its pid, memory and CPU time
    Status {
        /// Only this one
        #[arg(long)]
        name: Option<String>,
    },
    /// Print the path of a cluster's admin kubeconfig
    Kubeconfig {
        /// Which
        #[arg(long, default_value = "default")]
        name: String,
    },
    /// Show Seaworthy's main job on a cluster of its own, and take that down again
    Demo,
    /// Measure: audits of files against kube-score, and the controller with a thousand Deployments
    Bench(bench::Options),
}

/// What `main` ends with when nothing failed.
enum Outcome {
    Done,
    NotWhole,
    Interrupted,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command).await {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NotWhole) => ExitCode::from(3),
        // Not a return: that would wait for a build that may still be running. Its guardian ends it with us.
        Ok(Outcome::Interrupted) => std::process::exit(130),
        Err(error) => {
            Progress::stderr().say(format!("error: {error}"));
            ExitCode::from(if matches!(error, Error::NoSuchCluster { .. }) { 3 } else { 1 })
        }
    }
}

async fn run(command: Command) -> Result<Outcome> {
    match command {
        Command::Up { name, nodes, controllers } => up(&name, nodes, controllers).await,
        Command::Down { name, all } => {
            let clusters = if all { Detached::all()? } else { vec![Detached::find(&name)?] };
            for cluster in clusters {
                let name = cluster.name.clone();
                cluster.down()?;
                Progress::stderr().say(format!("the cluster {name} is stopped and removed"));
            }
            Ok(Outcome::Done)
        }
        Command::Status { name: Some(name) } => {
            let cluster = Detached::find(&name)?;
            print(&describe(&cluster));
            Ok(if cluster.is_whole() { Outcome::Done } else { Outcome::NotWhole })
        }
        Command::Status { name: None } => {
            let all = Detached::all()?;
            if all.is_empty() {
                Progress::stderr().say("there are no clusters");
            }
            all.iter().for_each(|cluster| print(&describe(cluster)));
            Ok(Outcome::Done)
        }
        Command::Kubeconfig { name } => {
            print(&format!("{}\n", Detached::find(&name)?.kubeconfig().display()));
            Ok(Outcome::Done)
        }
        Command::Tools => unless_interrupted(tools()).await,
        Command::Bench(options) => unless_interrupted(bench::run(options)).await,
        Command::Demo => unless_interrupted(demo::run()).await,
    }
}

async fn tools() -> Result<()> {
    let wanted = || Tool::CLUSTER.into_iter().chain([Tool::Helm, Tool::Oracle]);
    let build = move || Toolchain::ensure(&wanted().collect::<Vec<_>>(), &Progress::stderr());
    let built = tokio::task::spawn_blocking(build).await;
    let tools = built.map_err(|_| Error::CutShort("building the tools"))??;
    for tool in wanted() {
        let _ = writeln!(anstream::stdout(), "{}", tools.path(tool)?.display());
    }
    Ok(())
}

async fn up(name: &str, nodes: u32, controllers: String) -> Result<Outcome> {
    let progress = Progress::stderr();
    let cluster = match Detached::find(name) {
        Ok(cluster) if cluster.is_whole() => {
            progress.say(format!("the cluster {name} is up already"));
            cluster
        }
        _ => {
            let builder = Cluster::builder().nodes(nodes).controllers(controllers).progress(progress.clone());
            tokio::select! {
                cluster = Detached::up(builder, name) => cluster?,
                // The other branch is dropped, and with it everything it has started.
                () = interrupted() => {
                    progress.say("interrupted: what was started is stopped and removed");
                    return Ok(Outcome::Interrupted);
                }
            }
        }
    };
    progress.say(format!("stop and remove it with: e2e down --name {name}"));
    print(&format!("export KUBECONFIG={}\n", quoted(&cluster.kubeconfig().to_string_lossy())));
    Ok(Outcome::Done)
}

/// Does something that takes down what it has started when it is dropped.
async fn unless_interrupted(work: impl Future<Output = Result<()>>) -> Result<Outcome> {
    tokio::select! {
        done = work => done.map(|()| Outcome::Done),
        () = interrupted() => {
            Progress::stderr().say("interrupted: what was started is stopped and removed");
            Ok(Outcome::Interrupted)
        }
    }
}

/// Returns when somebody wants this program to end.
async fn interrupted() {
    let wait = async |kind| match signal(kind) {
        Ok(mut signals) => drop(signals.recv().await),
        // Then the signal ends the program, and the guardian does the rest.
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = wait(SignalKind::interrupt()) => {}
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::hangup()) => {}
    }
}

fn describe(cluster: &Detached) -> String {
    let state = if cluster.is_whole() { "up" } else { "not whole" };
    let mut text = format!("{}: {state}, in {}\n", cluster.name, cluster.dir.display());
    for process in &cluster.processes {
        let usage = process.usage().map_or_else(
            || "ended".to_owned(),
            |usage| {
                let (rss, peak) = (usage.rss >> 20, usage.peak_rss >> 20);
                format!(
                    "pid {:<8} {rss:>5} MiB (peak {peak}), CPU {:.1} s",
                    process.pid,
                    usage.cpu.as_secs_f64()
                )
            },
        );
        text.push_str(&format!("  {:<24} {usage}\n", process.name));
    }
    text
}

/// As a shell reads it: the line is meant for `eval "$(e2e up)"`.
fn quoted(path: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "/._-".contains(char);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// A result, on stdout; nobody listening is no error.
fn print(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}
