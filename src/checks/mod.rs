//! The catalogue of checks: one explicit, ordered list.
//!
//! A check is one `.rs` (data and a plain function) and one `.md` (documentation whose examples are its tests).
//! Not its job: running them (`engine`). Invariant: one check never names another (`tests/house.rs`).

mod availability;
mod configuration;
mod delivery;
mod health;
mod identity;
mod images;
mod jobs;
mod lifecycle;
mod namespaces;
mod networking;
mod observability;
mod pod_security;
mod resources;
mod rollout;
mod scaling;
mod storage;
mod support;

use crate::engine::Catalogue;

/// Names that checks had before, each with the id of the check that it means now: policies and profiles keep working.
const RENAMED: &[(&str, &str)] = &[];

/// Every check, by category.
pub const CATALOGUE: Catalogue = Catalogue::new(&[
    images::CHECKS,
    health::CHECKS,
    lifecycle::CHECKS,
    resources::CHECKS,
    scaling::CHECKS,
    availability::CHECKS,
    rollout::CHECKS,
    networking::CHECKS,
    storage::CHECKS,
    configuration::CHECKS,
    pod_security::CHECKS,
    identity::CHECKS,
    observability::CHECKS,
    delivery::CHECKS,
    jobs::CHECKS,
    namespaces::CHECKS,
])
.with_renamed(RENAMED);
