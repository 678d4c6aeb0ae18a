//! The flags of each server, with the reasons for those that are not obvious.
//!
//! Not here: starting the servers.

use std::path::Path;

use super::builder::Options;
use super::nodes;
use super::ports::Ports;

/// Where the parts of a cluster are, for its flags.
pub(super) struct Layout<'a> {
    pub(super) dir: &'a Path,
    pub(super) ports: Ports,
    pub(super) options: &'a Options,
}

impl Layout<'_> {
    fn file(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    fn pki(&self, name: &str) -> String {
        self.file(&format!("pki/{name}"))
    }

    pub(super) fn etcd_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.etcd)
    }

    pub(super) fn api_url(&self) -> String {
        format!("https://127.0.0.1:{}", self.ports.api)
    }

    pub(super) fn etcd(&self) -> Vec<String> {
        let client = self.etcd_url();
        let peer = format!("http://127.0.0.1:{}", self.ports.etcd_peer);
        vec![
            "--name=default".to_owned(),
            format!("--data-dir={}", self.file("etcd")),
            format!("--listen-client-urls={client}"),
            format!("--advertise-client-urls={client}"),
            format!("--listen-peer-urls={peer}"),
            format!("--initial-advertise-peer-urls={peer}"),
            format!("--initial-cluster=default={peer}"),
            "--quota-backend-bytes=8589934592".to_owned(),
            // The data is thrown away: a crash may lose it. Say so beside any number measured here.
            "--unsafe-no-fsync".to_owned(),
        ]
    }

    pub(super) fn api_server(&self) -> Vec<String> {
        let mut flags = vec![
            format!("--etcd-servers={}", self.etcd_url()),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--secure-port={}", self.ports.api),
            // Endpoints may not hold loopback addresses, so the `kubernetes` Service can have none.
            "--endpoint-reconciler-type=none".to_owned(),
            "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
            "--allow-privileged=true".to_owned(),
            "--authorization-mode=Node,RBAC".to_owned(),
            "--enable-admission-plugins=NodeRestriction".to_owned(),
            format!("--client-ca-file={}", self.pki("ca.crt")),
            format!("--tls-cert-file={}", self.pki("apiserver.crt")),
            format!("--tls-private-key-file={}", self.pki("apiserver.key")),
            format!("--kubelet-certificate-authority={}", self.pki("ca.crt")),
            format!("--kubelet-client-certificate={}", self.pki("apiserver-kubelet.crt")),
            format!("--kubelet-client-key={}", self.pki("apiserver-kubelet.key")),
            "--kubelet-preferred-address-types=InternalIP,Hostname".to_owned(),
            // Aggregated API servers are called as this client.
            format!("--requestheader-client-ca-file={}", self.pki("front-proxy-ca.crt")),
            "--requestheader-allowed-names=front-proxy-client".to_owned(),
            "--requestheader-username-headers=X-Remote-User".to_owned(),
            "--requestheader-group-headers=X-Remote-Group".to_owned(),
            "--requestheader-extra-headers-prefix=X-Remote-Extra-".to_owned(),
            format!("--proxy-client-cert-file={}", self.pki("front-proxy.crt")),
            format!("--proxy-client-key-file={}", self.pki("front-proxy.key")),
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local".to_owned(),
            format!("--service-account-key-file={}", self.pki("sa.pub")),
            format!("--service-account-signing-key-file={}", self.pki("sa.key")),
            format!("--audit-policy-file={}", self.file("audit-policy.yaml")),
            format!("--audit-log-path={}", self.file("log/audit.log")),
            // In MiB. Counts must be exact, so the log is never rotated: a rotated part would not be read.
            "--audit-log-maxsize=1048576".to_owned(),
        ];
        flags.extend(self.options.api_server_args.iter().cloned());
        flags
    }

    pub(super) fn controller_manager(&self) -> Vec<String> {
        let mut flags = vec![
            format!("--secure-port={}", self.ports.controller_manager),
            format!("--controllers={}", self.options.controllers),
            // Each controller calls as a user of its own, so that the audit log can tell their calls from ours.
            "--use-service-account-credentials=true".to_owned(),
            format!("--root-ca-file={}", self.pki("ca.crt")),
            format!("--service-account-private-key-file={}", self.pki("sa.key")),
            format!("--cluster-signing-cert-file={}", self.pki("ca.crt")),
            format!("--cluster-signing-key-file={}", self.pki("ca.key")),
        ];
        flags.extend(self.component("kube-controller-manager"));
        flags.extend(self.options.controller_manager_args.iter().cloned());
        flags
    }

    pub(super) fn scheduler(&self) -> Vec<String> {
        let mut flags = vec![format!("--secure-port={}", self.ports.scheduler)];
        flags.extend(self.component("kube-scheduler"));
        flags.extend(self.options.scheduler_args.iter().cloned());
        flags
    }

    /// What the controller manager and the scheduler have in common.
    fn component(&self, name: &str) -> [String; 11] {
        let kubeconfig = self.file(&format!("kubeconfigs/{name}"));
        [
            format!("--kubeconfig={kubeconfig}"),
            format!("--authentication-kubeconfig={kubeconfig}"),
            format!("--authorization-kubeconfig={kubeconfig}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--client-ca-file={}", self.pki("ca.crt")),
            format!("--tls-cert-file={}", self.pki("component.crt")),
            format!("--tls-private-key-file={}", self.pki("component.key")),
            "--authorization-always-allow-paths=/healthz,/readyz,/livez,/metrics".to_owned(),
            // There is one of each.
            "--leader-elect=false".to_owned(),
            // The usual limits make thousands of pods take many minutes.
            "--kube-api-qps=500".to_owned(),
            "--kube-api-burst=1000".to_owned(),
        ]
    }

    pub(super) fn kwok(&self) -> Vec<String> {
        vec![
            format!("--kubeconfig={}", self.file("kubeconfigs/kwok")),
            format!("--config={}", self.file("stages.yaml")),
            "--manage-all-nodes=false".to_owned(),
            format!("--manage-nodes-with-annotation-selector={}", nodes::FAKE),
            "--node-lease-duration-seconds=40".to_owned(),
            format!("--server-address=127.0.0.1:{}", self.ports.kwok),
        ]
    }
}
