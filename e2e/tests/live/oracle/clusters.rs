//! Small clusters that chance made: a few namespaces, pods and NetworkPolicies, and connections to ask about.
//!
//! All is such that the API server would take it, and close enough that policies, pods and connections meet: few
//! labels, few ports, and blocks drawn around addresses that are there. Not here: what becomes of the connections.

use std::net::{Ipv4Addr, Ipv6Addr};

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::one;

/// How many connections are asked about in one cluster.
pub const FLOWS: usize = 12;

const NAMESPACES: &[&str] = &["default", "shop", "bank"];
const POD_KEYS: &[&str] = &["app", "tier", "example.com/zone"];
const NAMESPACE_KEYS: &[&str] = &["team", "stage", "kubernetes.io/metadata.name"];
const VALUES: &[&str] = &["a", "b", "c", "a", "b", ""];
const PORTS: &[i64] = &[53, 80, 443, 8080, 8443, 65535];
const PORT_NAMES: &[&str] = &["http", "https", "dns", "metrics"];
const PROTOCOLS: &[&str] = &["TCP", "TCP", "UDP", "SCTP"];

/// A question about a cluster.
pub fn question(rng: &mut Rng) -> Value {
    let mut maker = Maker { wide: rng.u8(..5) == 0, addresses: Vec::new(), rng };
    let count = maker.rng.usize(1..=NAMESPACES.len());
    let names: Vec<&str> = NAMESPACES.iter().copied().take(count).collect();
    let namespaces: Vec<Value> = names
        .iter()
        .map(|name| json!({"metadata": {"name": name, "labels": maker.labels(&["team", "stage"])}}))
        .collect();
    let pods: Vec<Value> =
        (0..maker.rng.usize(2..=5)).map(|at| maker.pod(&format!("p{at}"), &names)).collect();
    let outside: Vec<String> = (0..2).map(|_| maker.address()).collect();
    let policies: Vec<Value> =
        (0..maker.rng.usize(0..=5)).map(|at| maker.policy(&format!("n{at}"), &names)).collect();
    let flows: Vec<Value> = (0..FLOWS).map(|_| maker.flow(&pods, &outside)).collect();
    json!({"ask": "network-policy", "namespaces": namespaces, "pods": pods, "policies": policies, "flows": flows})
}

struct Maker<'a> {
    rng: &'a mut Rng,
    /// Whether addresses are those of IPv6.
    wide: bool,
    /// All addresses that are taken.
    addresses: Vec<u128>,
}

impl Maker<'_> {
    fn one_in(&mut self, count: u8) -> bool {
        self.rng.u8(..count) == 0
    }

    fn labels(&mut self, keys: &[&str]) -> Value {
        let mut labels = Map::new();
        for key in keys {
            if self.rng.bool() {
                labels.insert((*key).to_owned(), json!(one(self.rng, VALUES)));
            }
        }
        json!(labels)
    }

    fn pod(&mut self, name: &str, namespaces: &[&str]) -> Value {
        let mut taken = Vec::new();
        let containers: Vec<Value> =
            (0..self.rng.usize(1..=2)).map(|at| self.container(&format!("c{at}"), &mut taken)).collect();
        let mut spec = json!({"containers": containers});
        if self.one_in(4) {
            let mut beside = self.container("side", &mut taken);
            if self.rng.bool() {
                beside["restartPolicy"] = json!("Always");
            }
            spec["initContainers"] = json!([beside]);
        }
        let metadata = json!({
            "name": name, "namespace": one(self.rng, namespaces), "labels": self.labels(POD_KEYS),
        });
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec,
            "status": {"podIP": self.address()},
        })
    }

    /// A container with ports that no other one of the pod has, though the names of theirs may be the same.
    fn container(&mut self, name: &str, taken: &mut Vec<(i64, String)>) -> Value {
        let (mut ports, mut names) = (Vec::new(), Vec::new());
        for _ in 0..self.rng.usize(..4) {
            let (number, protocol) = (self.port(), one(self.rng, PROTOCOLS));
            if taken.contains(&(number, protocol.to_owned())) {
                continue;
            }
            taken.push((number, protocol.to_owned()));
            let mut port = json!({"containerPort": number});
            if protocol != "TCP" || self.rng.bool() {
                port["protocol"] = json!(protocol);
            }
            let name = one(self.rng, PORT_NAMES);
            if !names.contains(&name) && !self.one_in(4) {
                names.push(name);
                port["name"] = json!(name);
            }
            ports.push(port);
        }
        json!({"name": name, "image": "a:1", "ports": ports})
    }

    fn port(&mut self) -> i64 {
        PORTS[self.rng.usize(..PORTS.len())]
    }

    /// A new address: of a few networks, so that blocks of every size have some and lack some.
    fn address(&mut self) -> String {
        let network: u128 = match (self.wide, self.rng.u8(..3)) {
            (false, 0) => 0x0a00_0000,
            (false, 1) => 0x0a01_0000,
            (false, _) => 0xc000_0200,
            (true, 0) => 0xfd00 << 112,
            (true, 1) => (0xfd00 << 112) + (1 << 64),
            (true, _) => 0x2001_0db8 << 96,
        };
        loop {
            let address = network + u128::from(self.rng.u16(..256));
            if !self.addresses.contains(&address) {
                self.addresses.push(address);
                return self.written(address);
            }
        }
    }

    fn bits(&self) -> u32 {
        if self.wide { 128 } else { 32 }
    }

    fn written(&self, address: u128) -> String {
        if self.wide {
            Ipv6Addr::from(address).to_string()
        } else {
            Ipv4Addr::from(u32::try_from(address).unwrap()).to_string()
        }
    }

    /// The address of a network: the first bits of one that is taken.
    fn network(&self, around: u128, prefix: u32) -> u128 {
        let rest = self.bits() - prefix;
        let host = if rest == 128 { u128::MAX } else { (1 << rest) - 1 };
        around & !host
    }

    fn block(&mut self) -> Value {
        // One of the other family has none of the addresses.
        if self.one_in(12) {
            let cidr = if self.wide { "0.0.0.0/0" } else { "::/0" };
            return json!({"ipBlock": {"cidr": cidr}});
        }
        let around = self.addresses[self.rng.usize(..self.addresses.len())];
        let prefix = match self.rng.u8(..4) {
            0 => 0,
            1 => self.bits() - self.rng.u32(..=9),
            _ => self.rng.u32(..=self.bits()),
        };
        let network = self.network(around, prefix);
        let mut block = json!({"cidr": format!("{}/{prefix}", self.written(network))});
        if prefix < self.bits() && self.rng.bool() {
            let mut within = self.addresses.clone();
            within.retain(|address| self.network(*address, prefix) == network);
            let except: Vec<String> = (0..self.rng.usize(..3))
                .map(|_| {
                    let longer = self.rng.u32(prefix + 1..=self.bits());
                    let around = within[self.rng.usize(..within.len())];
                    let network = self.network(around, longer);
                    format!("{}/{longer}", self.written(network))
                })
                .collect();
            block["except"] = json!(except);
        }
        json!({"ipBlock": block})
    }

    fn selector(&mut self, keys: &[&str], names: &[&str]) -> Value {
        let mut selector = Map::new();
        if self.one_in(4) {
            return json!(selector);
        }
        let value = |m: &mut Self, key: &str| {
            let values = if key == "kubernetes.io/metadata.name" { names } else { VALUES };
            one(m.rng, values).to_owned()
        };
        if self.rng.bool() {
            let key = one(self.rng, keys);
            let value = value(self, key);
            selector.insert("matchLabels".to_owned(), json!({ key: value }));
        } else {
            let expression = |m: &mut Self| {
                let key = one(m.rng, keys);
                let operator = one(m.rng, &["In", "NotIn", "Exists", "DoesNotExist"]);
                let mut expression = json!({"key": key, "operator": operator});
                if operator.ends_with("In") {
                    let count = m.rng.usize(1..=2);
                    expression["values"] = (0..count).map(|_| value(m, key)).collect();
                }
                expression
            };
            let count = if self.one_in(4) { 2 } else { 1 };
            let expressions: Vec<Value> = (0..count).map(|_| expression(self)).collect();
            selector.insert("matchExpressions".to_owned(), json!(expressions));
        }
        json!(selector)
    }

    fn peer(&mut self, names: &[&str]) -> Value {
        match self.rng.u8(..8) {
            0 | 1 => json!({"podSelector": self.selector(POD_KEYS, names)}),
            2 | 3 => json!({"namespaceSelector": self.selector(NAMESPACE_KEYS, names)}),
            4 | 5 => json!({
                "podSelector": self.selector(POD_KEYS, names),
                "namespaceSelector": self.selector(NAMESPACE_KEYS, names),
            }),
            _ => self.block(),
        }
    }

    fn policy_port(&mut self) -> Value {
        let mut port = Map::new();
        if !self.one_in(3) {
            port.insert("protocol".to_owned(), json!(one(self.rng, PROTOCOLS)));
        } else if self.rng.bool() {
            port.insert("protocol".to_owned(), Value::Null);
        }
        match self.rng.u8(..4) {
            0 => {}
            1 => {
                port.insert("port".to_owned(), json!(one(self.rng, PORT_NAMES)));
            }
            _ => {
                let first = (self.port() + self.rng.i64(-1..=1)).clamp(1, 65535);
                port.insert("port".to_owned(), json!(first));
                if self.rng.bool() {
                    let last = first + [0, 1, 40, 8000][self.rng.usize(..4)];
                    port.insert("endPort".to_owned(), json!(last.min(65535)));
                }
            }
        }
        json!(port)
    }

    /// A list that is now and then absent or null, which both mean empty.
    fn list(&mut self, of: &mut Map<String, Value>, name: &str, item: impl Fn(&mut Self) -> Value) {
        let count = [0, 1, 1, 1, 2, 2, 3][self.rng.usize(..7)];
        if count > 0 || self.rng.bool() {
            let items: Vec<Value> = (0..count).map(|_| item(self)).collect();
            let null = count == 0 && self.rng.bool();
            of.insert(name.to_owned(), if null { Value::Null } else { json!(items) });
        }
    }

    fn rule(&mut self, peers: &str, names: &[&str]) -> Value {
        let mut rule = Map::new();
        if self.one_in(8) {
            return json!(rule);
        }
        self.list(&mut rule, peers, |m| m.peer(names));
        self.list(&mut rule, "ports", Self::policy_port);
        json!(rule)
    }

    fn policy(&mut self, name: &str, names: &[&str]) -> Value {
        let mut spec = Map::from_iter([("podSelector".to_owned(), self.selector(POD_KEYS, names))]);
        self.list(&mut spec, "ingress", |m| m.rule("from", names));
        self.list(&mut spec, "egress", |m| m.rule("to", names));
        let types: &[Value] = &[
            json!(["Ingress"]),
            json!(["Egress"]),
            json!(["Ingress", "Egress"]),
            json!(["Egress", "Egress"]),
            json!([]),
            Value::Null,
        ];
        let at = self.rng.usize(..=types.len() + 2);
        if let Some(types) = types.get(at) {
            spec.insert("policyTypes".to_owned(), types.clone());
        }
        json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": one(self.rng, names)}, "spec": spec,
        })
    }

    /// A connection between two different ends, at least one of them a pod, mostly at a port that the pod has.
    fn flow(&mut self, pods: &[Value], outside: &[String]) -> Value {
        let pod = |pod: &Value| {
            let (namespace, name) = (&pod["metadata"]["namespace"], &pod["metadata"]["name"]);
            json!({"pod": format!("{}/{}", namespace.as_str().unwrap(), name.as_str().unwrap())})
        };
        let mut ends: Vec<usize> = (0..pods.len()).collect();
        self.rng.shuffle(&mut ends);
        let (mut from, mut to) = (pod(&pods[ends[0]]), pod(&pods[ends[1]]));
        let foreign = json!({"address": outside[self.rng.usize(..outside.len())]});
        match self.rng.u8(..6) {
            0 => from = foreign,
            1 => to = foreign,
            _ => {}
        }
        let (mut port, mut protocol) = (self.port(), one(self.rng, PROTOCOLS).to_owned());
        let containers = pods[ends[1]]["spec"]["containers"].as_array().unwrap();
        let declared: Vec<&Value> =
            containers.iter().filter_map(|c| c["ports"].as_array()).flatten().collect();
        if !declared.is_empty() && self.rng.bool() {
            let one_of = declared[self.rng.usize(..declared.len())];
            port = one_of["containerPort"].as_i64().unwrap();
            protocol = one_of["protocol"].as_str().unwrap_or("TCP").to_owned();
        } else if self.one_in(3) {
            port = (port + self.rng.i64(-1..=1)).clamp(1, 65535);
        }
        json!({"from": from, "to": to, "protocol": protocol, "port": port})
    }
}
