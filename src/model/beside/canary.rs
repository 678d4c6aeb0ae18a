//! Flagger's Canaries: which workload each of them rolls out.

use serde::Deserialize;

use super::super::{Kind, Text};

/// A Flagger Canary.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Canary {
    /// `targetRef`.
    #[serde(rename = "targetRef")]
    pub target: CanaryTarget,
}

/// `targetRef` of a Canary.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanaryTarget {
    /// `apiVersion`.
    #[serde(default)]
    pub api_version: Text,
    /// `kind`.
    pub kind: Text,
    /// `name`.
    pub name: Text,
}

impl CanaryTarget {
    /// Whether it is the workload of this kind and name.
    pub fn is(&self, kind: Kind, name: &Text) -> bool {
        let group = self.api_version.split_once('/').map_or("", |(group, _)| group);
        self.name == *name && Kind::find(group, &self.kind) == Some(kind)
    }
}
