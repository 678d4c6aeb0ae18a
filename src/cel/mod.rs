//! CEL, the Common Expression Language as Kubernetes speaks it, for expressions that people write into policies.
//!
//! An expression is compiled once (`Compiler`) and run over the objects of one subject (`Program::run`). What is wrong
//! with it, or with what it meets, is a `CelError` with line and column.
//!
//! **Why an interpreter of our own.** An expression is hostile input, and nothing that it says may end the process or
//! hold it up. The crate `cel` (0.15) was tried: 300 parentheses, 600 bytes, overflow the stack in its parser before
//! its own limit of depth is looked at, long sums and chains of fields overflow it in its evaluator; an evaluation
//! cannot be stopped, so that six nested `map` over eight items run for seconds; and it brings a parser generator's
//! runtime. Running that in a thread with a large stack only moves the bound, and the core has no threads. The grammar
//! is small, and so everything here is bounded by construction:
//!
//! * A source has at most `MAX_SOURCE` bytes, and so a tree no more nodes than that.
//! * A tree is at most `MAX_DEPTH` deep, chains and sums included; the parser counts its own recursion by the same
//!   bound. Values that are made are as bounded, so comparing and dropping them is. A test runs the deepest of each in
//!   half of the smallest stack that the program has (`tests/cel_bombs.rs`).
//! * Every step is counted, in proportion to what it does, and every byte that is made (`Meter`): whoever has spent
//!   them gets an error that no `||` takes back.
//! * Regular expressions are finite automata of bounded size, charged by what they read.
//! * Nothing panics on input; clippy holds that.
//!
//! Values are Kubernetes' by its documentation (`tests/cel`), and where the API server runs the rules of our own CRDs: it
//! and this answer alike (`tests/policy/validate.rs`, `e2e/tests/live/api.rs`). Not here: IP addresses, URLs, versions and
//! the authorizer, of which Kubernetes has libraries. Not its job: which variables there are, and what an answer means
//! (`policy`).

mod ast;
mod compare;
mod comprehend;
mod error;
mod eval;
mod functions;
mod given;
mod lexer;
mod library;
mod literal;
mod macros;
mod meter;
mod names;
mod numbers;
mod parser;
mod patterns;
mod program;
mod value;

pub use error::CelError;
pub use program::{Compiler, Program, Scope};
pub use value::{Type, Value};

/// The longest source, in bytes.
pub const MAX_SOURCE: usize = 4096;
/// How deep a tree, or a value that is made, may be.
pub const MAX_DEPTH: usize = 80;
/// How many regular expressions one compiler takes, for all that it compiles.
pub const MAX_PATTERNS: usize = 64;
