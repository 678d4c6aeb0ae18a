//! How to reach a cluster and as whom: as a kubeconfig file, and as a client's configuration.
//!
//! Not here: making certificates and tokens.

use std::path::Path;

use k8s_openapi::ByteString;
use kube::config::AuthInfo;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::pki::{Identity, Pki, write_private};

/// How a user shows who they are.
pub(crate) enum Credential<'a> {
    Certificate(&'a Identity),
    Token(&'a str),
}

/// Writes a kubeconfig that stands by itself: it can be copied elsewhere on this machine.
pub(crate) fn write(
    path: &Path,
    server: &str,
    pki: &Pki,
    user: &Credential<'_>,
    namespace: &str,
) -> Result<()> {
    let ca = base64(pki.ca_pem());
    let user = match user {
        Credential::Certificate(identity) => format!(
            "client-certificate-data: {}, client-key-data: {}",
            base64(&identity.certificate),
            base64(&identity.key)
        ),
        Credential::Token(token) => format!("token: {token}"),
    };
    let text = format!(
        "apiVersion: v1\n\
         kind: Config\n\
         clusters:\n\
         - {{name: e2e, cluster: {{server: \"{server}\", certificate-authority-data: {ca}}}}}\n\
         users:\n\
         - {{name: user, user: {{{user}}}}}\n\
         contexts:\n\
         - {{name: e2e, context: {{cluster: e2e, user: user, namespace: {namespace}}}}}\n\
         current-context: e2e\n"
    );
    write_private(path, &text)
}

/// The configuration of a client with that certificate.
///
/// Built from scratch and not from the environment, so that no proxy of the environment gets into it: loopback
/// is nothing a proxy could reach.
pub(crate) fn config(server: &str, pki: &Pki, user: &Identity) -> Result<kube::Config> {
    let url = server.parse().map_err(|error: http::uri::InvalidUri| Error::Client {
        url: server.to_owned(),
        reason: error.to_string(),
    })?;
    let mut config = kube::Config::new(url);
    config.root_cert = Some(vec![pki.ca_der().to_vec()]);
    config.auth_info = AuthInfo {
        client_certificate_data: Some(base64(&user.certificate)),
        client_key_data: Some(base64(&user.key).into()),
        ..AuthInfo::default()
    };
    Ok(config)
}

/// Connects a client.
pub(crate) fn client(config: kube::Config) -> Result<kube::Client> {
    let url = config.cluster_url.to_string();
    kube::Client::try_from(config).map_err(|error| Error::Client { url, reason: error.to_string() })
}

/// Kubernetes writes bytes as base64 wherever they stand in JSON; so does its type for them.
fn base64(text: &str) -> String {
    match serde_json::to_value(ByteString(text.as_bytes().to_vec())) {
        Ok(Value::String(encoded)) => encoded,
        // A ByteString is a string in JSON.
        _ => String::new(),
    }
}
