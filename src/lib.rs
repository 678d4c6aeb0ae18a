//! Seaworthy tells a platform team, at any moment, whether each Kubernetes workload is ready for production.
pub mod api;
pub mod checks;
pub mod cli;
#[cfg(feature = "operator")]
pub mod cluster;
#[cfg(feature = "operator")]
pub mod controller;
pub mod data;
pub mod decode;
pub mod engine;
pub mod manifest;
pub mod model;
pub mod output;
pub mod policy;
pub mod report;
#[cfg(feature = "operator")]
pub mod telemetry;
