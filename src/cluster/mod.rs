//! The cluster: which kinds are watched, how, and what that takes in rights and definitions.
//!
//! Not its job: what the objects mean (`model`), or what the controller writes (`controller::apply`).

mod crd;
mod element;
mod kinds;
mod rbac;
mod served;
mod snapshot;
mod submit;
mod watch;

pub use crd::{crds, crds_yaml};
pub use element::Element;
pub use kinds::{
    Need, WATCHED, Watched, attestations, exemptions, need, policies, reports, resource, withheld,
};
pub use rbac::{LEASE, Rule, cluster_rules, namespace_rules, network_rules, remediation_rules};
pub use served::{Served, follow_served};
pub use snapshot::{Named, Snapshot, SnapshotError};
pub use watch::{Observation, Seen, WatchedObject, observe, observe_where_served};
