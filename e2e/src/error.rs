//! The one error type of the embedded cluster: what was being done, to what, why it failed, what to do.
//!
//! Not here: printing. The binary does that, and a test shows the `Display` text by itself.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Shorthand for a result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong with the tools or with a cluster.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be used.
    #[error("cannot {doing} {path}: {source}", path = path.display())]
    Io {
        /// What was being done, completing "cannot ... the path".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },

    /// No place for the cache is known.
    #[error(
        "no place for the cache: set SEAWORTHY_CACHE, XDG_CACHE_HOME or HOME to a folder that can be written"
    )]
    NoCache,

    /// Tools are missing and there is no Go to build them with.
    #[error(
        "cannot build {tools}: running `go` failed: {source}. Install Go 1.26 or later (https://go.dev/dl), \
         or set KUBEBUILDER_ASSETS to a folder that has them (setup-envtest makes one)"
    )]
    GoMissing {
        /// The tools that would have been built.
        tools: String,
        /// Why `go` could not be run.
        source: io::Error,
    },

    /// A `go` command ended with an error.
    #[error("{what} failed: `{command}` ended with {status}; its last lines:\n{tail}")]
    Go {
        /// What the command was for.
        what: String,
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// Its last lines.
        tail: String,
    },

    /// A tool was asked of a [`Toolchain`](crate::Toolchain) that had not been told to get it.
    #[error("{0} is not among the tools this toolchain was asked for: add it to `Toolchain::ensure`")]
    NotAsked(&'static str),

    /// A built binary does not say the version it should.
    #[error("{path} --version says {found:?}, not {expected:?}: remove the file and build again", path = path.display())]
    WrongVersion {
        /// The binary.
        path: PathBuf,
        /// What it should have said.
        expected: String,
        /// What it said.
        found: String,
    },

    /// A server ended while the cluster was starting.
    #[error("{name} ended with {status} while {awaited}; its last lines:\n{tail}\nits log: {log}", log = log.display())]
    Died {
        /// The server.
        name: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// What was being waited for.
        awaited: String,
        /// The last lines of its log.
        tail: String,
        /// Where its whole log is.
        log: PathBuf,
    },

    /// A server runs but did not become ready in time.
    #[error("{name} runs, but {timeout}; its last lines:\n{tail}\nits log: {log}", log = log.display())]
    NotReady {
        /// The server.
        name: &'static str,
        /// What was awaited, how long, and what was seen last.
        timeout: Box<Error>,
        /// The last lines of its log.
        tail: String,
        /// Where its whole log is.
        log: PathBuf,
    },

    /// Something awaited did not happen in time.
    #[error("{what} did not happen in {seconds} s; last seen: {last}")]
    Timeout {
        /// What was awaited.
        what: String,
        /// For how long.
        seconds: u64,
        /// What the last look showed.
        last: String,
    },

    /// A helper command such as kubectl failed.
    #[error("`{command}` ended with {status}: {stderr}")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        stderr: String,
    },

    /// The API server refused or could not be reached.
    #[error("cannot {doing}: {source}")]
    Kube {
        /// What was being done, completing "cannot ...".
        doing: String,
        /// The client's reason.
        #[source]
        source: Box<kube::Error>,
    },

    /// The client could not be set up.
    #[error("cannot set up a client for {url}: {reason}")]
    Client {
        /// The address it was for.
        url: String,
        /// Why not.
        reason: String,
    },

    /// A certificate could not be made.
    #[error("cannot make the certificate of {name}: {source}")]
    Certificate {
        /// Whose certificate.
        name: String,
        /// The library's reason.
        source: rcgen::Error,
    },

    /// A text that should be JSON is not.
    #[error("cannot read {what}: {source}")]
    Json {
        /// What was being read.
        what: String,
        /// The parser's reason.
        source: serde_json::Error,
    },

    /// An answer lacks what it was asked for.
    #[error("{what}: the answer lacks {lacking}")]
    Incomplete {
        /// What was being done.
        what: String,
        /// What is not there.
        lacking: &'static str,
    },

    /// The oracle could not answer: a bug of the question or of the oracle, and never a verdict.
    #[error("the oracle did not answer {question}: {reason}")]
    NoAnswer {
        /// The request, as it was sent.
        question: String,
        /// Why not.
        reason: String,
    },

    /// A cluster's name cannot be used.
    #[error(
        "{0:?} cannot be a cluster's name: use 1 to 63 letters, digits, '-' and '.', beginning with a letter or digit"
    )]
    BadName(String),

    /// There is such a cluster already, and it is not whole.
    #[error(
        "there is a cluster {name} in {dir} already, and not all of it runs: another command may be starting it; \
         if not, remove it with `e2e down --name {name}`",
        dir = dir.display()
    )]
    Exists {
        /// Its name.
        name: String,
        /// Its folder.
        dir: PathBuf,
    },

    /// There is no such cluster.
    #[error("there is no cluster {name}: start it with `e2e up --name {name}`")]
    NoSuchCluster {
        /// The name asked for.
        name: String,
    },

    /// Processes or files are still there after a stop.
    #[error(
        "{dir} could not be removed completely: {reason}; what is left: {left}",
        dir = dir.display()
    )]
    LeftBehind {
        /// The cluster's folder.
        dir: PathBuf,
        /// What the stopping said.
        reason: String,
        /// The processes that still run.
        left: String,
    },

    /// The program that the tests are about is not there.
    #[error("there is no `seaworthy` program beside this one; run `cargo build` first, or set SEAWORTHY_BIN")]
    NoSeaworthy,
    /// The controller ended with an error.
    #[error("the controller ended with {status}; its log: {}", log.display())]
    ControllerFailed {
        /// How it ended.
        status: String,
        /// Where it says why.
        log: PathBuf,
    },
    /// A blocking part of the work was cut short (the runtime is shutting down).
    #[error("{0} was cut short: the async runtime is shutting down")]
    CutShort(&'static str),
}

impl Error {
    /// Whether a server failed because another process took its port in the meantime.
    pub(crate) fn is_port_taken(&self) -> bool {
        match self {
            Self::Died { tail, .. } | Self::NotReady { tail, .. } => tail.contains("address already in use"),
            _ => false,
        }
    }

    /// Removes the logs that were kept for this error: somebody has found a way around it.
    pub(crate) fn forget_logs(&self) {
        if let Self::Died { log, .. } | Self::NotReady { log, .. } = self
            && let Some(folder) = log.parent()
        {
            // Logs that stay are no harm.
            let _ = std::fs::remove_dir_all(folder);
        }
    }

    /// The same error, with the log at the place it was moved to.
    pub(crate) fn with_logs_in(mut self, folder: &Path) -> Self {
        if let Self::Died { log, .. } | Self::NotReady { log, .. } = &mut self
            && let Some(file) = log.file_name()
        {
            *log = folder.join(file);
        }
        self
    }
}

/// Adds to an [`io::Error`] what was being done and to which file.
pub(crate) trait IoContext<T> {
    /// `doing` completes the sentence "cannot ... the path".
    fn at(self, doing: &'static str, path: &Path) -> Result<T>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::Io { doing, path: path.to_owned(), source })
    }
}

/// A command line as a person would type it, for messages.
pub(crate) fn command_line<S: AsRef<std::ffi::OsStr>>(program: &Path, args: &[S]) -> String {
    let mut line = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    for arg in args {
        // Writing to a String cannot fail.
        let _ = write!(line, " {}", arg.as_ref().to_string_lossy());
    }
    line
}
