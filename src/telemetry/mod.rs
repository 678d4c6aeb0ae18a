//! What the controller tells about itself: logs, metrics, health.
//!
//! Not its job: deciding anything by them.

mod admin;
mod logging;
mod metrics;

pub use admin::{Health, serve};
pub use logging::start as start_logging;
pub use metrics::Metrics;
