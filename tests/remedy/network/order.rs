//! Allows first and deny last, and the reverse; what somebody edits, reverts or asks for anew.

use seaworthy::model::Text;

use super::*;

#[test]
fn allows_are_seen_standing_before_anything_is_denied() {
    let (mut made, mut order) = (Vec::new(), Vec::new());
    loop {
        let found = of_shop(&made, &everything());
        let next = creations(&found);
        let Some(first) = next.first() else { break };
        if made.len() < 2 {
            assert!(next.iter().all(|name| name.contains("allow")), "{found:#?}");
            let deny = named(&found, "seaworthy-deny-ingress");
            assert!(
                matches!(&deny.outcome, Outcome::Pending(why) if why.contains("has to stand before")),
                "{deny:#?}"
            );
        }
        order.push((*first).to_owned());
        made.push(stored(named(&found, first)));
    }
    assert_eq!(order, NAMES);
    let found = of_shop(&made, &everything());
    assert!(
        found.iter().all(|remedy| remedy.outcome == Outcome::Made && remedy.action.is_none()),
        "{found:#?}"
    );
    // One that says something else is no ground to deny anything on.
    let other = with(made[0].clone(), "/spec/ingress", json!([]));
    let found = of_shop(&[other, made[1].clone()], &everything());
    assert!(creations(&found).is_empty(), "{found:#?}");
    assert_eq!(named(&found, NAMES[0]).action, Some(Action::Update));
}

#[test]
fn a_deny_belongs_to_its_allow_so_that_kubernetes_takes_it_away_with_it() {
    let made = standing(&everything());
    let owner = &made[2]["metadata"]["ownerReferences"][0];
    assert_eq!(
        (&owner["kind"], &owner["name"], &owner["uid"]),
        (&json!("NetworkPolicy"), &json!(NAMES[0]), &json!(format!("uid-{}", NAMES[0])))
    );
    // And so do we, if somebody has taken the allow away and Kubernetes has not come to it.
    let left: Vec<Value> = made[1..].to_vec();
    let found = of_shop(&left, &everything());
    assert_eq!(withdrawals(&found), ["seaworthy-deny-ingress"]);
    assert_eq!(creations(&found), ["seaworthy-allow-ingress"]);
}

#[test]
fn a_deny_that_was_made_alone_belongs_to_the_allow_that_comes_later() {
    let mut made =
        standing(&json!({"mode": "Enabled", "presets": ["DenyIngress"], "deletionPolicy": "Delete"}));
    let both = json!({"mode": "Enabled", "presets": ["AllowSameNamespace", "DenyIngress"], "deletionPolicy": "Delete"});
    let found = of_shop(&made, &both);
    assert_eq!((creations(&found), named(&found, NAMES[2]).action.clone()), (vec![NAMES[0]], None));
    made.push(stored(named(&found, NAMES[0])));
    let found = of_shop(&made, &both);
    let deny = named(&found, NAMES[2]);
    assert_eq!(deny.action, Some(Action::Update));
    assert_eq!(stored(deny)["metadata"]["ownerReferences"][0]["name"], NAMES[0]);
    let all = [stored(deny), made.remove(1)];
    assert!(of_shop(&all, &both).iter().all(|remedy| remedy.action.is_none()));
}

#[test]
fn only_what_is_denied_is_made() {
    for (presets, names) in [
        (json!(["DenyIngress"]), vec![NAMES[2]]),
        (json!(["AllowDNS", "DenyIngress"]), vec![NAMES[2]]),
        (json!(["AllowSameNamespace", "DenyIngress"]), vec![NAMES[0], NAMES[2]]),
        (json!(["AllowDNS", "DenyEgress"]), vec![NAMES[1], NAMES[3]]),
    ] {
        let networks = json!({"mode": "Enabled", "presets": presets});
        let made = standing(&networks);
        let made: Vec<&str> =
            made.iter().map(|object| object["metadata"]["name"].as_str().unwrap()).collect();
        assert_eq!(made, names, "{presets}");
    }
}

#[test]
fn when_nobody_asks_any_more_the_deletion_policy_decides_and_denies_go_first() {
    let mut made = standing(&everything());
    let none = json!({});
    let mut order = Vec::new();
    while let Some(name) = withdrawals(&of_shop(&made, &none)).first().map(|name| (*name).to_owned()) {
        made.retain(|object| object["metadata"]["name"] != name.as_str());
        order.push(name);
    }
    assert_eq!(order, [NAMES[2], NAMES[3], NAMES[0], NAMES[1]]);
    let mut retaining = everything();
    retaining["deletionPolicy"] = "Retain".into();
    let kept = of_shop(&standing(&retaining), &none);
    assert!(kept.len() == 4 && kept.iter().all(|remedy| remedy.action.is_none()), "{kept:#?}");
}

#[test]
fn what_somebody_edited_does_what_they_want() {
    let made = standing(&everything());
    let edit = |object: &Value| {
        let mut object = object.clone();
        let by_hand = json!({"manager": "kubectl-edit", "fieldsV1": {"f:spec": {}}});
        object["metadata"]["managedFields"].as_array_mut().unwrap().push(by_hand);
        with(object, "/spec/policyTypes", json!(["Ingress", "Egress"]))
    };
    let load_balancer = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "lb", "namespace": "shop"},
        "spec": {"type": "LoadBalancer"}});
    for (edited, goes) in [(0, vec![NAMES[2], NAMES[3]]), (2, vec![NAMES[3]])] {
        let mut all = made.clone();
        all[edited] = edit(&made[edited]);
        let found = of_shop(&all, &everything());
        assert!(found.iter().all(|remedy| remedy.action.is_none()), "{found:#?}");
        all.push(load_balancer.clone());
        assert_eq!(withdrawals(&of_shop(&all, &everything())), goes);
    }
    // Their deny keeps the allow that it needs.
    let without_deny = [made[0].clone(), made[1].clone(), edit(&made[2]), load_balancer];
    assert_eq!(withdrawals(&of_shop(&without_deny, &everything())), [NAMES[1]]);
}

#[test]
fn what_is_remembered_of_a_namespace_holds_it_back() {
    let made = standing(&everything());
    let with_made: Vec<Value> = cluster().into_iter().chain(made.iter().cloned()).collect();
    let wait = Hold::Wait("others come first".to_owned());
    assert!(creations(&plan_of(&cluster(), &everything(), &wait)).is_empty());
    let begun: Vec<Value> = cluster().into_iter().chain(made[..1].iter().cloned()).collect();
    assert_eq!(creations(&plan_of(&begun, &everything(), &wait)), [NAMES[1]], "what has been begun goes on");
    let back = Hold::RolledBack("api lost pods".to_owned());
    let found = plan_of(&with_made, &everything(), &back);
    assert_eq!(withdrawals(&found), NAMES[2..]);
    let found = plan_of(&cluster(), &everything(), &back);
    assert!(
        found.iter().all(|remedy| remedy.outcome == Outcome::RolledBack("api lost pods".to_owned())),
        "{found:#?}"
    );
    // Who takes a deny away does not want what it was made with either.
    let contested = Hold::Contested([Text::new(NAMES[2])].into());
    let left: Vec<Value> = with_made.iter().filter(|o| o["metadata"]["name"] != NAMES[2]).cloned().collect();
    let found = plan_of(&left, &everything(), &contested);
    assert_eq!(withdrawals(&found), [NAMES[3]]);
    assert!(
        matches!(named(&found, NAMES[2]).outcome, Outcome::Pending(_)),
        "it is called contested by who remembers"
    );
}

#[test]
fn it_waits_until_all_pods_are_there_and_a_dry_run_makes_nothing() {
    let unready = |object: Value| {
        if object["kind"] == "Deployment" {
            with(object, "/status/availableReplicas", 2.into())
        } else {
            object
        }
    };
    let objects: Vec<Value> = cluster().into_iter().map(unready).collect();
    let found = plan_of(&objects, &everything(), &Hold::Free);
    assert!(creations(&found).is_empty());
    assert!(matches!(&found[0].outcome, Outcome::Pending(why) if why.contains("2 of 3 pods")), "{found:#?}");
    let mut dry = everything();
    dry["mode"] = "DryRun".into();
    let found = of_shop(&[], &dry);
    assert!(
        found.iter().all(|remedy| remedy.outcome == Outcome::Planned
            && remedy.action.is_none()
            && remedy.desired.is_some()),
        "{found:#?}"
    );
    let none = Terms { network_policies: false, ..terms() };
    let found = plan(&live(&cluster()), &asked(&everything()), &shop(), (&none, &Hold::Free), now());
    assert!(
        refusals(&found).iter().any(|(_, why)| why.contains("--remediation=network-policies")),
        "{found:#?}"
    );
    assert!(found.iter().all(|remedy| remedy.action.is_none()));
}

#[test]
fn the_last_look_before_a_write_finds_what_came_meanwhile() {
    use seaworthy::decode::{Decoded, decode};
    use seaworthy::model::Record;
    use seaworthy::remedy::network_objection;

    let made = standing(&everything());
    let found = of_shop(&made[..2], &everything());
    let deny = named(&found, NAMES[2]).desired.as_ref().unwrap();
    let read = |kind: Kind, json: &Value| match decode(kind, &json.to_string(), "").unwrap() {
        Decoded::Record(record) => record,
        other => panic!("{other:?}"),
    };
    let look = |space: Value, policies: &[Value], services: &[Value]| {
        let Record::Namespace(space) = read(Kind::Namespace, &space) else { panic!() };
        let policies = policies.iter().map(|json| match read(Kind::NetworkPolicy, json) {
            Record::NetworkPolicy(policy) => policy,
            other => panic!("{other:?}"),
        });
        let services = services.iter().map(|json| match read(Kind::Service, json) {
            Record::Service(service) => service,
            other => panic!("{other:?}"),
        });
        network_objection(deny, &space, &policies.collect::<Vec<_>>(), &services.collect::<Vec<_>>(), None)
    };
    assert_eq!(look(namespace("shop"), &made[..2], &[dns_service(&json!(53))]), None);
    let says = |answer: Option<String>, word: &str| {
        assert!(answer.as_ref().is_some_and(|why| why.contains(word)), "{word}: {answer:?}")
    };
    says(look(namespace("shop"), &made[1..2], &[]), "has to stand before");
    says(look(with(namespace("shop"), "/metadata/uid", "new".into()), &made[..2], &[]), "gone, or going");
    let no = json!({"seaworthy.dev/remediation": "Disabled"});
    says(look(with(namespace("shop"), "/metadata/annotations", no), &made[..2], &[]), "annotation");
    let theirs =
        json!({"metadata": {"name": "theirs", "namespace": "shop", "uid": "t"}, "spec": {"podSelector": {}}});
    says(look(namespace("shop"), &[made[0].clone(), theirs], &[]), "'theirs'");
    let exposed = json!({"metadata": {"name": "lb", "namespace": "shop"}, "spec": {"type": "LoadBalancer"}});
    says(look(namespace("shop"), &made[..2], &[exposed]), "'lb'");
}
