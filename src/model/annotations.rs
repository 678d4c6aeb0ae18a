//! The annotations that checks read; all others are left out while an object is read.
//!
//! Annotations hold anything, whole manifests included (`kubectl.kubernetes.io/last-applied-configuration`), so that
//! keeping them all would cost more memory than all else together. A check that reads another key adds it to `KNOWN`.
//! Not its job: what they mean.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Text;

/// The keys that are kept; one that ends with `/` stands for every key that starts with it.
const KNOWN: &[&str] = &[
    // Ours: exemptions, consent, and what is written on objects that were made.
    "exempt.seaworthy.dev/",
    "exempt-until.seaworthy.dev/",
    "seaworthy.dev/",
    // Pod Security, for pods older than the field.
    "container.apparmor.security.beta.kubernetes.io/",
    // What looks at a pod, or is put into it.
    "prometheus.io/",
    "sidecar.opentelemetry.io/",
    "instrumentation.opentelemetry.io/",
    "sidecar.jaegertracing.io/",
    "sidecar.istio.io/",
    "linkerd.io/",
    "config.linkerd.io/",
    "vault.hashicorp.com/",
    "ad.datadoghq.com/",
    "admission.datadoghq.com/",
    "backup.velero.io/",
    "k8up.io/",
    // What people say was done.
    "attest.seaworthy.dev/",
    // Who delivers an object, and from where.
    "meta.helm.sh/",
    "helm.sh/hook",
    "argocd.argoproj.io/tracking-id",
    "argocd.argoproj.io/hook",
    // Routes and load balancers.
    "kubernetes.io/ingress.class",
    "kubernetes.io/tls-acme",
    "cert-manager.io/",
    "ingress.kubernetes.io/",
    "nginx.ingress.kubernetes.io/",
    "nginx.org/",
    "traefik.ingress.kubernetes.io/",
    "haproxy.org/",
    "haproxy-ingress.github.io/",
    "alb.ingress.kubernetes.io/",
    "appgw.ingress.kubernetes.io/",
    "konghq.com/",
    "ingress.gcp.kubernetes.io/",
    "networking.gke.io/",
    "cloud.google.com/",
    "service.beta.kubernetes.io/",
    "service.alpha.kubernetes.io/",
    "service.kubernetes.io/",
    "service.kubernetes.io.cloud.provider/",
    "loadbalancer.openstack.org/",
    "load-balancer.hetzner.cloud/",
    // Storage.
    "volume.beta.kubernetes.io/storage-class",
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
];

fn is_known(key: &str) -> bool {
    KNOWN.iter().any(|known| if known.ends_with('/') { key.starts_with(known) } else { key == *known })
}

/// The annotations of an object that checks read, sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations(Option<Box<[(Text, Text)]>>);

impl Annotations {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Text> {
        debug_assert!(is_known(key), "{key} is never kept: add it to KNOWN");
        self.iter().find(|(k, _)| *k == key).map(|(_, value)| value)
    }

    /// All pairs, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Text)> {
        self.0.iter().flatten().map(|(key, value)| (key, value))
    }

    /// The pairs whose key starts with `prefix`, each with the rest of its key.
    pub fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Text)> {
        self.iter().filter_map(move |(key, value)| Some((key.as_str().strip_prefix(prefix)?, value)))
    }
}

impl<'de> Deserialize<'de> for Annotations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnnotationsVisitor;
        impl<'de> Visitor<'de> for AnnotationsVisitor {
            type Value = Annotations;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of annotations")
            }
            fn visit_unit<E>(self) -> Result<Annotations, E> {
                Ok(Annotations::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Annotations, A::Error> {
                let mut kept = Vec::new();
                // `Key` does not intern: the keys that are dropped are not worth it.
                while let Some(Key(key)) = map.next_key()? {
                    match key {
                        // In the API null is the empty string here.
                        Some(key) => kept.push((key, map.next_value::<Option<Text>>()?.unwrap_or_default())),
                        None => map.next_value::<Option<Ignored>>().map(|_| ())?,
                    }
                }
                kept.sort();
                let none = kept.is_empty();
                Ok(Annotations((!none).then(|| kept.into_boxed_slice())))
            }
        }
        deserializer.deserialize_any(AnnotationsVisitor)
    }
}

/// A key, if it is one to keep.
struct Key(Option<Text>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                Ok(Key(is_known(key).then(|| Text::new(key))))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A value that is not kept; a string all the same, as the API server demands.
struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IgnoredVisitor;
        impl Visitor<'_> for IgnoredVisitor {
            type Value = Ignored;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, _: &str) -> Result<Ignored, E> {
                Ok(Ignored)
            }
        }
        deserializer.deserialize_str(IgnoredVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_keys_are_kept() {
        let json = r#"{"prometheus.io/scrape": "true", "other.io/a": "x", "prometheus.io/port": null,
            "meta.helm.sh/release-name": "shop", "kubectl.kubernetes.io/last-applied-configuration": "{}"}"#;
        let annotations: Annotations = serde_json::from_str(json).unwrap();
        let keys: Vec<_> = annotations.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["meta.helm.sh/release-name", "prometheus.io/port", "prometheus.io/scrape"]);
        assert_eq!(annotations.get("prometheus.io/scrape"), Some(&Text::new("true")));
        let below: Vec<_> = annotations.below("prometheus.io/").map(|(k, v)| (k, v.as_str())).collect();
        assert_eq!(below, [("port", ""), ("scrape", "true")]);
        assert_eq!(serde_json::from_str::<Annotations>("null").unwrap(), Annotations::default());
    }

    #[test]
    fn a_value_is_a_string_as_the_api_server_demands() {
        for json in [r#"{"prometheus.io/port": 80}"#, r#"{"other.io/a": true}"#] {
            assert!(serde_json::from_str::<Annotations>(json).is_err(), "{json}");
        }
    }
}
