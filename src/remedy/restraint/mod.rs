//! When what should be done may be done: a pace, a memory of what was reverted or withdrawn, and a breaker.
//!
//! State machines without a clock: `now` is passed in. Not its job: what should be done (`plan`).

mod breaker;
mod contest;
mod pace;
mod recovery;
mod stage;

pub use breaker::{Breaker, Trip};
pub use contest::Contest;
pub use pace::Pace;
pub use recovery::Recovery;
pub use stage::{Rollout, Stages};
