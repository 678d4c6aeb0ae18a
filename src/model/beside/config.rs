//! Configuration: ConfigMaps, and what makes Secrets in place of people.
//!
//! Secrets themselves are their names and nothing more. Not its job: what a value gives away (`checks`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::Text;

/// A ConfigMap. Clusters are never asked for any, so that this is one of an offline input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ConfigMap {
    /// `data`. Values are whole files at times, so they are not interned.
    pub data: BTreeMap<Text, Box<str>>,
}

/// External Secrets' ExternalSecret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ExternalSecret {
    /// `target`.
    pub target: SecretTarget,
}

/// `target` of an ExternalSecret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SecretTarget {
    /// `name` of the Secret that it makes; empty means its own name.
    pub name: Text,
}

/// SecretProviderClass of the Secrets Store CSI driver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretProviderClass {
    /// `secretObjects`: the Secrets that the driver makes while a pod mounts the class.
    pub secret_objects: Vec<SecretObject>,
}

/// An entry of `secretObjects`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretObject {
    /// `secretName`.
    pub secret_name: Text,
}

/// cert-manager's Certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Certificate {
    /// `secretName`: the Secret that holds the key and the certificate.
    pub secret_name: Text,
}
