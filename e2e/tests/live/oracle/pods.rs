//! Pods that chance made, over every field that Pod Security reads: good values, bad ones, near misses and none.
//!
//! Not here: what they are worth.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::one;

/// How a pod is made: most are good in most ways, or every pod would fail everything.
#[derive(Clone, Copy)]
struct Temper {
    /// How likely a field is set at all.
    set: f64,
    /// How likely what is set is bad.
    bad: f64,
}

/// A pod of the API.
pub fn pod(rng: &mut Rng, name: &str) -> Value {
    let temper =
        Temper { set: [0.15, 0.5, 0.9, 0.97][rng.usize(..4)], bad: [0.0, 0.02, 0.1, 0.4][rng.usize(..4)] };
    let mut maker = Maker { rng, temper };
    let (mut spec, names) = maker.spec();
    maker.field(&mut spec, "securityContext", |m| m.security(false));
    let mut metadata = json!({"name": name, "namespace": "default"});
    if let Some(annotations) = maker.annotations(&names) {
        metadata["annotations"] = annotations;
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}

struct Maker<'a> {
    rng: &'a mut Rng,
    temper: Temper,
}

const SAFE_SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
];

// The same parameter with slashes is no safe one to Pod Security, and case counts.
const OTHER_SYSCTLS: &[&str] = &[
    "kernel.msgmax",
    "net/ipv4/ip_local_port_range",
    "net.ipv4.tcp_mem",
    "Net.ipv4.tcp_rmem",
    "net.core.somaxconn",
    "kernel.shm_rmid_forced2",
];

const COMMON_CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

const OTHER_CAPABILITIES: &[&str] = &[
    "CAP_CHOWN",
    "NET_RAW",
    "SYS_ADMIN",
    "ALL",
    "all",
    "chown",
    "net_bind_service",
    "CAP_NET_BIND_SERVICE",
    "BPF",
    "",
];

const ALLOWED_VOLUMES: &[(&str, &str)] = &[
    ("configMap", r#"{"name":"a"}"#),
    ("csi", r#"{"driver":"a.example"}"#),
    ("downwardAPI", "{}"),
    ("emptyDir", "{}"),
    ("ephemeral", r#"{"volumeClaimTemplate":{"spec":{"accessModes":["ReadWriteOnce"]}}}"#),
    ("image", r#"{"reference":"a/b:1"}"#),
    ("persistentVolumeClaim", r#"{"claimName":"a"}"#),
    ("projected", r#"{"sources":[{"serviceAccountToken":{"path":"t"}},{"secret":{"name":"a"}}]}"#),
    ("secret", r#"{"secretName":"a"}"#),
];

const OTHER_VOLUMES: &[(&str, &str)] = &[
    ("hostPath", r#"{"path":"/var/log"}"#),
    ("hostPath", r#"{"path":"/","type":"Directory"}"#),
    ("awsElasticBlockStore", r#"{"volumeID":"a"}"#),
    ("azureDisk", r#"{"diskName":"a","diskURI":"b"}"#),
    ("azureFile", r#"{"secretName":"a","shareName":"b"}"#),
    ("cephfs", r#"{"monitors":["a"]}"#),
    ("cinder", r#"{"volumeID":"a"}"#),
    ("fc", "{}"),
    ("flexVolume", r#"{"driver":"a/b"}"#),
    ("flocker", r#"{"datasetName":"a"}"#),
    ("gcePersistentDisk", r#"{"pdName":"a"}"#),
    ("gitRepo", r#"{"repository":"a"}"#),
    ("glusterfs", r#"{"endpoints":"a","path":"b"}"#),
    ("iscsi", r#"{"targetPortal":"a","iqn":"b","lun":1}"#),
    ("nfs", r#"{"server":"a","path":"/"}"#),
    ("photonPersistentDisk", r#"{"pdID":"a"}"#),
    ("portworxVolume", r#"{"volumeID":"a"}"#),
    ("quobyte", r#"{"registry":"a","volume":"b"}"#),
    ("rbd", r#"{"monitors":["a"],"image":"b"}"#),
    ("scaleIO", r#"{"gateway":"a","system":"b","secretRef":{"name":"c"}}"#),
    ("storageos", r#"{"volumeName":"a"}"#),
    ("vsphereVolume", r#"{"volumePath":"a"}"#),
];

impl Maker<'_> {
    fn sets(&mut self) -> bool {
        self.rng.f64() < self.temper.set
    }

    fn is_bad(&mut self) -> bool {
        self.rng.f64() < self.temper.bad
    }

    fn rarely(&mut self) -> bool {
        self.rng.u8(..30) == 0
    }

    /// Sets a field, or leaves it out, or now and then sets it to null, which is the same.
    fn field(&mut self, of: &mut Map<String, Value>, name: &str, value: impl FnOnce(&mut Self) -> Value) {
        if self.sets() {
            let value = if self.rarely() { Value::Null } else { value(self) };
            of.insert(name.to_owned(), value);
        }
    }

    /// A good value or a bad one.
    fn text(&mut self, good: &[&str], bad: &[&str]) -> Value {
        let bad_one = self.is_bad();
        json!(one(self.rng, if bad_one { bad } else { good }))
    }

    fn flag(&mut self, good: bool) -> Value {
        json!(good ^ self.is_bad())
    }

    fn id(&mut self) -> Value {
        if self.is_bad() { json!(0) } else { json!(self.rng.u32(1..70_000)) }
    }

    fn spec(&mut self) -> (Map<String, Value>, Vec<String>) {
        let (mut spec, mut names) = (Map::new(), Vec::new());
        for (list, least, most) in
            [("initContainers", 0, 2), ("containers", 1, 3), ("ephemeralContainers", 0, 1)]
        {
            let count = self.rng.usize(least..=most);
            let containers: Vec<Value> = (0..count).map(|_| self.container(list, &mut names)).collect();
            if count > 0 || self.rarely() {
                spec.insert(list.to_owned(), json!(containers));
            }
        }
        for name in ["hostNetwork", "hostPID", "hostIPC"] {
            self.field(&mut spec, name, |m| m.flag(false));
        }
        if self.rng.u8(..6) == 0 {
            spec.insert("hostUsers".to_owned(), json!(self.rng.bool()));
        }
        if self.rng.u8(..6) == 0 {
            spec.insert("os".to_owned(), json!({"name": one(self.rng, &["linux", "windows"])}));
        }
        let count = self.rng.usize(..4);
        if count > 0 {
            let volumes: Vec<Value> = (0..count).map(|at| self.volume(at)).collect();
            spec.insert("volumes".to_owned(), json!(volumes));
        }
        (spec, names)
    }

    fn volume(&mut self, at: usize) -> Value {
        let of = if self.is_bad() { OTHER_VOLUMES } else { ALLOWED_VOLUMES };
        let mut volume = json!({"name": format!("v{at}")});
        if !self.rarely() {
            let (kind, source) = of[self.rng.usize(..of.len())];
            volume[kind] = serde_json::from_str(source).unwrap();
        }
        volume
    }

    fn container(&mut self, list: &str, names: &mut Vec<String>) -> Value {
        let name = format!("c{}", names.len());
        let mut container =
            Map::from_iter([("name".to_owned(), json!(name)), ("image".to_owned(), json!("a:1"))]);
        names.push(name);
        if list == "initContainers" && self.rng.bool() {
            container.insert("restartPolicy".to_owned(), json!("Always"));
        }
        self.field(&mut container, "securityContext", |m| m.security(true));
        if self.rng.bool() {
            let ports: Vec<Value> = (0..self.rng.usize(1..3)).map(|_| self.port()).collect();
            container.insert("ports".to_owned(), json!(ports));
        }
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            if self.rng.u8(..4) == 0 {
                let mut probe = self.handler();
                probe["periodSeconds"] = json!(self.rng.u8(1..20));
                container.insert(name.to_owned(), probe);
            }
        }
        if self.rng.u8(..4) == 0 {
            let mut lifecycle = Map::new();
            for name in ["preStop", "postStart"] {
                self.field(&mut lifecycle, name, Self::handler_of_a_hook);
            }
            container.insert("lifecycle".to_owned(), json!(lifecycle));
        }
        json!(container)
    }

    fn port(&mut self) -> Value {
        let mut port = json!({"containerPort": self.rng.u16(1..)});
        if self.sets() {
            port["hostPort"] = if self.is_bad() { json!(self.rng.u16(1..)) } else { json!(0) };
        }
        port
    }

    fn handler(&mut self) -> Value {
        match self.rng.u8(..4) {
            0 => json!({"exec": {"command": ["true"]}}),
            1 => json!({"grpc": {"port": 1}}),
            2 => self.with_host("httpGet", json!({"port": "http", "path": "/"})),
            _ => self.with_host("tcpSocket", json!({"port": 80})),
        }
    }

    fn handler_of_a_hook(&mut self) -> Value {
        match self.rng.u8(..4) {
            0 => json!({"exec": {"command": ["true"]}}),
            1 => json!({"sleep": {"seconds": 1}}),
            2 => self.with_host("httpGet", json!({"port": 80})),
            _ => self.with_host("tcpSocket", json!({"port": "http"})),
        }
    }

    fn with_host(&mut self, name: &str, mut action: Value) -> Value {
        if self.sets() {
            action["host"] = self.text(&[""], &["127.0.0.1", "localhost", "example.com", "::1"]);
        }
        json!({name: action})
    }

    /// A security context, of a container or of the pod.
    fn security(&mut self, of_container: bool) -> Value {
        let mut context = Map::new();
        let fields = &mut context;
        self.field(fields, "runAsUser", Self::id);
        self.field(fields, "runAsGroup", Self::id);
        self.field(fields, "runAsNonRoot", |m| m.flag(true));
        self.field(fields, "seccompProfile", Self::profile);
        self.field(fields, "windowsOptions", |m| {
            let mut options = Map::new();
            m.field(&mut options, "hostProcess", |m| m.flag(false));
            m.field(&mut options, "runAsUserName", |_| json!("ContainerUser"));
            json!(options)
        });
        // Hardly anybody sets these.
        if self.rng.bool() {
            self.field(fields, "appArmorProfile", Self::profile);
            self.field(fields, "seLinuxOptions", Self::se_linux);
        }
        if of_container {
            self.of_container(fields);
        } else {
            self.field(fields, "fsGroup", Self::id);
            self.field(fields, "supplementalGroups", |m| json!([m.id(), m.id()]));
            self.field(fields, "sysctls", |m| {
                let sysctl = |_| json!({"name": m.text(SAFE_SYSCTLS, OTHER_SYSCTLS), "value": "1"});
                (0..3).map(sysctl).collect()
            });
        }
        json!(context)
    }

    fn of_container(&mut self, fields: &mut Map<String, Value>) {
        self.field(fields, "privileged", |m| m.flag(false));
        self.field(fields, "allowPrivilegeEscalation", |m| m.flag(false));
        self.field(fields, "readOnlyRootFilesystem", |m| m.flag(true));
        self.field(fields, "capabilities", Self::capabilities);
        if self.rng.u8(..4) == 0 {
            self.field(fields, "procMount", |m| m.text(&["Default"], &["Unmasked", "Other", ""]));
        }
    }

    fn capabilities(&mut self) -> Value {
        let mut capabilities = Map::new();
        self.field(&mut capabilities, "drop", |m| {
            let others: Vec<Value> =
                (0..m.rng.usize(..3)).map(|_| m.text(COMMON_CAPABILITIES, OTHER_CAPABILITIES)).collect();
            let mut all = others;
            let at = m.rng.usize(..=all.len());
            if !m.is_bad() {
                all.insert(at, json!("ALL"));
            }
            json!(all)
        });
        if self.rng.u8(..3) == 0 {
            self.field(&mut capabilities, "add", |m| {
                let good = if m.is_bad() { COMMON_CAPABILITIES } else { &["NET_BIND_SERVICE"] };
                (0..m.rng.usize(..3)).map(|_| m.text(good, OTHER_CAPABILITIES)).collect()
            });
        }
        json!(capabilities)
    }

    fn profile(&mut self) -> Value {
        let kind =
            self.text(&["RuntimeDefault", "Localhost"], &["Unconfined", "Other", "", "runtime/default"]);
        if kind == "Localhost" {
            json!({"type": kind, "localhostProfile": "a.json"})
        } else {
            json!({"type": kind})
        }
    }

    fn se_linux(&mut self) -> Value {
        let mut options = Map::new();
        let types = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
        self.field(&mut options, "type", |m| m.text(&types, &["spc_t", "unconfined_t", "Container_t"]));
        self.field(&mut options, "user", |m| m.text(&[""], &["system_u", "unconfined_u"]));
        self.field(&mut options, "role", |m| m.text(&[""], &["system_r", "object_r"]));
        self.field(&mut options, "level", |_| json!("s0:c1,c2"));
        json!(options)
    }

    fn annotations(&mut self, containers: &[String]) -> Option<Value> {
        if self.rng.u8(..3) > 0 {
            return None;
        }
        let mut annotations = Map::from_iter([("note".to_owned(), json!("unconfined"))]);
        for name in containers.iter().map(String::as_str).chain(["gone", ""]) {
            if self.rng.u8(..3) == 0 {
                let value = self.text(
                    &["runtime/default", "localhost/a", "localhost/", ""],
                    &["unconfined", "localhost", "RuntimeDefault", "runtime/default ", "docker/default"],
                );
                annotations.insert(format!("container.apparmor.security.beta.kubernetes.io/{name}"), value);
            }
        }
        Some(json!(annotations))
    }
}
