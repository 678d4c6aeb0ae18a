//! The certificates and keys of one cluster, made with a library.
//!
//! Not here: kubeconfig files, and who may do what.

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::cache::create_private;
use crate::error::{Error, IoContext as _, Result};

/// Names and addresses under which the API server is called: from outside, and by pods.
const API_SERVER_NAMES: [&str; 7] = [
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "localhost",
    "127.0.0.1",
    "10.96.0.1",
];

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// A certificate authority.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: Vec<u8>,
}

/// The folder with a cluster's certificates, and the authority that makes more.
pub(crate) struct Pki {
    dir: PathBuf,
    authority: Authority,
}

impl Pki {
    /// Makes everything the servers need, as files in a new folder.
    pub(crate) fn create(dir: &Path) -> Result<Self> {
        create_private(dir)?;
        let pki = Self { dir: dir.to_owned(), authority: Authority::new("kubernetes-ca")? };
        let ca = &pki.authority;
        pki.write("ca.crt", &ca.pem)?;
        // The controller manager signs certificate requests with it.
        pki.write("ca.key", &ca.issuer.key().serialize_pem())?;
        pki.write_identity("apiserver", &ca.issue("kube-apiserver", None, &API_SERVER_NAMES)?)?;
        // Served by the controller manager and the scheduler, so that their health can be asked with verified TLS.
        pki.write_identity("component", &ca.issue("component", None, &["127.0.0.1", "localhost"])?)?;
        let kubelet_client = ca.issue("kube-apiserver-kubelet-client", Some("system:masters"), &[])?;
        pki.write_identity("apiserver-kubelet", &kubelet_client)?;

        let front = Authority::new("front-proxy-ca")?;
        pki.write("front-proxy-ca.crt", &front.pem)?;
        pki.write_identity("front-proxy", &front.issue("front-proxy-client", None, &[])?)?;

        let tokens = KeyPair::generate().map_err(named("service-account"))?;
        pki.write("sa.key", &tokens.serialize_pem())?;
        pki.write("sa.pub", &tokens.public_key_pem())?;
        Ok(pki)
    }

    /// A client certificate: `user`, member of `group`.
    pub(crate) fn client(&self, user: &str, group: Option<&str>) -> Result<Identity> {
        self.authority.issue(user, group, &[])
    }

    /// The certificate of the authority everybody here trusts, in PEM.
    pub(crate) fn ca_pem(&self) -> &str {
        &self.authority.pem
    }

    /// The same in DER.
    pub(crate) fn ca_der(&self) -> &[u8] {
        &self.authority.der
    }

    /// A file of this folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn write_identity(&self, name: &str, identity: &Identity) -> Result<()> {
        self.write(&format!("{name}.crt"), &identity.certificate)?;
        self.write(&format!("{name}.key"), &identity.key)
    }

    fn write(&self, name: &str, pem: &str) -> Result<()> {
        write_private(&self.path(name), pem)
    }
}

impl Authority {
    fn new(name: &str) -> Result<Self> {
        let key = KeyPair::generate().map_err(named(name))?;
        let mut params = params(name, None, &[])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
        let certificate = params.self_signed(&key).map_err(named(name))?;
        let (pem, der) = (certificate.pem(), certificate.der().to_vec());
        Ok(Self { issuer: Issuer::new(params, key), pem, der })
    }

    fn issue(&self, name: &str, group: Option<&str>, addresses: &[&str]) -> Result<Identity> {
        let key = KeyPair::generate().map_err(named(name))?;
        let mut params = params(name, group, addresses)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).map_err(named(name))?;
        Ok(Identity { certificate: certificate.pem(), key: key.serialize_pem() })
    }
}

/// Kubernetes takes the user from the common name and the groups from the organizations.
fn params(name: &str, group: Option<&str>, addresses: &[&str]) -> Result<CertificateParams> {
    let addresses: Vec<String> = addresses.iter().map(|&address| address.to_owned()).collect();
    let mut params = CertificateParams::new(addresses).map_err(named(name))?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    if let Some(group) = group {
        params.distinguished_name.push(DnType::OrganizationName, group);
    }
    Ok(params)
}

fn named(name: &str) -> impl FnOnce(rcgen::Error) -> Error {
    let name = name.to_owned();
    move |source| Error::Certificate { name, source }
}

/// Writes a file that only its owner can read, from its first byte on.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    let file = fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).at("write", path)
}
