//! How the demo looks: chapters, commands as a person would type them, what they answer. Colours only on a terminal.
//!
//! Not its job: what is shown.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anstyle::{AnsiColor, Style};
use e2e::{Cluster, Error, Result};

const STRONG: Style = Style::new().bold();
const COMMAND: Style = AnsiColor::Cyan.on_default();
const FAINT: Style = Style::new().dimmed();
const PROBLEM: Style = AnsiColor::Red.on_default();
/// The width of what the demo itself says.
const WIDTH: usize = 100;

/// Stdout, and the number of the chapter.
#[derive(Clone, Default)]
pub(super) struct Screen {
    chapter: Arc<AtomicU32>,
}

/// What of an answer is left out; that something is, is always said.
#[derive(Clone, Copy)]
pub(super) enum Cut<'a> {
    /// Nothing.
    Nothing,
    /// All but so many lines at the top and at the bottom.
    Lines { first: usize, last: usize },
    /// The blocks of `kubectl describe` with these headings.
    Blocks(&'a [&'a str]),
    /// All paragraphs but the last, and but the one that begins so.
    AllBut(&'a str),
}

impl Screen {
    fn line(&self, style: Style, text: &str) {
        // Nobody listening is no reason to leave a cluster half shown.
        let _ = writeln!(anstream::stdout(), "{style}{text}{style:#}");
    }

    /// What this is about.
    pub(super) fn title(&self, text: &str) {
        self.line(STRONG, text);
    }

    /// A new part.
    pub(super) fn chapter(&self, text: &str) {
        let number = self.chapter.fetch_add(1, Ordering::Relaxed) + 1;
        self.line(Style::new(), "");
        self.line(STRONG, &format!("{number}. {text}"));
    }

    /// An explanation.
    pub(super) fn say(&self, text: &str) {
        wrap(text).iter().for_each(|line| self.line(Style::new(), line));
    }

    /// What happens meanwhile.
    pub(super) fn aside(&self, text: &str) {
        self.line(FAINT, &format!("  {text}"));
    }

    /// What went wrong.
    pub(super) fn problem(&self, text: &str) {
        let _ = writeln!(anstream::stderr(), "{PROBLEM}{text}{PROBLEM:#}");
    }

    /// A command, as a person would type it.
    pub(super) fn command(&self, text: &str) {
        self.line(COMMAND, &format!("$ {text}"));
    }

    /// What a command answered.
    pub(super) fn output(&self, text: &str, cut: Cut<'_>) {
        for line in cut.of(text) {
            match line {
                Some(line) => self.line(Style::new(), &format!("  {line}")),
                None => self.line(FAINT, "  [...]"),
            }
        }
    }

    /// A file without its comments.
    pub(super) fn file(&self, path: &Path) -> Result<()> {
        let read = std::fs::read_to_string(path);
        let text = read.map_err(|source| Error::Io { doing: "read", path: path.to_owned(), source })?;
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        self.output(&lines.join("\n"), Cut::Nothing);
        Ok(())
    }

    /// Runs kubectl and shows both the command and its answer.
    pub(super) async fn kubectl(&self, cluster: &Cluster, args: &[&str], cut: Cut<'_>) -> Result<()> {
        self.command(&format!("kubectl {}", args.join(" ")));
        self.output(&cluster.kubectl(args).await?, cut);
        Ok(())
    }
}

impl Cut<'_> {
    /// The lines that stay; None stands for those left out.
    fn of(self, text: &str) -> Vec<Option<&str>> {
        let lines: Vec<&str> = text.trim_end().lines().collect();
        match self {
            Cut::Nothing => lines.into_iter().map(Some).collect(),
            Cut::Lines { first, last } => {
                let end = lines.len().saturating_sub(last).max(first);
                let stays = |index: usize| index < first || index >= end;
                kept(lines.iter().enumerate().map(|(index, line)| (*line, stays(index))))
            }
            Cut::Blocks(headings) => {
                let mut stays = true;
                kept(lines.into_iter().map(|line| {
                    if !line.starts_with(' ') {
                        stays = !line.split_once(':').is_some_and(|(heading, _)| headings.contains(&heading));
                    }
                    (line, stays)
                }))
            }
            Cut::AllBut(beginning) => {
                let end = lines.iter().rposition(|line| line.is_empty()).unwrap_or_default();
                let mut stays = false;
                kept(lines.iter().enumerate().map(|(index, line)| {
                    stays = index > end || line.starts_with(beginning) || stays && !line.is_empty();
                    (*line, stays)
                }))
            }
        }
    }
}

/// Those that stay, and None once for each run of those that do not.
fn kept<'a>(lines: impl Iterator<Item = (&'a str, bool)>) -> Vec<Option<&'a str>> {
    let mut kept = Vec::new();
    for (line, stays) in lines {
        match (stays, kept.last()) {
            (true, _) => kept.push(Some(line)),
            (false, Some(None)) => {}
            (false, _) => kept.push(None),
        }
    }
    kept
}

fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Runs a program and gives what it wrote to stdout. It may end with 1: findings are no failure.
pub(super) async fn program(path: &Path, args: &[&str]) -> Result<String> {
    let mut command = tokio::process::Command::new(path);
    command.args(args).stdin(Stdio::null()).kill_on_drop(true);
    if std::io::stdout().is_terminal() && !args.contains(&"json") {
        command.env("CLICOLOR_FORCE", "1");
    }
    let output = command.output().await;
    let output = output.map_err(|source| Error::Io { doing: "run", path: path.to_owned(), source })?;
    if matches!(output.status.code(), Some(0 | 1)) {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Error::Command {
        command: format!("seaworthy {}", args.join(" ")),
        status: output.status,
        stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said_once() {
        let text = "Name: a\nMetadata:\n  Uid: 1\nKind: b\nScore: 7\n  more\n";
        let cut = Cut::Blocks(&["Metadata", "Kind"]).of(text);
        assert_eq!(cut, [Some("Name: a"), None, Some("Score: 7"), Some("  more")]);
        let cut = Cut::Lines { first: 1, last: 1 }.of(text);
        assert_eq!(cut, [Some("Name: a"), None, Some("  more")]);
        assert_eq!(Cut::Lines { first: 6, last: 1 }.of(text).len(), 6);
        let cut = Cut::AllBut("B").of("A a\n  a\n\nB b\n  b\n\nC\n\nin all\n");
        assert_eq!(cut, [None, Some("B b"), Some("  b"), None, Some("in all")]);
    }

    #[test]
    fn lines_are_wrapped_between_words() {
        let lines = wrap(&"word ".repeat(50));
        assert!(lines.len() == 3 && lines.iter().all(|line| line.len() <= WIDTH && !line.ends_with(' ')));
    }
}
