//! What watches hosts from outside: the Prometheus operator's Probe.

use serde::Deserialize;

use super::super::{Selector, Text};
use super::Reach;

/// `ProbeSpec`: what it looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct UptimeProbe {
    /// `targets`.
    pub targets: ProbeTargets,
}

/// `ProbeTargets`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProbeTargets {
    /// `staticConfig`.
    pub static_config: StaticTargets,
    /// `ingress`.
    pub ingress: Option<IngressTargets>,
}

/// `ProbeTargetStaticConfig`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StaticTargets {
    /// `static`: addresses, most of them URLs.
    #[serde(rename = "static")]
    pub urls: Vec<Text>,
}

/// `ProbeTargetIngress`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressTargets {
    /// `selector`: of the Ingresses.
    pub selector: Selector,
    /// `namespaceSelector`: where they are.
    pub namespace_selector: TargetNamespaces,
}

/// `NamespaceSelector` of the Prometheus operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TargetNamespaces {
    /// `any`.
    pub any: bool,
    /// `matchNames`; empty means the Probe's own namespace.
    pub match_names: Vec<Text>,
}

impl UptimeProbe {
    /// Whoever watches hosts watches those of every namespace.
    pub(super) fn reach(&self) -> Reach {
        Reach::Cluster
    }
}
