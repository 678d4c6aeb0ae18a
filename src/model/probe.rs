//! Probes and lifecycle hooks: what a container is asked and told.
//!
//! Not its job: the container.

use serde::Deserialize;

use super::Text;

/// A whole number or a text, as ports and budgets have it (`intstr.IntOrString`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum IntOrString {
    /// A number.
    Int(i64),
    /// A name, or a percentage such as `50%`.
    String(Text),
}

impl std::fmt::Display for IntOrString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(n) => n.fmt(f),
            Self::String(s) => s.fmt(f),
        }
    }
}

/// `Probe`, API defaults applied.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "ProbeWire")]
pub struct Probe {
    /// What is asked.
    pub handler: Handler,
    /// Seconds from the container's start to the first question.
    pub initial_delay_seconds: i64,
    /// Seconds that an answer may take.
    pub timeout_seconds: i64,
    /// Seconds between two questions.
    pub period_seconds: i64,
    /// Bad answers in a row until it counts as failed.
    pub failure_threshold: i64,
}

impl Probe {
    /// Seconds of bad answers until the probe counts as failed.
    pub fn gives_up_after_seconds(&self) -> i64 {
        self.period_seconds.saturating_mul(self.failure_threshold)
    }
}

// Flat, because `#[serde(flatten)]` would buffer every probe of the cluster.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProbeWire {
    http_get: Option<HttpGet>,
    tcp_socket: Option<TcpSocket>,
    exec: Option<Exec>,
    grpc: Option<Grpc>,
    initial_delay_seconds: i64,
    timeout_seconds: i64,
    period_seconds: i64,
    failure_threshold: i64,
}

impl From<ProbeWire> for Probe {
    fn from(wire: ProbeWire) -> Self {
        let ProbeWire { http_get, tcp_socket, exec, grpc, .. } = wire;
        // The API server stores its default where the field is unset or zero.
        let or = |value: i64, default: i64| if value > 0 { value } else { default };
        Self {
            handler: Handler { http_get, tcp_socket, exec, grpc, sleep: None },
            initial_delay_seconds: wire.initial_delay_seconds,
            timeout_seconds: or(wire.timeout_seconds, 1),
            period_seconds: or(wire.period_seconds, 10),
            failure_threshold: or(wire.failure_threshold, 3),
        }
    }
}

/// The handlers of a probe or a lifecycle hook; the API allows exactly one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Handler {
    /// `httpGet`.
    pub http_get: Option<HttpGet>,
    /// `tcpSocket`.
    pub tcp_socket: Option<TcpSocket>,
    /// `exec`.
    pub exec: Option<Exec>,
    /// `grpc`.
    pub grpc: Option<Grpc>,
    /// `sleep`, of a lifecycle hook.
    pub sleep: Option<Sleep>,
}

impl Handler {
    /// Whether it does anything.
    pub fn is_set(&self) -> bool {
        self.http_get.is_some()
            || self.tcp_socket.is_some()
            || self.exec.is_some()
            || self.grpc.is_some()
            || self.sleep.is_some()
    }
}

/// `HTTPGetAction`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpGet {
    /// `path`; empty means `/`.
    #[serde(default)]
    pub path: Text,
    /// `port`.
    pub port: IntOrString,
    /// `host`; empty means the pod.
    #[serde(default)]
    pub host: Text,
    /// `scheme`; empty means HTTP.
    #[serde(default)]
    pub scheme: Text,
    /// `httpHeaders`: one path may be two endpoints by its `Host` header.
    #[serde(default)]
    pub http_headers: Vec<HttpHeader>,
}

/// `HTTPHeader`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HttpHeader {
    /// `name`.
    pub name: Text,
    /// `value`.
    #[serde(default)]
    pub value: Text,
}

/// `TCPSocketAction`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TcpSocket {
    /// `port`.
    pub port: IntOrString,
    /// `host`; empty means the pod.
    #[serde(default)]
    pub host: Text,
}

/// `ExecAction`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Exec {
    /// `command`.
    pub command: Vec<Text>,
}

/// `GRPCAction`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Grpc {
    /// `port`.
    pub port: i64,
    /// `service`.
    #[serde(default)]
    pub service: Text,
}

/// `SleepAction`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sleep {
    /// `seconds`.
    pub seconds: i64,
}

/// `Lifecycle`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lifecycle {
    /// `preStop`.
    pub pre_stop: Option<Handler>,
    /// `postStart`; boxed, since hardly any container has one.
    pub post_start: Option<Box<Handler>>,
}
