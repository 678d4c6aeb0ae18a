//! What collects metrics, and what is made of them: monitors, collectors, alert rules, dashboards.
//!
//! Not its job: whom a monitor covers (`checks`).

use std::fmt;

use serde::de::{Error, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::{IntOrString, Selector, Text};
use super::Reach;
use super::mentions::Mentions;

/// A ServiceMonitor or PodMonitor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Monitor {
    /// `selector`, over Services or pods; unset selects all of them.
    pub selector: Selector,
    /// `namespaceSelector`.
    #[serde(rename = "namespaceSelector")]
    pub namespaces: MonitoredNamespaces,
    /// `endpoints` or `podMetricsEndpoints`.
    #[serde(alias = "podMetricsEndpoints")]
    pub endpoints: Vec<MonitorEndpoint>,
}

/// The namespaces that a monitor looks into; unset means its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MonitoredNamespaces {
    /// `any`: all of them.
    pub any: bool,
    /// `matchNames`: these, in place of its own.
    pub match_names: Vec<Text>,
}

/// What a monitor scrapes of a Service or pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MonitorEndpoint {
    /// `port`: the name of a Service's or container's port; empty when unset.
    pub port: Text,
    /// `targetPort`, or `portNumber` of a PodMonitor: a port that a container declares.
    #[serde(alias = "portNumber")]
    pub target_port: Option<IntOrString>,
}

impl Monitor {
    pub(super) fn reach(&self) -> Reach {
        let far = self.namespaces.any || !self.namespaces.match_names.is_empty();
        if far { Reach::Cluster } else { Reach::Namespace }
    }
}

impl MonitoredNamespaces {
    /// Whether a monitor that stands in a namespace looks into another one, or into its own.
    pub fn include(&self, own: &Text, namespace: &Text) -> bool {
        match self.match_names.as_slice() {
            _ if self.any => true,
            [] => own == namespace,
            names => names.contains(namespace),
        }
    }
}

/// An OpenTelemetryCollector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Collector {
    /// Whether its `config` has a `prometheus` receiver.
    #[serde(rename = "config", deserialize_with = "has_prometheus_receiver")]
    pub scrapes: bool,
}

/// The configuration is an object, or, in `v1alpha1`, a text that holds one as YAML.
fn has_prometheus_receiver<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Config {
        Object {
            #[serde(default)]
            receivers: std::collections::BTreeMap<String, IgnoredAny>,
        },
        Yaml(String),
    }
    let is_prometheus = |name: &str| name == "prometheus" || name.starts_with("prometheus/");
    Ok(match Config::deserialize(deserializer).map_err(|_| D::Error::custom("not an object or a text"))? {
        Config::Object { receivers } => receivers.keys().any(|name| is_prometheus(name)),
        Config::Yaml(yaml) => {
            yaml.lines().filter_map(|line| line.trim().strip_suffix(':')).any(is_prometheus)
        }
    })
}

/// A PrometheusRule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "RulesWire")]
pub struct AlertRules {
    /// Whether it has an alert; recording rules alone tell nobody anything.
    pub alerts: bool,
    /// The namespaces that its alerts name.
    pub namespaces: Mentions,
}

impl AlertRules {
    pub(super) fn reach(&self) -> Reach {
        if self.alerts { self.namespaces.reach() } else { Reach::Namespace }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RulesWire {
    groups: Vec<RuleGroupWire>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RuleGroupWire {
    rules: Vec<RuleWire>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RuleWire {
    alert: Option<IgnoredAny>,
    expr: Mentioning,
    labels: RuleLabelsWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RuleLabelsWire {
    namespace: Option<Text>,
}

impl From<RulesWire> for AlertRules {
    fn from(wire: RulesWire) -> Self {
        let rules = wire.groups.into_iter().flat_map(|group| group.rules);
        let mut found = Self::default();
        for rule in rules.filter(|rule| rule.alert.is_some()) {
            found.alerts = true;
            found.namespaces.extend(rule.expr.0);
            if let Some(namespace) = rule.labels.namespace {
                found.namespaces.add(&namespace);
            }
        }
        found
    }
}

/// A GrafanaDashboard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "DashboardWire")]
pub struct Dashboard {
    /// The namespaces that its queries name.
    pub namespaces: Mentions,
}

impl Dashboard {
    pub(super) fn reach(&self) -> Reach {
        self.namespaces.reach()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DashboardWire {
    json: Mentioning,
}

impl From<DashboardWire> for Dashboard {
    fn from(wire: DashboardWire) -> Self {
        Self { namespaces: wire.json.0 }
    }
}

/// A text of which only the namespaces that it names are kept: the text itself may be very long.
#[derive(Default)]
struct Mentioning(Mentions);

impl<'de> Deserialize<'de> for Mentioning {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = Mentioning;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a number")
            }
            fn visit_str<E>(self, text: &str) -> Result<Mentioning, E> {
                Ok(Mentioning(Mentions::within(text)))
            }
            fn visit_unit<E>(self) -> Result<Mentioning, E> {
                Ok(Mentioning::default())
            }
            // An expression may be a mere number.
            fn visit_i64<E>(self, _: i64) -> Result<Mentioning, E> {
                Ok(Mentioning::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<Mentioning, E> {
                Ok(Mentioning::default())
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// A VulnerabilityReport of the Trivy operator; whose it is stands in its labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "VulnerabilityWire")]
pub struct Vulnerabilities {
    /// `report.summary.criticalCount`.
    pub critical: i64,
    /// `report.artifact.tag` of the image that was scanned; empty when unset.
    pub tag: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct VulnerabilityWire {
    report: ReportWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ReportWire {
    summary: SummaryWire,
    artifact: ArtifactWire,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SummaryWire {
    critical_count: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ArtifactWire {
    tag: Text,
}

impl From<VulnerabilityWire> for Vulnerabilities {
    fn from(VulnerabilityWire { report }: VulnerabilityWire) -> Self {
        Self { critical: report.summary.critical_count, tag: report.artifact.tag }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_scrapes_by_its_receivers() {
        let scrapes = |json: &str| serde_json::from_str::<Collector>(json).unwrap().scrapes;
        assert!(scrapes(r#"{"config":{"receivers":{"prometheus/pods":{"config":{}},"otlp":null}}}"#));
        assert!(!scrapes(r#"{"config":{"receivers":{"otlp":{}},"exporters":{"prometheus":{}}}}"#));
        assert!(scrapes("{\"config\":\"receivers:\\n  prometheus:\\n    config: {}\\n\"}"));
        assert!(!scrapes(r#"{"mode":"sidecar"}"#));
    }

    #[test]
    fn only_alerts_name_namespaces() {
        let rules: AlertRules = serde_json::from_str(
            r#"{"groups":[{"rules":[
                {"record":"a","expr":"sum(x{namespace=\"quiet\"})"},
                {"alert":"Down","expr":"up{namespace=\"shop\"} == 0"},
                {"alert":"Always","expr":1,"labels":{"namespace":"bank"}}]}]}"#,
        )
        .unwrap();
        assert!(rules.alerts && rules.reach() == Reach::Cluster);
        let names = |namespace: &str| rules.namespaces.include(namespace);
        assert!(names("shop") && names("bank") && !names("quiet"));
    }
}
