//! shell-swallows-signals: a program that is never told to stop.

use crate::api::{Category, Level, Severity};
use crate::checks::support::shell;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, Workload};

pub(super) static CHECK: Check = Check {
    id: "shell-swallows-signals",
    title: "Programs get the signal to stop",
    category: Category::Lifecycle,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["ST-03"],
    remediation: "Put exec before the program that the shell starts last, or start it without a shell.",
    rule: &PerWorkload(judge),
    page: include_str!("shell_swallows_signals.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    if !workload.is_long_running() {
        return Verdict::not_applicable("its pods run to an end by themselves");
    }
    let mut started = workload.running_containers().filter(|c| !entry_point(c).is_empty()).peekable();
    if started.peek().is_none() {
        return Verdict::not_applicable("its containers start as their images say, which no manifest shows");
    }
    started.filter_map(|c| problem(workload, c)).collect::<Vec<_>>().into()
}

/// What the manifest says of how a container starts. Arguments alone are as good as a command here: the entry points
/// of images start what they are given, and images without one run it as it is.
fn entry_point(container: &Container) -> Vec<&str> {
    container.command.iter().chain(&container.args).map(|word| word.as_str()).collect()
}

fn problem(workload: &Workload, container: &Container) -> Option<Finding> {
    let words = entry_point(container);
    let script = shell::script(&words)?;
    if shell::commands(script).iter().any(|command| hands_over(command)) {
        return None;
    }
    let message = format!(
        "{} '{}' starts its program through a shell ('{} -c') without exec: SIGTERM ends at the shell, so the program is \
         never told to stop and is killed with requests unfinished once the grace period is over; put exec before it",
        container.role.noun(),
        container.name,
        words.first().map_or("sh", |program| shell::base(program))
    );
    let field = if container.command.is_empty() { "args" } else { "command" };
    Some(Finding::new(message).container(workload, container, field))
}

/// Whether a command puts a program in the place of the shell, or makes the shell listen to signals.
fn hands_over(command: &[String]) -> bool {
    match command {
        [trap, ..] if trap == "trap" => true,
        // `exec 2>&1` only redirects what the shell itself writes.
        [exec, program, ..] if exec == "exec" => !is_redirection(program),
        _ => false,
    }
}

fn is_redirection(word: &str) -> bool {
    word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&').starts_with(['<', '>'])
}
