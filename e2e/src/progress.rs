//! What is being done, said while it is being done.
//!
//! Not here: where the words end up is the caller's choice, and the result of a command is no progress.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a long step says that it is still at it.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(10);

/// Where progress lines go. Cheap to clone.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(&str) + Send + Sync>);

impl fmt::Debug for Progress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Progress")
    }
}

impl Progress {
    /// Gives each line to `sink`.
    pub fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Lines on stderr: stdout is for results.
    pub fn stderr() -> Self {
        // A closed stderr must not end the work.
        Self::new(|line| drop(writeln!(anstream::stderr(), "e2e: {line}")))
    }

    /// Says nothing.
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    /// Says one line.
    pub fn say(&self, line: impl AsRef<str>) {
        (self.0)(line.as_ref());
    }

    /// Says that a step begins, and gives back a value that can say that it goes on or has ended.
    pub(crate) fn step(&self, what: impl Into<String>, note: &str) -> Step {
        let what = what.into();
        self.say(if note.is_empty() { format!("{what} ...") } else { format!("{what} ... ({note})") });
        let now = Instant::now();
        Step { progress: self.clone(), what, note: note.to_owned(), begun: now, said: now }
    }
}

/// A step that has begun.
pub(crate) struct Step {
    progress: Progress,
    what: String,
    note: String,
    begun: Instant,
    said: Instant,
}

impl Step {
    /// Says that the step goes on, if nothing was said for a while. `detail` is computed only then.
    pub(crate) fn beat(&mut self, detail: impl FnOnce() -> String) {
        if self.said.elapsed() < HEARTBEAT {
            return;
        }
        self.said = Instant::now();
        let mut line = format!("{}: {} s", self.what, self.begun.elapsed().as_secs());
        for part in [detail(), self.note.clone()] {
            if !part.is_empty() {
                line.push_str("; ");
                line.push_str(&part);
            }
        }
        self.progress.say(line);
    }

    /// Says that the step has ended, and how long it took.
    pub(crate) fn done(self) {
        self.progress.say(format!("{}: done in {:.1} s", self.what, self.begun.elapsed().as_secs_f64()));
    }
}
