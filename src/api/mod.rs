//! The API: the kinds that people write and read, as Rust types.
//!
//! The CRDs in `crds/` are generated from these types and from the catalogue (`cluster::crd`).
//! Not its job: what the fields do (`policy`, `report`).

mod common;
mod exemption;
mod policy;
mod remediation;
mod report;
mod workload_kind;

pub use common::*;
pub use exemption::*;
pub use policy::*;
pub use remediation::*;
pub use report::*;
pub use workload_kind::*;

/// The API group.
pub const GROUP: &str = "seaworthy.dev";
/// The version served.
pub const VERSION: &str = "v1alpha1";
/// `apiVersion` of every object of ours.
pub const API_VERSION: &str = "seaworthy.dev/v1alpha1";
