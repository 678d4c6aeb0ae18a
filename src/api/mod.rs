//! The API: the kinds that people write and read, as Rust types.
//!
//! The CRDs in `crds/` are generated from these types and from the catalogue (`cluster::crd`).
//! Not its job: what the fields do (`policy`, `report`).

mod attestation;
mod common;
mod custom_check;
mod exemption;
mod policy;
mod policy_status;
mod remediation;
mod report;
mod workload_kind;

pub use attestation::*;
pub use common::*;
pub use custom_check::*;
pub use exemption::*;
pub use policy::*;
pub use policy_status::*;
pub use remediation::*;
pub use report::*;
pub use workload_kind::*;

/// The API group.
pub const GROUP: &str = "seaworthy.dev";
/// The version served.
pub const VERSION: &str = "v1alpha1";
/// `apiVersion` of every object of ours.
pub const API_VERSION: &str = "seaworthy.dev/v1alpha1";
