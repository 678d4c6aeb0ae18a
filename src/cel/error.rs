//! What is wrong with an expression, or with what it met, and where in the source.

use std::fmt;

/// Why an expression cannot be compiled, or has no value; and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {what}")]
pub struct CelError {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
}

impl CelError {
    /// At the byte `offset` of `source`.
    pub(super) fn at(source: &str, offset: usize, what: impl Into<String>) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Self { line, column, what: what.into() }
    }
}

/// Why an operation has no value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Problem {
    /// What it was given is wrong; `&&` and `||` may do without it.
    Wrong(String),
    /// What may be spent is spent; nothing does without that.
    Spent(&'static str),
}

impl Problem {
    pub(super) fn wrong<T>(what: impl Into<String>) -> Result<T, Self> {
        Err(Self::Wrong(what.into()))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(what) => f.write_str(what),
            Self::Spent(what) => f.write_str(what),
        }
    }
}

/// A problem, and where. Boxed by who returns it: it is seldom, and results are everywhere.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) at: u32,
    pub(super) problem: Problem,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters() {
        let source = "a ==\n  'é' + b";
        let place = |offset| CelError::at(source, offset, "x").to_string();
        assert_eq!(place(0), "1:1: x");
        assert_eq!(place(7), "2:3: x");
        assert_eq!(place(source.find('b').unwrap()), "2:9: x");
        assert_eq!(place(99), "2:10: x");
    }
}
