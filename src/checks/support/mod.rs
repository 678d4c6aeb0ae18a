//! What several checks share. Not its job: verdicts.

pub(super) mod access;
pub(super) mod autoscaling;
pub(super) mod backups;
pub(super) mod budgets;
pub(super) mod claims;
pub(super) mod dns;
pub(super) mod exposure;
pub(super) mod findings;
pub(super) mod images;
pub(super) mod monitors;
pub(super) mod network;
pub(super) mod node_path;
pub(super) mod pause;
pub(super) mod powers;
pub(super) mod ratio;
pub(super) mod references;
pub(super) mod rollout;
pub(super) mod routes;
pub(super) mod secrets;
pub(super) mod selection;
pub(super) mod serving;
pub(super) mod shell;
pub(super) mod sizing;
pub(super) mod spread;
pub(super) mod words;
