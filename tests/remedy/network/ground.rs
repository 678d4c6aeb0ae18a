//! Where NetworkPolicies are not made, and where they go again: whatever somebody would be cut off by.

use super::*;

fn service(name: &str, spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"}, "spec": spec})
}

fn host(namespace: &str, kind: &str, name: &str, labels: &Value, image: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace, "uid": name},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels},
                 "spec": {"hostNetwork": true, "containers": [{"name": "c", "image": image}]}}}})
}

fn ingress(class: &str) -> Value {
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"ingressClassName": class}})
}

/// What keeps all four from being made, with a word of the reason.
fn obstacles() -> Vec<(Value, &'static str)> {
    let client = json!({"clientConfig": {"service": {"namespace": "shop", "name": "hook"}}});
    let by_url = json!({"clientConfig": {"url": "https://hook.shop.svc:8443/"}});
    let hooks = |kind: &str, hook: &Value| json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "h"}, "webhooks": [hook]});
    let all = json!({"endpointSelector": {}, "ingress": [{}]});
    vec![
        (
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": {"name": "theirs", "namespace": "shop", "uid": "t"}, "spec": {"podSelector": {"matchLabels": {"a": "b"}}}}),
            "NetworkPolicy 'theirs'",
        ),
        (
            json!({"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"name": "c", "namespace": "shop"}, "spec": all}),
            "'c'",
        ),
        (
            json!({"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "metadata": {"name": "w"}, "spec": all}),
            "'w'",
        ),
        (
            json!({"apiVersion": "crd.projectcalico.org/v1", "kind": "GlobalNetworkPolicy", "metadata": {"name": "g"}, "spec": {"selector": "app == 'api'"}}),
            "'g'",
        ),
        (
            json!({"apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy", "metadata": {"name": "n"},
                "spec": {"tier": "Admin", "priority": 1, "subject": {"namespaces": {}}}}),
            "'n'",
        ),
        (hooks("ValidatingWebhookConfiguration", &client), "ValidatingWebhookConfiguration 'h'"),
        (hooks("MutatingWebhookConfiguration", &by_url), "MutatingWebhookConfiguration 'h'"),
        (
            json!({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1.x"},
                "spec": {"service": {"namespace": "shop", "name": "api"}}}),
            "APIService 'v1.x'",
        ),
        (
            json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "xs.x"},
                "spec": {"conversion": {"strategy": "Webhook", "webhook": client}}}),
            "CustomResourceDefinition 'xs.x'",
        ),
        (service("lb", json!({"type": "LoadBalancer"})), "Service 'lb' is of type LoadBalancer"),
        (service("np", json!({"type": "NodePort"})), "Service 'np' is of type NodePort"),
        (service("ips", json!({"externalIPs": ["192.0.2.1"]})), "Service 'ips' has externalIPs"),
        (
            host("shop", "DaemonSet", "agent", &json!({"a": "b"}), "x"),
            "DaemonSet 'agent' is on the nodes' network",
        ),
        (
            pod(
                "shop",
                "kafka-0",
                json!({}),
                json!({"containers": [{"name": "k", "ports": [{"containerPort": 1, "hostPort": 1}]}]}),
            ),
            "Pod 'kafka-0' has a port of the nodes",
        ),
    ]
}

#[test]
fn nothing_is_made_where_it_would_cut_somebody_off_and_what_stands_goes() {
    let made = standing(&everything());
    assert_eq!(made.len(), 4);
    for (obstacle, word) in obstacles() {
        let found = of_shop(std::slice::from_ref(&obstacle), &everything());
        assert_eq!(refusals(&found).len(), 4, "{obstacle:#}\n{found:#?}");
        assert!(refusals(&found).iter().all(|(_, why)| why.contains(word)), "{word}: {found:#?}");
        let all: Vec<Value> = made.iter().cloned().chain([obstacle]).collect();
        assert_eq!(withdrawals(&of_shop(&all, &everything())), NAMES[2..], "{word}");
    }
}

#[test]
fn callbacks_into_other_namespaces_and_policies_elsewhere_are_no_obstacle() {
    let elsewhere = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "x", "namespace": "ingress", "uid": "x"}, "spec": {"podSelector": {}}});
    let hook = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "h"}, "webhooks": [{"clientConfig": {"service": {"namespace": "ingress", "name": "hook"}}}]});
    let system = json!({"apiVersion": "crd.projectcalico.org/v1", "kind": "GlobalNetworkPolicy", "metadata": {"name": "g"},
        "spec": {"namespaceSelector": "projectcalico.org/name == 'kube-system'"}});
    let inner = service("inner", json!({"type": "ClusterIP", "selector": {"app": "api"}}));
    assert_eq!(creations(&of_shop(&[elsewhere, hook, system, inner], &everything())), NAMES[..2]);
}

#[test]
fn users_who_come_from_outside_have_to_be_allowed_by_a_namespace_that_can_be_relied_on() {
    let only_same = json!({"mode": "Enabled", "presets": ["AllowSameNamespace", "DenyIngress"]});
    let refused = |objects: &[Value], networks: &Value| {
        let found = of_shop(objects, networks);
        refusals(&found).first().map(|(_, why)| (*why).to_owned())
    };
    assert!(refused(&[ingress("nginx")], &only_same).unwrap().contains("Ingress 'web' lets users in"));
    assert_eq!(refused(&[ingress("nginx")], &everything()), None);
    for class in ["alb", "gce", "cilium"] {
        assert!(
            refused(&[ingress(class)], &everything()).unwrap().contains("comes from no pod") || {
                refused(&[ingress(class)], &everything()).unwrap().contains("come from no pod")
            }
        );
    }
    let labels = json!({"app.kubernetes.io/name": "ingress-nginx"});
    let there =
        host("ingress", "DaemonSet", "controller", &labels, "registry.k8s.io/ingress-nginx/controller:v1");
    let why = refused(std::slice::from_ref(&there), &everything()).unwrap();
    assert!(why.contains("DaemonSet 'controller' of namespace 'ingress' is on the nodes' network"), "{why}");
    let bare = pod("ingress", "router", json!({}), json!({"hostNetwork": true, "containers": []}));
    assert!(refused(&[bare], &everything()).unwrap().contains("Pod 'router'"));
    // One elsewhere may carry the users of an Ingress, and nobody else's.
    let elsewhere =
        host("kube-system", "DaemonSet", "rke2-ingress-nginx-controller", &json!({"a": "b"}), "x");
    assert!(
        refused(&[elsewhere.clone(), ingress("nginx")], &everything()).unwrap().contains("may carry them")
    );
    assert_eq!(refused(&[elsewhere], &everything()), None);
    let exporter = host(
        "ingress",
        "DaemonSet",
        "node-exporter",
        &json!({"app.kubernetes.io/name": "node-exporter"}),
        "x",
    );
    assert_eq!(refused(&[exporter], &everything()), None, "what is only asked connects to nobody");
    // Only connections to the pods are concerned.
    let found = of_shop(&[there], &everything());
    assert_eq!(creations(&found), ["seaworthy-allow-egress"]);
    assert_eq!(refusals(&found).len(), 2);
}

#[test]
fn nobody_is_cut_off_from_the_rest_before_lookups_are_proven() {
    let egress = ["seaworthy-allow-egress", "seaworthy-deny-egress"];
    let without = |kind: &str, name: &str| -> Vec<Value> {
        cluster().into_iter().filter(|o| !(o["kind"] == kind && o["metadata"]["name"] == name)).collect()
    };
    let refused = |objects: &[Value], word: &str| {
        let found = plan_of(objects, &everything(), &Hold::Free);
        let names: Vec<&str> = refusals(&found).iter().map(|(name, _)| *name).collect();
        assert_eq!(names, egress, "{word}: {found:#?}");
        assert!(refusals(&found).iter().all(|(_, why)| why.contains(word)), "{word}: {found:#?}");
        assert_eq!(creations(&found), ["seaworthy-allow-ingress"]);
    };
    refused(&without("Service", "kube-dns"), "is not known");
    refused(&without("Pod", "coredns-1"), "is ready");
    let changed = |kind: &str, name: &str, path: &str, value: Value| -> Vec<Value> {
        let change = |object: Value| {
            let is = object["kind"] == kind && object["metadata"]["name"] == name;
            if is { with(object, path, value.clone()) } else { object }
        };
        cluster().into_iter().map(change).collect()
    };
    refused(
        &changed("Pod", "coredns-1", "/status/conditions", json!([{"type": "Ready", "status": "False"}])),
        "is ready",
    );
    refused(&changed("Service", "kube-dns", "/spec/selector", json!({})), "selects no pods");
    refused(
        &changed("Service", "kube-dns", "/spec/ports", json!([{"port": 53, "protocol": "TCP"}])),
        "no UDP port 53",
    );
    refused(
        &changed(
            "Service",
            "kube-dns",
            "/spec/ports",
            json!([{"port": 53, "protocol": "UDP", "targetPort": "dns"}]),
        ),
        "no pod behind it declares",
    );
    refused(&changed("Pod", "coredns-1", "/spec/hostNetwork", true.into()), "on the nodes' network");
    refused(
        &changed("Deployment", "api", "/spec/template/spec/dnsPolicy", "None".into()),
        "asks another resolver",
    );
    let binding = |kind: &str, name: &str| {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "operators"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
            "subjects": [{"kind": kind, "name": name, "namespace": "shop"}]})
    };
    let with = |object: Value| -> Vec<Value> { cluster().into_iter().chain([object]).collect() };
    refused(&with(binding("ServiceAccount", "default")), "would not be reached");
    let everybodys = plan_of(&with(binding("Group", "system:serviceaccounts")), &everything(), &Hold::Free);
    assert!(refusals(&everybodys).is_empty(), "{everybodys:#?}");
    // What others count on: those whom some policy allows to connect everywhere.
    let found = plan(
        &live(&cluster()),
        &asked(&everything()),
        &SubjectKey::Namespace("ingress".into()),
        (&terms(), &Hold::Free),
        now(),
    );
    assert!(
        refusals(&found)
            .iter()
            .all(|(name, why)| egress.contains(name) && why.contains("policy 'p' allows its pods")),
        "{found:#?}"
    );
}

#[test]
fn lookups_elsewhere_than_before_take_the_denial_away_at_once() {
    let made = standing(&everything());
    let moved: Vec<Value> = cluster()
        .into_iter()
        .map(|object| if object["kind"] == "Service" { dns_service(&json!(5353)) } else { object })
        .collect();
    let all: Vec<Value> = moved.iter().chain(&made).cloned().collect();
    assert_eq!(withdrawals(&plan_of(&all, &everything(), &Hold::Free)), ["seaworthy-deny-egress"]);
    let left: Vec<Value> = moved.iter().chain(&made[..3]).cloned().collect();
    assert_eq!(withdrawals(&plan_of(&left, &everything(), &Hold::Free)), ["seaworthy-allow-egress"]);
}

#[test]
fn what_cannot_be_known_is_refused_and_what_stands_then_stays() {
    let made = standing(&everything());
    for kind in [
        Kind::NetworkPolicy,
        Kind::Service,
        Kind::Pod,
        Kind::StatefulSet,
        Kind::ValidatingWebhookConfiguration,
        Kind::ApiService,
        Kind::CustomResourceDefinition,
        Kind::CiliumNetworkPolicy,
        Kind::Ingress,
        Kind::ClusterRoleBinding,
    ] {
        let blind = |more: &[Value]| {
            let all: Vec<Value> = cluster().into_iter().chain(more.iter().cloned()).collect();
            let mut inventory = live(&all);
            inventory.set_sight(kind, Sight::None("they may not be listed".into()));
            plan(&inventory, &asked(&everything()), &shop(), (&terms(), &Hold::Free), now())
        };
        let found = blind(&[]);
        // Who may use the API only matters to those whose connections to it would be denied.
        let refused = if kind == Kind::ClusterRoleBinding { 2 } else { 4 };
        assert_eq!(refusals(&found).len(), refused, "{kind}: {found:#?}");
        assert!(
            refusals(&found).iter().filter(|(name, _)| name.ends_with("egress")).count() == 2,
            "{found:#?}"
        );
        assert!(
            refusals(&found).iter().all(|(_, why)| why.contains("may not be listed")),
            "{kind}: {found:#?}"
        );
        let found = blind(&made);
        assert!(
            found.iter().all(|remedy| remedy.outcome == Outcome::Made && remedy.action.is_none()),
            "{kind}: {found:#?}"
        );
    }
}

#[test]
fn the_platforms_namespaces_and_those_who_decline_get_nothing() {
    for name in ["kube-system", "seaworthy-system"] {
        let objects: Vec<Value> = cluster().into_iter().chain([namespace(name)]).collect();
        let key = SubjectKey::Namespace(name.into());
        let found = plan(&live(&objects), &asked(&everything()), &key, (&terms(), &Hold::Free), now());
        assert!(refusals(&found).len() == 4 && creations(&found).is_empty(), "{name}: {found:#?}");
    }
    let no = json!({"seaworthy.dev/remediation": "Disabled"});
    let decline = |object: Value| {
        if object["metadata"]["name"] == "shop" {
            with(object, "/metadata/annotations", no.clone())
        } else {
            object
        }
    };
    let declining: Vec<Value> = cluster().into_iter().map(decline).collect();
    let found = plan_of(&declining, &everything(), &Hold::Free);
    assert!(refusals(&found).iter().all(|(_, why)| why.contains("it has the annotation")), "{found:#?}");
}

#[test]
fn it_says_whether_anybody_enforces_them_as_far_as_it_can() {
    let network = |name: &str| host("kube-flannel", "DaemonSet", name, &json!({"app": "net"}), "x");
    let remark = |objects: &[Value]| of_shop(objects, &everything())[0].remark.clone().unwrap_or_default();
    assert!(remark(&[]).contains("cannot be told"));
    assert!(remark(&[network("kube-flannel-ds")]).contains("nothing seems to enforce"));
    assert_eq!(remark(&[network("kube-flannel-ds"), network("calico-node")]), "");
}
