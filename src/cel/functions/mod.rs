//! What functions do. Each says what it spends before it does it.
//!
//! Not its job: which there are, and how they are called (`library`).

pub(super) mod convert;
pub(super) mod format;
pub(super) mod lists;
pub(super) mod patterns;
pub(super) mod quantities;
pub(super) mod texts;
pub(super) mod times;
