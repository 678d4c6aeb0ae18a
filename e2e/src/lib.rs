//! The embedded Kubernetes control plane that Seaworthy's tests, demo and benchmarks run against: etcd, API
//! server, controller manager, scheduler and kwok as plain processes on loopback, with no container engine.
//!
//! ```no_run
//! # async fn example() -> e2e::Result<()> {
//! let cluster = e2e::Cluster::builder().name("parity").nodes(3).start().await?;
//! cluster.apply("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}").await?;
//! let calls = cluster.audit().await?;
//! cluster.stop().await
//! # }
//! ```
//!
//! Linux only: processes are told apart by what `/proc` says of them.
//!
//! Not here: anything about Seaworthy itself. The library runs its program and does not depend on it.

mod cache;
mod cluster;
mod controller;
mod detached;
mod error;
mod guardian;
mod kubeconfig;
mod oracle;
mod pki;
mod proc_stat;
mod process;
mod progress;
mod random;
mod toolchain;
mod wait;

pub use cache::Cache;
pub use cluster::{AuditEntry, Builder, Cluster, Process};
pub use controller::{Controller, ENVIRONMENT, seaworthy};
pub use detached::Detached;
pub use error::{Error, Result};
pub use oracle::Oracle;
pub use proc_stat::Usage;
pub use progress::Progress;
pub use random::Random;
pub use toolchain::{Tool, Toolchain};
pub use wait::wait_for;
