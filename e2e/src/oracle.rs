//! The oracle: a program made of Kubernetes' own published code, that differential tests ask what Kubernetes would do.
//!
//! Not here: what it can be asked (`e2e/oracle`, a Go file for each question).

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, IoContext as _, Result};
use crate::progress::Progress;
use crate::toolchain::{Tool, Toolchain};

/// A running oracle. It ends by itself when whoever asks is gone, because its standard input ends then.
#[derive(Debug)]
pub struct Oracle {
    child: Child,
    requests: BufWriter<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Reply<T> {
    answer: Option<T>,
    error: Option<String>,
}

impl Oracle {
    /// Builds it, if that was not done yet, and starts it. Blocks.
    ///
    /// # Errors
    /// When it cannot be built or started.
    pub fn start() -> Result<Self> {
        let tools = Toolchain::ensure(&[Tool::Oracle], &Progress::stderr())?;
        let program = tools.path(Tool::Oracle)?;
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .at("start", program)?;
        let closed = || Error::Incomplete { what: "starting the oracle".to_owned(), lacking: "a pipe" };
        let requests = BufWriter::new(child.stdin.take().ok_or_else(closed)?);
        let answers = BufReader::new(child.stdout.take().ok_or_else(closed)?);
        Ok(Self { child, requests, answers })
    }

    /// Asks a question with `"ask"` and what belongs to it.
    ///
    /// # Errors
    /// When it could not answer.
    pub fn ask<T: DeserializeOwned>(&mut self, question: &Value) -> Result<T> {
        let mut answers = self.ask_all(std::slice::from_ref(question))?;
        answers.pop().ok_or_else(|| no_answer(question, "it answered nothing".to_owned()))
    }

    /// Asks many questions at once, and gives the answers in their order.
    ///
    /// # Errors
    /// When one of them could not be answered.
    pub fn ask_all<T: DeserializeOwned>(&mut self, questions: &[Value]) -> Result<Vec<T>> {
        let Self { requests, answers, .. } = self;
        thread::scope(|scope| {
            // Side by side, or both ends would wait for each other with full pipes. A write that fails shows as an
            // answer that is not there.
            scope.spawn(move || {
                let written = questions.iter().try_for_each(|question| writeln!(requests, "{question}"));
                written.and_then(|()| requests.flush())
            });
            questions.iter().map(|question| read(answers, question)).collect()
        })
    }
}

fn read<T: DeserializeOwned>(answers: &mut BufReader<ChildStdout>, question: &Value) -> Result<T> {
    let mut line = String::new();
    answers.read_line(&mut line).map_err(|error| no_answer(question, error.to_string()))?;
    let reply: Reply<T> =
        serde_json::from_str(&line).map_err(|error| no_answer(question, format!("{error} in {line:?}")))?;
    let why = reply.error.unwrap_or_else(|| "the answer is empty".to_owned());
    reply.answer.ok_or_else(|| no_answer(question, why))
}

fn no_answer(question: &Value, reason: String) -> Error {
    Error::NoAnswer { question: question.to_string(), reason }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // Nothing is lost: it writes nothing but answers, and nobody is left to read them.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
