//! What the API server itself calls: the Services behind admission webhooks, aggregated APIs and conversions.
//!
//! Who takes such a Service off the network can stop the whole cluster. Not its job: who would (`remedy`).

use serde::{Deserialize, Deserializer};

use super::super::Text;
use super::Reach;

/// The Services that a ValidatingWebhookConfiguration, MutatingWebhookConfiguration, APIService or
/// CustomResourceDefinition makes the API server call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callbacks {
    /// Each of them, in the order of the object.
    pub services: Box<[CalledService]>,
}

/// A Service by namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct CalledService {
    /// Its namespace.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
}

impl Callbacks {
    /// Such an object concerns the namespaces of its Services and nobody else.
    pub(super) fn reach(&self) -> Reach {
        Reach::Namespaces(self.services.iter().map(|service| service.namespace.clone()).collect())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ObjectWire {
    webhooks: Vec<WebhookWire>,
    spec: SpecWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SpecWire {
    /// Of an APIService.
    service: Option<CalledService>,
    /// Of a CustomResourceDefinition.
    conversion: ConversionWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ConversionWire {
    webhook: Option<WebhookWire>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WebhookWire {
    client_config: ClientWire,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClientWire {
    service: Option<CalledService>,
    url: Option<Text>,
}

impl ClientWire {
    fn service(self) -> Option<CalledService> {
        self.service.or_else(|| of_url(&self.url?))
    }
}

/// The Service that a URL names by its name in the cluster's DNS: `https://hook.shop.svc:8443/validate`.
fn of_url(url: &str) -> Option<CalledService> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', ':', '?']).next()?;
    let mut labels = host.split('.');
    let (name, namespace, svc) = (labels.next()?, labels.next()?, labels.next()?);
    (svc == "svc").then(|| CalledService { namespace: Text::new(namespace), name: Text::new(name) })
}

impl<'de> Deserialize<'de> for Callbacks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ObjectWire { webhooks, spec: SpecWire { service, conversion } } =
            ObjectWire::deserialize(deserializer)?;
        let hooks =
            webhooks.into_iter().chain(conversion.webhook).filter_map(|hook| hook.client_config.service());
        Ok(Self { services: service.into_iter().chain(hooks).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_of_every_sort_of_callback_are_found() {
        let service = r#"{"namespace": "shop", "name": "hook", "port": 443}"#;
        for json in [
            format!(
                r#"{{"webhooks": [{{"clientConfig": {{"url": "https://example.com"}}}},
                {{"clientConfig": {{"service": {service}}}}}]}}"#
            ),
            format!(r#"{{"spec": {{"group": "x", "service": {service}}}}}"#),
            format!(
                r#"{{"spec": {{"conversion": {{"strategy": "Webhook",
                "webhook": {{"clientConfig": {{"service": {service}}}}}}}}}}}"#
            ),
            r#"{"webhooks": [{"clientConfig": {"url": "https://hook.shop.svc.cluster.local:8443/v"}}]}"#
                .to_owned(),
        ] {
            let callbacks: Callbacks = serde_json::from_str(&json).unwrap();
            let [CalledService { namespace, name }] = &*callbacks.services else { panic!("{json}") };
            assert_eq!((namespace.as_str(), name.as_str()), ("shop", "hook"), "{json}");
        }
        let none = r#"{"spec": {"service": null, "conversion": {"strategy": "None"}}}"#;
        assert_eq!(serde_json::from_str::<Callbacks>(none).unwrap(), Callbacks::default());
    }
}
