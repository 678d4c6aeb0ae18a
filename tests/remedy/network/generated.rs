//! THE proof that no preset cuts off what it promises to keep: 300 generated namespaces, each step of the way.
//!
//! A namespace is isolated, and given back, step by step, in every order that the plan allows (one is drawn). After each
//! step all flows that the presets promise to keep are asked of the simulator; at the end so is what they deny. `SEED`
//! repeats one of them.

use rayon::prelude::*;
use seaworthy::model::{Labels, Protocol, Text};

use super::flows::{Side, Wanted, policies_of};
use super::*;

/// One drawn cluster around namespace 'shop'.
struct World {
    objects: Vec<Value>,
    networks: Value,
    /// Labels of the pods of 'shop'.
    pods: Vec<Side>,
    /// The port that the DNS pods listen at.
    dns_port: i64,
    /// The DNS pods' side, and a cache's that is a pod, where there is one.
    resolvers: Vec<Side>,
    /// Namespaces whose pods are to be let in, and others.
    friends: Vec<&'static str>,
    strangers: Vec<&'static str>,
}

fn pick<'t, T>(dice: &mut fastrand::Rng, of: &'t [T]) -> &'t T {
    &of[dice.usize(..of.len())]
}

fn side(namespace: &str, labels: &[(&str, &str)]) -> Side {
    Side::Pod(namespace.to_owned(), labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
}

fn labelled(name: &str, labels: &Value) -> Value {
    with(namespace(name), "/metadata/labels", labels.clone())
}

fn draw(seed: u64) -> World {
    let dice = &mut fastrand::Rng::with_seed(seed);
    let mut objects = vec![
        labelled("kube-system", &json!({})),
        labelled("shop", &json!({"team": "shop"})),
        labelled("ingress", &json!({"role": "entry"})),
        labelled("monitoring", &json!({"role": "monitoring", "team": "ops"})),
        labelled("bank", &json!({"team": "bank"})),
        labelled("no-labels", &json!({})),
    ];
    // DNS: where its Service leads to, by number or by name, and with or without a cache on each node.
    let dns_port = *pick(dice, &[53, 5353, 8053]);
    let by_name = dice.bool();
    let mut service = dns_service(&if by_name { json!("dns") } else { json!(dns_port) });
    if by_name {
        for port in service["spec"]["ports"].as_array_mut().unwrap() {
            port["targetPort"] = if port["protocol"] == "TCP" { "dns-tcp".into() } else { "dns".into() };
        }
    }
    if dice.u8(..4) == 0 {
        service["spec"]["clusterIPs"] = json!(["10.96.0.10", "fd00:10:96::a"]);
    }
    if dice.u8(..5) == 0 {
        service["metadata"]["name"] = "rke2-coredns-rke2-coredns".into();
        service["metadata"]["labels"] = json!({"k8s-app": "kube-dns"});
    }
    let label = json!({"k8s-app": "kube-dns"});
    let ports = json!([{"name": "dns", "protocol": "UDP", "containerPort": dns_port}, {"name": "dns-tcp", "protocol": "TCP", "containerPort": dns_port}]);
    let spec = json!({"containers": [{"name": "coredns", "ports": ports}]});
    objects.push(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "coredns", "namespace": "kube-system", "uid": "dns"},
        "spec": {"replicas": 2, "selector": {"matchLabels": label}, "template": {"metadata": {"labels": label}, "spec": spec}}}));
    objects.push(service);
    for number in 0..dice.u8(1..3) {
        objects.push(pod("kube-system", &format!("coredns-{number}"), label.clone(), spec.clone()));
    }
    let mut resolvers = vec![side("kube-system", &[("k8s-app", "kube-dns")])];
    if dice.bool() {
        let label = json!({"k8s-app": "node-local-dns"});
        let on_host = dice.bool();
        objects.push(json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "node-local-dns", "namespace": "kube-system", "uid": "cache"},
            "spec": {"selector": {"matchLabels": label}, "template": {"metadata": {"labels": label}, "spec": {"hostNetwork": on_host, "containers": []}}}}));
        if !on_host {
            resolvers.push(side("kube-system", &[("k8s-app", "node-local-dns")]));
        }
    }
    // Workloads, and pods that nobody known has made.
    let mut pods = vec![side("shop", &[])];
    for number in 0..dice.u8(1..4) {
        let app = format!("app-{number}");
        let kind = *pick(dice, &["Deployment", "StatefulSet"]);
        objects.push(workload(kind, &app, dice.i64(0..4)));
        pods.push(side("shop", &[("app", &app)]));
    }
    if dice.bool() {
        objects.push(pod("shop", "kafka-0", json!({"strimzi": "kafka"}), json!({"containers": []})));
        pods.push(side("shop", &[("strimzi", "kafka")]));
    }
    for name in ["web", "db"].into_iter().take(dice.usize(..3)) {
        objects.push(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"},
            "spec": {"clusterIP": "10.96.1.1", "selector": {"app": "app-0"}, "ports": [{"port": 80, "targetPort": 8080}]}}));
    }
    let (networks, friends, strangers) = presets(dice);
    let has_friends = !friends.is_empty();
    if dice.u8(..3) == 0 && has_friends {
        objects.push(json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"ingressClassName": "nginx"}}));
    }
    obstruct(dice, &mut objects);
    World { objects, networks, pods, dns_port, resolvers, friends, strangers }
}

fn presets(dice: &mut fastrand::Rng) -> (Value, Vec<&'static str>, Vec<&'static str>) {
    let (ingress, egress) = *pick(dice, &[(true, true), (true, false), (false, true), (true, true)]);
    let mut presets = Vec::new();
    for (preset, is_asked) in [
        ("AllowSameNamespace", dice.u8(..3) > 0),
        ("AllowDNS", egress || dice.bool()),
        ("DenyIngress", ingress),
        ("DenyEgress", egress),
    ] {
        presets.extend(is_asked.then_some(preset));
    }
    let all = ["ingress", "monitoring", "bank", "no-labels", "kube-system"];
    let (selectors, friends): (Value, Vec<&str>) = match dice.u8(..4) {
        0 => (json!([]), Vec::new()),
        1 => (json!([{"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}]), vec!["ingress"]),
        2 => (
            json!([{"matchExpressions": [{"key": "role", "operator": "In", "values": ["entry", "monitoring"]}]}]),
            vec!["ingress", "monitoring"],
        ),
        _ => (
            json!([{"matchLabels": {"role": "entry"}}, {"matchExpressions": [{"key": "team", "operator": "Exists"}]}]),
            vec!["ingress", "monitoring", "bank", "shop"],
        ),
    };
    if !friends.is_empty() {
        presets.push("AllowFromNamespaces");
    }
    // Somebody who is let in by team may not be cut off from the rest: 'shop' is, so that nobody may deny it egress.
    let strangers = all.into_iter().filter(|name| !friends.contains(name)).collect();
    let networks = json!({"mode": "Enabled", "deletionPolicy": "Delete", "presets": presets, "allowFromNamespaces": selectors});
    (networks, friends, strangers)
}

/// Puts something in the way, now and then.
fn obstruct(dice: &mut fastrand::Rng, objects: &mut Vec<Value>) {
    let name = |name: &str| json!({"name": name, "namespace": "shop", "uid": name});
    match dice.u8(..20) {
        0 => objects.push(json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": name("theirs"),
            "spec": {"podSelector": {"matchLabels": {"app": "app-0"}}, "policyTypes": ["Ingress"]}})),
        1 => objects.push(json!({"apiVersion": "v1", "kind": "Service", "metadata": name("lb"), "spec": {"type": "LoadBalancer"}})),
        2 => objects.push(pod("shop", "agent", json!({}), json!({"hostNetwork": true, "containers": []}))),
        _ => {}
    }
}

impl World {
    fn has(&self, preset: &str) -> bool {
        self.networks["presets"].as_array().unwrap().iter().any(|known| known == preset)
    }

    /// What the presets promise to keep. Where a direction is not denied, all of it is.
    fn promised(&self) -> Vec<Wanted> {
        let (no_ingress, no_egress) = (self.has("DenyIngress"), self.has("DenyEgress"));
        let mut flows = Vec::new();
        let elsewhere = |names: &[&'static str]| -> Vec<Side> {
            names.iter().map(|name| side(name, &[("app", "any")])).collect()
        };
        for pod in &self.pods {
            for other in self.pods.iter().filter(|_| self.has("AllowSameNamespace")) {
                flows.push(Wanted::tcp(pod, other, 8080));
                flows.push(Wanted { protocol: Protocol::Udp, ..Wanted::tcp(pod, other, 9999) });
            }
            let callers = if no_ingress { &self.friends[..] } else { &["ingress", "bank", "no-labels"] };
            flows.extend(elsewhere(callers).iter().map(|from| Wanted::tcp(from, pod, 8443)));
            if !no_ingress {
                flows.push(Wanted::tcp(&Side::Address("203.0.113.9"), pod, 443));
            }
            if !no_egress {
                flows.extend(elsewhere(&["bank", "monitoring"]).iter().map(|to| Wanted::tcp(pod, to, 5432)));
                flows.push(Wanted::tcp(pod, &Side::Address("203.0.113.9"), 443));
            }
            // Lookups, asked for or not: where egress is not denied they are simply not touched.
            for protocol in [Protocol::Udp, Protocol::Tcp] {
                for port in [53, self.dns_port] {
                    let to = self.resolvers.iter().cloned().chain([Side::Address("10.96.0.10")]);
                    flows.extend(to.map(|to| Wanted { from: pod.clone(), to, protocol, port }));
                }
                flows.push(Wanted {
                    from: pod.clone(),
                    to: Side::Address("169.254.20.10"),
                    protocol,
                    port: 53,
                });
            }
        }
        flows
    }

    /// What they deny.
    fn denied(&self) -> Vec<Wanted> {
        let mut flows = Vec::new();
        for pod in &self.pods {
            if self.has("DenyIngress") {
                flows.extend(self.strangers.iter().map(|from| Wanted::tcp(&side(from, &[]), pod, 8080)));
                flows.push(Wanted::tcp(&Side::Address("203.0.113.9"), pod, 443));
            }
            if self.has("DenyEgress") {
                flows.push(Wanted::tcp(pod, &Side::Address("203.0.113.9"), 443));
                flows.push(Wanted::tcp(pod, &side("bank", &[]), 5432));
                flows.push(Wanted::tcp(pod, &self.resolvers[0], 9153));
            }
            if !self.has("AllowSameNamespace") && !self.friends.contains(&"shop") {
                flows.extend(self.pods.iter().map(|other| Wanted::tcp(pod, other, 8080)));
            }
        }
        flows
    }

    fn labels_of(&self, name: &str) -> Labels {
        let known = self.objects.iter().find(|o| o["kind"] == "Namespace" && o["metadata"]["name"] == name);
        let pairs = known.and_then(|object| object["metadata"]["labels"].as_object());
        let text = |(key, value): (&String, &Value)| (Text::new(key), Text::new(value.as_str().unwrap()));
        pairs.into_iter().flatten().map(text).collect()
    }

    fn check(&self, objects: &[Value], flows: &[Wanted], kept: bool, when: &str) {
        let policies = policies_of(objects);
        for flow in flows {
            assert_eq!(
                flow.is_kept(&policies, &|name| self.labels_of(name)),
                kept,
                "{when}: {flow:?}\n{:#}",
                self.networks
            );
        }
    }
}

/// Does one of the acts that may be done now; whether there was any.
fn act(dice: &mut fastrand::Rng, objects: &mut Vec<Value>, plan: impl Fn(&[Value]) -> Vec<Remedy>) -> bool {
    let remedies = plan(objects);
    let due: Vec<&Remedy> = remedies.iter().filter(|remedy| remedy.action.is_some()).collect();
    if due.is_empty() {
        return false;
    }
    let remedy = pick(dice, &due);
    let name = remedy.place.name.as_str();
    objects.retain(|object| !(object["kind"] == "NetworkPolicy" && object["metadata"]["name"] == name));
    if !matches!(remedy.action, Some(Action::Withdraw { .. })) {
        objects.push(stored(remedy));
    }
    true
}

/// What a world came to: whether it was isolated in full, or nothing was made; steps, and questions asked.
type Tally = [usize; 4];

/// Isolates a world and gives it back, and asks after each step.
fn walk(seed: u64) -> Tally {
    let world = draw(seed);
    let dice = &mut fastrand::Rng::with_seed(seed ^ 0xabcd);
    let promised = world.promised();
    let mut objects = world.objects.clone();
    let in_the_way = policies_of(&objects).len();
    let when = |step: &str| format!("SEED={seed}, {step}");
    let mut made = Vec::new();
    while act(dice, &mut objects, |objects| plan_of(objects, &world.networks, &Hold::Free)) {
        made.push(objects.last().unwrap()["metadata"]["name"].as_str().unwrap().to_owned());
        assert!(made.len() <= 4, "{}", when("it does not come to an end"));
        world.check(&objects, &promised, true, &when(&format!("after making {made:?}")));
    }
    let found = plan_of(&objects, &world.networks, &Hold::Free);
    let refusals = refusals(&found).len();
    if refusals == found.len() {
        assert_eq!(
            policies_of(&objects).len(),
            in_the_way,
            "{}",
            when("nothing is made where all is refused")
        );
        return [0, 1, 0, 0];
    }
    if refusals == 0 {
        world.check(&objects, &world.denied(), false, &when("at the end"));
    }
    // And back: by whatever reason there is, each in an order that the plan allows.
    let (networks, hold) = match dice.u8(..3) {
        0 => (json!({}), Hold::Free),
        1 => (world.networks.clone(), Hold::RolledBack("pods were lost".to_owned())),
        _ => {
            objects.push(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "new", "namespace": "shop"},
                "spec": {"type": "NodePort"}}));
            (world.networks.clone(), Hold::Free)
        }
    };
    let mut taken = 0;
    while act(dice, &mut objects, |objects| plan_of(objects, &networks, &hold)) {
        taken += 1;
        assert!(taken <= 4, "{}", when("it does not come to an end on the way back"));
        world.check(&objects, &promised, true, &when(&format!("after taking away {taken}")));
    }
    assert_eq!(policies_of(&objects).len(), in_the_way, "{}", when("something is left"));
    let steps = made.len() + taken;
    [usize::from(refusals == 0), 0, steps, steps * promised.len()]
}

#[test]
fn every_flow_that_a_preset_promises_to_keep_is_kept_at_every_step() {
    let given = std::env::var("SEED").ok().map(|seed| seed.parse().unwrap());
    let seeds: Vec<u64> = given.map_or_else(|| (0..300).collect(), |seed| vec![seed]);
    let sum = |a: Tally, b: Tally| [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
    let [isolated, refused, steps, questions] = seeds.into_par_iter().map(walk).reduce(Tally::default, sum);
    println!("{isolated} isolated in full, {refused} refused, {steps} steps, {questions} questions");
    assert!(
        given.is_some() || (isolated >= 150 && refused >= 30 && steps >= 1000),
        "{isolated}, {refused}, {steps}"
    );
}
