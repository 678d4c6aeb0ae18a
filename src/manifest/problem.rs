//! What could not be read, and where.
//!
//! Not its job: finding it out (`load`).

use std::fmt;

use super::node::Place;

/// A document that could not be read, or not as what it says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// What is wrong.
    pub reason: String,
    /// What sort of object it is about.
    pub about: About,
}

/// What sort of object a problem is about, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// It may be anything.
    Anything,
    /// A policy: without it nobody knows what to ask for.
    Policy,
    /// Another object of our own API.
    Own,
    /// Any other object that the model knows.
    Known,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.place, self.reason)
    }
}
