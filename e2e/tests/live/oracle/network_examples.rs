//! The examples of Kubernetes' documentation on NetworkPolicies (concepts/services-networking/network-policies), with
//! what the text there says of them, written by hand: both the oracle and we must say the same.
//!
//! Not here: how a question is answered (`network.rs`).

use e2e::Oracle;
use serde_json::{Map, Value, json};

use super::network::{Crossing, Directions, Said, difference, ours};

/// A name, and the labels of what has it.
type Labelled = (&'static str, &'static [(&'static str, &'static str)]);

/// Every pod of the cluster; its address is its place in the list, in 10.9.0.0/24.
const PODS: &[Labelled] = &[
    ("default/db", &[("role", "db")]),
    ("default/frontend", &[("role", "frontend")]),
    ("default/client", &[("role", "client")]),
    ("default/myapp", &[("app", "myapp")]),
    ("default/nginx", &[("app", "nginx")]),
    ("default/tester", &[("access", "true")]),
    ("myproject/any", &[]),
    ("alice/client", &[("role", "client")]),
    ("alice/other", &[]),
    ("other/frontend", &[("role", "frontend")]),
    ("other/client", &[("role", "client")]),
    ("other/tester", &[("access", "true")]),
    ("frontend/web", &[]),
    ("backend/api", &[]),
];

const NAMESPACES: &[Labelled] = &[
    ("default", &[]),
    ("myproject", &[("project", "myproject")]),
    ("alice", &[("user", "alice")]),
    ("other", &[]),
    ("frontend", &[("namespace", "frontend")]),
    ("backend", &[("namespace", "backend")]),
];

/// The policies, and the connections with what becomes of them.
const EXAMPLES: &[(&str, &str)] = &[
    (
        "
metadata: {name: test-network-policy, namespace: default}
spec:
  podSelector:
    matchLabels:
      role: db
  policyTypes:
  - Ingress
  - Egress
  ingress:
  - from:
    - ipBlock:
        cidr: 172.17.0.0/16
        except:
        - 172.17.1.0/24
    - namespaceSelector:
        matchLabels:
          project: myproject
    - podSelector:
        matchLabels:
          role: frontend
    ports:
    - protocol: TCP
      port: 6379
  egress:
  - to:
    - ipBlock:
        cidr: 10.0.0.0/24
    ports:
    - protocol: TCP
      port: 5978",
        "
        default/frontend  default/db        TCP 6379  yes
        default/frontend  default/db        TCP 6380  no
        default/frontend  default/db        UDP 6379  no
        other/frontend    default/db        TCP 6379  no
        default/client    default/db        TCP 6379  no
        myproject/any     default/db        TCP 6379  yes
        172.17.0.1        default/db        TCP 6379  yes
        172.17.0.255      default/db        TCP 6379  yes
        172.17.1.0        default/db        TCP 6379  no
        172.17.1.255      default/db        TCP 6379  no
        172.17.2.0        default/db        TCP 6379  yes
        172.17.255.255    default/db        TCP 6379  yes
        172.18.0.0        default/db        TCP 6379  no
        default/db        10.0.0.255        TCP 5978  yes
        default/db        10.0.1.0          TCP 5978  no
        default/db        10.0.0.1          TCP 5979  no
        default/db        default/frontend  TCP 5978  no
        default/frontend  default/client    UDP 1     yes
        default/client    10.0.1.0          TCP 5979  yes",
    ),
    // One entry with both selectors: pods with the label in namespaces with the label.
    (
        "
metadata: {name: both, namespace: default}
spec:
  podSelector: {}
  ingress:
  - from:
    - namespaceSelector:
        matchLabels:
          user: alice
      podSelector:
        matchLabels:
          role: client",
        "
        alice/client    default/db      TCP 1  yes
        alice/other     default/db      TCP 1  no
        default/client  default/db      TCP 1  no
        other/client    default/db      TCP 1  no
        default/db      default/client  TCP 1  no
        default/db      other/client    TCP 1  yes
        default/db      192.0.2.1       TCP 1  yes",
    ),
    // Two entries: pods with the label in the policy's namespace, or any pod in namespaces with the label.
    (
        "
metadata: {name: either, namespace: default}
spec:
  podSelector: {}
  ingress:
  - from:
    - namespaceSelector:
        matchLabels:
          user: alice
    - podSelector:
        matchLabels:
          role: client",
        "
        alice/client    default/db      TCP 1  yes
        alice/other     default/db      TCP 1  yes
        default/client  default/db      TCP 1  yes
        other/client    default/db      TCP 1  no
        default/db      default/client  TCP 1  no",
    ),
    (
        "
metadata: {name: default-deny-ingress, namespace: default}
spec:
  podSelector: {}
  policyTypes:
  - Ingress",
        "
        default/client  default/db    TCP 80  no
        192.0.2.1       default/db    TCP 80  no
        default/db      other/client  TCP 80  yes
        default/db      192.0.2.1     TCP 80  yes
        alice/client    other/client  TCP 80  yes",
    ),
    // No other policy can take back what one allows.
    (
        "
metadata: {name: allow-all-ingress, namespace: default}
spec:
  podSelector: {}
  ingress:
  - {}
  policyTypes:
  - Ingress
---
metadata: {name: default-deny-ingress, namespace: default}
spec:
  podSelector: {}
  policyTypes:
  - Ingress",
        "
        default/client  default/db    TCP   80     yes
        192.0.2.1       default/db    SCTP  65535  yes
        default/db      other/client  UDP   80     yes",
    ),
    (
        "
metadata: {name: default-deny-egress, namespace: default}
spec:
  podSelector: {}
  policyTypes:
  - Egress",
        "
        default/client  default/db    TCP 80  no
        default/client  192.0.2.1     UDP 53  no
        other/client    default/db    TCP 80  yes
        192.0.2.1       default/db    TCP 80  yes",
    ),
    (
        "
metadata: {name: allow-all-egress, namespace: default}
spec:
  podSelector: {}
  egress:
  - {}
  policyTypes:
  - Egress
---
metadata: {name: default-deny-egress, namespace: default}
spec:
  podSelector: {}
  policyTypes:
  - Egress",
        "
        default/client  default/db    TCP  80  yes
        default/client  192.0.2.1     UDP  53  yes
        default/client  other/client  SCTP 80  yes",
    ),
    (
        "
metadata: {name: default-deny-all, namespace: default}
spec:
  podSelector: {}
  policyTypes:
  - Ingress
  - Egress",
        "
        default/client  default/db    TCP 80  no
        default/client  other/client  TCP 80  no
        other/client    default/db    TCP 80  no
        default/client  192.0.2.1     TCP 80  no
        192.0.2.1       default/db    TCP 80  no
        alice/client    other/client  TCP 80  yes",
    ),
    // Both ends must let it through.
    (
        "
metadata: {name: default-deny-all, namespace: default}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
---
metadata: {name: allow-all-egress, namespace: default}
spec:
  podSelector: {}
  egress: [{}]
  policyTypes: [Egress]",
        "
        default/client  default/db    TCP 80  no
        default/client  other/client  TCP 80  yes
        other/client    default/db    TCP 80  no",
    ),
    (
        "
metadata: {name: multi-port-egress, namespace: default}
spec:
  podSelector:
    matchLabels:
      role: db
  policyTypes:
  - Egress
  egress:
  - to:
    - ipBlock:
        cidr: 10.0.0.0/24
    ports:
    - protocol: TCP
      port: 32000
      endPort: 32768",
        "
        default/db      10.0.0.1    TCP 31999  no
        default/db      10.0.0.1    TCP 32000  yes
        default/db      10.0.0.1    TCP 32500  yes
        default/db      10.0.0.1    TCP 32768  yes
        default/db      10.0.0.1    TCP 32769  no
        default/db      10.0.0.1    UDP 32500  no
        default/db      10.0.1.1    TCP 32500  no
        default/client  10.0.1.1    TCP 1      yes",
    ),
    (
        "
metadata: {name: egress-namespaces, namespace: default}
spec:
  podSelector:
    matchLabels:
      app: myapp
  policyTypes:
  - Egress
  egress:
  - to:
    - namespaceSelector:
        matchExpressions:
        - key: namespace
          operator: In
          values: [frontend, backend]",
        "
        default/myapp   frontend/web    TCP 80  yes
        default/myapp   backend/api     UDP 80  yes
        default/myapp   other/client    TCP 80  no
        default/myapp   default/client  TCP 80  no
        default/myapp   192.0.2.1       TCP 80  no
        default/client  other/client    TCP 80  yes",
    ),
    // A namespace by its name.
    (
        "
metadata: {name: by-name, namespace: default}
spec:
  podSelector: {matchLabels: {app: myapp}}
  policyTypes: [Egress]
  egress:
  - to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: other",
        "
        default/myapp  other/client  TCP 80  yes
        default/myapp  alice/client  TCP 80  no",
    ),
    // tasks/administer-cluster/declare-network-policy.
    (
        "
metadata: {name: access-nginx, namespace: default}
spec:
  podSelector:
    matchLabels:
      app: nginx
  ingress:
  - from:
    - podSelector:
        matchLabels:
          access: \"true\"",
        "
        default/tester  default/nginx   TCP 80  yes
        other/tester    default/nginx   TCP 80  no
        default/client  default/nginx   TCP 80  no
        default/nginx   default/client  TCP 80  yes",
    ),
];

fn metadata(name: &str, labels: &[(&str, &str)]) -> Value {
    let labels: Map<String, Value> =
        labels.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    json!({"name": name, "labels": labels})
}

fn question(policies: &str, connections: &[Vec<&str>]) -> Value {
    let namespaces: Vec<Value> =
        NAMESPACES.iter().map(|(name, labels)| json!({"metadata": metadata(name, labels)})).collect();
    let pod = |(at, (name, labels)): (usize, &Labelled)| {
        let (namespace, name) = name.split_once('/').unwrap();
        let spec = json!({"containers": [{"name": "a", "image": "a:1"}]});
        let mut metadata = metadata(name, labels);
        metadata["namespace"] = json!(namespace);
        json!({"metadata": metadata, "spec": spec, "status": {"podIP": format!("10.9.0.{at}")}})
    };
    let pods: Vec<Value> = PODS.iter().enumerate().map(pod).collect();
    let documents = serde_saphyr::from_multiple::<Value>(policies).unwrap();
    let end = |text: &str| if text.contains('/') { json!({"pod": text}) } else { json!({"address": text}) };
    let flows: Vec<Value> = connections
        .iter()
        .map(|words| {
            let port: u16 = words[3].parse().unwrap();
            json!({"from": end(words[0]), "to": end(words[1]), "protocol": words[2], "port": port})
        })
        .collect();
    json!({"ask": "network-policy", "namespaces": namespaces, "pods": pods, "policies": documents, "flows": flows})
}

#[test]
fn documented_policies_let_through_what_the_documentation_says() {
    let mut oracle = Oracle::start().unwrap();
    for (policies, connections) in EXAMPLES {
        let connections: Vec<Vec<&str>> = connections
            .lines()
            .map(|line| line.split_whitespace().collect())
            .filter(|words: &Vec<&str>| !words.is_empty())
            .collect();
        let question = question(policies, &connections);
        let theirs: Said = oracle.ask(&question).unwrap();
        let ours = ours(&question).unwrap();
        assert_eq!(difference(&question, &theirs, &ours), None, "{policies}");
        let flows = ours.flows.unwrap();
        assert_eq!(flows.len(), connections.len());
        for (words, Directions { ingress, egress }) in connections.iter().zip(flows) {
            let both: [Crossing; 2] = [ingress, egress];
            let allowed = both.iter().all(|crossing| crossing.allowed);
            let expected = match words[4] {
                "yes" => true,
                "no" => false,
                other => panic!("'{other}' in {words:?}"),
            };
            assert_eq!(allowed, expected, "{words:?}: {both:?} under {policies}");
        }
    }
}
