//! What is compiled once, and run over the objects of one subject after the other.

use std::collections::BTreeSet;

use regex::Regex;

use super::ast::{Node, What};
use super::error::CelError;
use super::eval::Evaluator;
use super::lexer;
use super::parser::Parser;
use super::value::{Type, Value};
use super::{MAX_PATTERNS, MAX_SOURCE};

/// What the variables of an expression are worth.
pub trait Scope<'e> {
    /// The value of a variable, by its place among those that the compiler was told of; asked for when it is needed.
    ///
    /// # Errors
    /// Why it cannot be known.
    fn variable(&self, number: usize) -> Result<Value<'e>, String>;
}

/// Compiles expressions over the same variables, which share what their regular expressions may take.
#[derive(Debug)]
pub struct Compiler {
    variables: Vec<&'static str>,
    patterns_left: usize,
}

impl Compiler {
    /// For expressions over these variables. A name may have one point.
    pub fn new(variables: impl IntoIterator<Item = &'static str>) -> Self {
        Self { variables: variables.into_iter().collect(), patterns_left: MAX_PATTERNS }
    }

    /// Compiles an expression.
    ///
    /// # Errors
    /// Where it is none, and what is wrong there.
    pub fn compile(&mut self, source: &str) -> Result<Program, CelError> {
        if source.len() > MAX_SOURCE {
            return Err(CelError::at(source, 0, format!("the expression is longer than {MAX_SOURCE} bytes")));
        }
        let mut parser = Parser {
            source,
            tokens: lexer::tokens(source)?,
            at: 0,
            variables: &self.variables,
            used: BTreeSet::new(),
            locals: Vec::new(),
            slots: 0,
            patterns: Vec::new(),
            patterns_left: self.patterns_left,
            nested: 0,
        };
        let root = parser.whole()?;
        let Parser { used, slots, patterns, patterns_left, .. } = parser;
        self.patterns_left = patterns_left;
        Ok(Program { source: source.into(), root, used, slots, patterns })
    }
}

/// An expression that can be run.
#[derive(Debug)]
pub struct Program {
    pub(super) source: Box<str>,
    pub(super) root: Node,
    used: BTreeSet<usize>,
    pub(super) slots: usize,
    pub(super) patterns: Vec<Regex>,
}

impl Program {
    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The variables that it names, by their places.
    pub fn uses(&self) -> impl Iterator<Item = usize> {
        self.used.iter().copied()
    }

    /// Whether it names a field of this name anywhere, or has it as a text.
    pub fn says(&self, word: &str) -> bool {
        let mut says = false;
        self.root.walk(&mut |node| {
            says |= match &node.what {
                What::Select { field, .. } | What::Has { field, .. } => field.as_ref() == word,
                What::Text(text) => text.as_ref() == word,
                _ => false,
            };
        });
        says
    }

    /// The type of its value, as far as that shows.
    pub fn gives(&self) -> Option<Type> {
        self.root.gives()
    }

    /// Its value over these variables.
    ///
    /// # Errors
    /// Where it has none, and why.
    pub fn run<'e>(&'e self, scope: &dyn Scope<'e>) -> Result<Value<'e>, CelError> {
        let value = Evaluator::new(self, scope).eval(&self.root);
        value.map_err(|failure| CelError::at(&self.source, failure.at as usize, failure.problem.to_string()))
    }
}
