//! What an evaluation may spend: steps and bytes. Both are counted up over the whole of it and never given back, so
//! that no order of things goes around them.
//!
//! A step is about what looking at one node costs. Whoever does more at once counts more: what is read or written by
//! the 16 bytes, what is compared item by item. The bound of time and memory that follows is held by `tests`.

use std::cell::Cell;

use super::error::Problem;

/// Steps of one evaluation.
const STEPS: usize = 500_000;
/// Bytes that one evaluation may make.
const BYTES: usize = 8 << 20;
/// Bytes that are read or written in a step.
const BYTES_A_STEP: usize = 16;
/// Steps for each byte that a regular expression reads: the worst that one of bounded size does.
const STEPS_A_BYTE_MATCHED: usize = 10;
/// Steps for a regular expression that is made while evaluating.
pub(super) const STEPS_A_PATTERN: usize = 50_000;
/// What a value takes in a list or a map.
pub(super) const VALUE_BYTES: usize = 40;

/// Counts what is spent.
#[derive(Debug)]
pub(super) struct Meter {
    steps: Cell<usize>,
    bytes: Cell<usize>,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self { steps: Cell::new(STEPS), bytes: Cell::new(BYTES) }
    }

    /// Spends steps.
    pub(super) fn steps(&self, count: usize) -> Result<(), Problem> {
        let left = self.steps.get().checked_sub(count);
        self.steps.set(left.unwrap_or(0));
        left.map(|_| ())
            .ok_or(Problem::Spent("it takes too many steps; look at fewer things, or at each of them once"))
    }

    /// Reads so many bytes of text.
    pub(super) fn reads(&self, bytes: usize) -> Result<(), Problem> {
        self.steps(bytes / BYTES_A_STEP)
    }

    /// Matches a regular expression with so many bytes.
    pub(super) fn matches(&self, bytes: usize) -> Result<(), Problem> {
        self.steps(bytes.saturating_mul(STEPS_A_BYTE_MATCHED).saturating_add(20))
    }

    /// Makes so many bytes. Asked before they are made.
    pub(super) fn makes(&self, bytes: usize) -> Result<(), Problem> {
        self.reads(bytes)?;
        let left = self.bytes.get().checked_sub(bytes);
        self.bytes.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(Problem::Spent("it makes too much text, or too long lists"))
    }

    /// Makes a list or a map of so many items.
    pub(super) fn makes_items(&self, count: usize) -> Result<(), Problem> {
        self.makes(count.saturating_add(1).saturating_mul(VALUE_BYTES))
    }
}
