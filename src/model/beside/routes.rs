//! How connections come in: Ingress, and the Gateway API's HTTPRoute, Gateway and ReferenceGrant.
//!
//! Not its job: which Service a route leads to (`checks::support::routes`).

use serde::{Deserialize, Deserializer};

use super::super::Text;
use super::Reach;

/// `IngressSpec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ingress {
    /// `ingressClassName`; empty when unset.
    pub ingress_class_name: Text,
    /// `defaultBackend`.
    pub default_backend: Option<IngressBackend>,
    /// `rules`.
    pub rules: Vec<IngressRule>,
    /// `tls`.
    pub tls: Vec<IngressTls>,
}

/// `IngressRule`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct IngressRule {
    /// `host`; empty means every name.
    pub host: Text,
    /// `http`.
    pub http: IngressHttp,
}

/// `HTTPIngressRuleValue`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct IngressHttp {
    /// `paths`.
    pub paths: Vec<IngressPath>,
}

/// `HTTPIngressPath`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressPath {
    /// `path`; empty means every path.
    pub path: Text,
    /// `pathType`.
    pub path_type: Text,
    /// `backend`.
    pub backend: IngressBackend,
}

/// `IngressBackend`; without a Service it is a resource of another kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct IngressBackend {
    /// `service`.
    pub service: Option<IngressService>,
}

/// `IngressServiceBackend`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct IngressService {
    /// `name`.
    pub name: Text,
    /// `port`.
    pub port: IngressPort,
}

/// `ServiceBackendPort`: a name or a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct IngressPort {
    /// `name`; empty when unset.
    pub name: Text,
    /// `number`.
    pub number: Option<i64>,
}

/// `IngressTLS`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct IngressTls {
    /// `hosts`; empty means all of the Ingress.
    pub hosts: Vec<Text>,
}

/// `HTTPRouteSpec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpRoute {
    /// `parentRefs`.
    pub parent_refs: Vec<RouteParent>,
    /// `hostnames`; empty means those of the listeners.
    pub hostnames: Vec<Text>,
    /// `rules`.
    pub rules: Vec<RouteRule>,
}

/// `ParentReference`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteParent {
    /// `group`.
    #[serde(default = "gateway_group")]
    pub group: Text,
    /// `kind`.
    #[serde(default = "gateway_kind")]
    pub kind: Text,
    /// `namespace`; empty means the route's own.
    #[serde(default)]
    pub namespace: Text,
    /// `name`.
    pub name: Text,
    /// `sectionName`; empty means every listener.
    #[serde(default)]
    pub section_name: Text,
    /// `port`.
    #[serde(default)]
    pub port: Option<i64>,
}

const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

fn gateway_group() -> Text {
    Text::new(GATEWAY_GROUP)
}

fn gateway_kind() -> Text {
    Text::new("Gateway")
}

impl RouteParent {
    /// Whether it is a Gateway.
    pub fn is_gateway(&self) -> bool {
        self.group == GATEWAY_GROUP && self.kind == "Gateway"
    }
}

/// `HTTPRouteRule`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteRule {
    /// `matches`; empty means every request.
    pub matches: Vec<RouteMatch>,
    /// `filters`.
    pub filters: Vec<RouteFilter>,
    /// `backendRefs`.
    pub backend_refs: Vec<RouteBackend>,
}

/// `HTTPRouteMatch`, API defaults applied, in one text: two that mean the same are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteMatch(pub Text);

impl Default for RouteMatch {
    fn default() -> Self {
        MatchWire::default().into()
    }
}

impl<'de> Deserialize<'de> for RouteMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        MatchWire::deserialize(deserializer).map(Self::from)
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MatchWire {
    path: PathWire,
    method: Text,
    headers: Vec<PairWire>,
    query_params: Vec<PairWire>,
}

#[derive(Deserialize)]
struct PathWire {
    #[serde(rename = "type", default = "path_prefix")]
    kind: Text,
    #[serde(default = "root")]
    value: Text,
}

fn path_prefix() -> Text {
    Text::new("PathPrefix")
}

fn root() -> Text {
    Text::new("/")
}

impl Default for PathWire {
    fn default() -> Self {
        Self { kind: path_prefix(), value: root() }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PairWire {
    #[serde(rename = "type")]
    kind: Text,
    name: Text,
    value: Text,
}

impl From<MatchWire> for RouteMatch {
    fn from(wire: MatchWire) -> Self {
        let words = |pairs: Vec<PairWire>, noun: &str, lower: bool| {
            let word = |pair: PairWire| {
                let name = if lower { pair.name.to_lowercase() } else { pair.name.to_string() };
                let sign = if pair.kind == "RegularExpression" { "=~" } else { "=" };
                format!(" {noun} {name}{sign}{}", pair.value)
            };
            let mut words: Vec<String> = pairs.into_iter().map(word).collect();
            words.sort();
            words.concat()
        };
        let MatchWire { path, method, headers, query_params } = wire;
        let value = if path.kind == "PathPrefix" && path.value.len() > 1 {
            path.value.trim_end_matches('/')
        } else {
            path.value.as_str()
        };
        let kind = match path.kind.as_str() {
            "PathPrefix" => "",
            "Exact" => " exactly",
            _ => " as an expression",
        };
        let method = if method.is_empty() { String::new() } else { format!(" {method}") };
        let (headers, query) = (words(headers, "header", true), words(query_params, "parameter", false));
        Self(format!("{value}{kind}{method}{headers}{query}").into())
    }
}

/// `HTTPRouteFilter`: whether it sends clients to HTTPS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteFilter {
    /// `requestRedirect`.
    pub request_redirect: Option<Redirect>,
}

/// `HTTPRequestRedirectFilter`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Redirect {
    /// `scheme`; empty means the one of the request.
    pub scheme: Text,
}

/// `HTTPBackendRef`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RouteBackend {
    /// `group`.
    #[serde(default)]
    pub group: Text,
    /// `kind`.
    #[serde(default = "service_kind")]
    pub kind: Text,
    /// `namespace`; empty means the route's own.
    #[serde(default)]
    pub namespace: Text,
    /// `name`.
    pub name: Text,
    /// `port`.
    #[serde(default)]
    pub port: Option<i64>,
    /// `weight`; unset means 1.
    #[serde(default)]
    pub weight: Option<i64>,
}

fn service_kind() -> Text {
    Text::new("Service")
}

/// `GatewaySpec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Gateway {
    /// `listeners`.
    pub listeners: Vec<Listener>,
}

impl Gateway {
    /// Routes of other namespaces come in through it.
    pub(super) fn reach(&self) -> Reach {
        Reach::Cluster
    }
}

/// `Listener`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Listener {
    /// `name`.
    pub name: Text,
    /// `protocol`.
    pub protocol: Text,
    /// `port`.
    pub port: i64,
    /// `hostname`; empty means every name.
    pub hostname: Text,
}

/// `ReferenceGrantSpec`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ReferenceGrant {
    /// `from`.
    pub from: Vec<GrantFrom>,
    /// `to`.
    pub to: Vec<GrantTo>,
}

impl ReferenceGrant {
    /// It is there for other namespaces.
    pub(super) fn reach(&self) -> Reach {
        Reach::Cluster
    }

    /// Whether an HTTPRoute of a namespace may lead to a Service here.
    pub fn lets_route(&self, namespace: &Text, service: &Text) -> bool {
        let from = |from: &GrantFrom| {
            from.group == GATEWAY_GROUP && from.kind == "HTTPRoute" && from.namespace == *namespace
        };
        let to = |to: &GrantTo| {
            to.group.is_empty() && to.kind == "Service" && (to.name.is_empty() || to.name == *service)
        };
        self.from.iter().any(from) && self.to.iter().any(to)
    }
}

/// `ReferenceGrantFrom`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct GrantFrom {
    /// `group`.
    pub group: Text,
    /// `kind`.
    pub kind: Text,
    /// `namespace`.
    pub namespace: Text,
}

/// `ReferenceGrantTo`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct GrantTo {
    /// `group`.
    pub group: Text,
    /// `kind`.
    pub kind: Text,
    /// `name`; empty means all.
    pub name: Text,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_that_mean_the_same_are_the_same() {
        let read = |json: &str| serde_json::from_str::<RouteMatch>(json).unwrap();
        assert_eq!(read("{}"), read(r#"{"path":{"type":"PathPrefix","value":"/"}}"#));
        assert_eq!(read("{}"), RouteMatch::default());
        assert_eq!(read(r#"{"path":{"value":"/a/"}}"#), read(r#"{"path":{"value":"/a"}}"#));
        assert_ne!(read(r#"{"path":{"type":"Exact","value":"/a"}}"#), read(r#"{"path":{"value":"/a"}}"#));
        assert_eq!(
            read(r#"{"headers":[{"name":"X-A","value":"1"},{"name":"b","value":"2"}]}"#),
            read(r#"{"headers":[{"name":"B","value":"2"},{"name":"x-a","value":"1","type":"Exact"}]}"#)
        );
    }
}
