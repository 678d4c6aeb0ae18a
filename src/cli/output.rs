//! Standard output, written part by part as the parts are made.
//!
//! Not its job: what the parts say (`crate::output`).

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

use super::Failure;

/// Short parts are written together, up to so many bytes.
const AT_ONCE: usize = 256 << 10;

/// Standard output.
pub(super) struct Output {
    stream: AutoStream<io::StdoutLock<'static>>,
    has_colours: bool,
    /// Nobody reads any more: `seaworthy ... | head` is no error.
    closed: bool,
}

impl Output {
    pub(super) fn begin() -> Self {
        let has_colours = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        let lock = io::stdout().lock();
        // What is made without colours has nothing to be filtered out; with them, old consoles need the stream's help.
        let stream = if has_colours { AutoStream::auto(lock) } else { AutoStream::always_ansi(lock) };
        Self { stream, has_colours, closed: false }
    }

    /// Whether it shows colours.
    pub(super) fn has_colours(&self) -> bool {
        self.has_colours
    }

    pub(super) fn write(&mut self, text: &str) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        match self.stream.write_all(text.as_bytes()).and_then(|()| self.stream.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => Err(format!("cannot write to standard output: {error}")),
        }
    }

    /// Writes parts in their order, with something between each two.
    pub(super) fn each<'p>(
        &mut self,
        parts: impl IntoIterator<Item = &'p str>,
        between: &str,
    ) -> Result<(), Failure> {
        let mut together = String::with_capacity(AT_ONCE);
        for (number, part) in parts.into_iter().enumerate() {
            if together.len() + part.len() > AT_ONCE {
                self.write(&together)?;
                together.clear();
            }
            if number > 0 {
                together.push_str(between);
            }
            together.push_str(part);
        }
        self.write(&together)
    }
}
