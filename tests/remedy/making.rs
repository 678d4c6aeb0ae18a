//! What is made, for whom, and what is refused.

use seaworthy::decode::{Decoded, decode};
use seaworthy::model::{Record, Text};
use seaworthy::remedy::objection;

use super::*;

#[test]
fn a_budget_is_made_that_can_only_say_what_is_safe() {
    let mut api = deployment(3);
    let selector = json!({"matchLabels": {"app": "api"},
        "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["other"]}]});
    api["spec"]["selector"] = selector.clone();
    let made = remedy(&[api]);
    assert_eq!(made.action, Some(Action::Create));
    let document = made.desired.unwrap().document();
    let spec =
        json!({"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": selector});
    assert_eq!(document["spec"], spec);
    let metadata = &document["metadata"];
    assert_eq!(metadata["name"], "seaworthy-deployment-api");
    assert_eq!(metadata["labels"]["seaworthy.dev/component"], "remediation");
    assert_eq!(metadata["annotations"]["argocd.argoproj.io/sync-options"], "Prune=false");
    assert_eq!(metadata["annotations"]["kustomize.toolkit.fluxcd.io/prune"], "disabled");
    assert_eq!(metadata["annotations"]["seaworthy.dev/made-for-uid"], "uid-api");
    let owner = json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "api", "uid": "uid-api",
        "controller": false, "blockOwnerDeletion": false}]);
    assert_eq!(metadata["ownerReferences"], owner);
}

#[test]
fn a_budget_never_lets_all_pods_go() {
    let policies = set(&[policy("p", &json!({"mode": "Enabled", "maxUnavailable": 4}))]);
    for (replicas, most) in [(2, 1), (3, 2), (5, 4), (9, 4)] {
        let inventory = live(&[namespace("shop"), deployment(replicas)]);
        let remedies = of_api(&inventory, &policies);
        assert_eq!(remedies[0].desired.as_ref().unwrap().spec["maxUnavailable"], most, "of {replicas}");
    }
}

#[test]
fn only_workloads_that_keep_two_pods_get_one() {
    let scaler = |kind: &str, version: &str, spec: Value| {
        let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"});
        with(
            json!({"apiVersion": version, "kind": kind, "metadata": {"name": "api", "namespace": "shop"}, "spec": spec}),
            "/spec/scaleTargetRef",
            target,
        )
    };
    let hpa = |least: i64| {
        scaler("HorizontalPodAutoscaler", "autoscaling/v2", json!({"minReplicas": least, "maxReplicas": 9}))
    };
    let keda = |spec: Value| scaler("ScaledObject", "keda.sh/v1alpha1", spec);
    for (objects, makes) in [
        (vec![deployment(2)], true),
        (vec![deployment(1)], false),
        (vec![deployment(0)], false),
        (vec![deployment(5), hpa(1)], false),
        (vec![deployment(3), hpa(3)], true),
        (vec![deployment(3), keda(json!({"minReplicaCount": 0, "triggers": []}))], false),
        (vec![deployment(3), keda(json!({"minReplicaCount": 2, "triggers": []}))], true),
        (
            vec![deployment(3), keda(json!({"minReplicaCount": 2, "idleReplicaCount": 0, "triggers": []}))],
            false,
        ),
    ] {
        let found = remedy(&objects);
        assert_eq!(found.action == Some(Action::Create), makes, "{objects:#?}\n{found:#?}");
        assert_eq!(found.outcome == Outcome::Nothing, !makes, "{found:#?}");
    }
    let job = json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "d", "namespace": "shop", "uid": "d"},
        "spec": {"selector": {"matchLabels": {"app": "d"}}, "template": {"metadata": {"labels": {"app": "d"}}}}});
    let inventory = live(&[namespace("shop"), job, workload("StatefulSet", "db", 3)]);
    let of =
        |kind, name: &str| plan(&inventory, &enabled(), &key(kind, name), (&terms(), &Hold::Free), now());
    assert_eq!(of(Kind::DaemonSet, "d")[0].outcome, Outcome::Nothing);
    assert_eq!(of(Kind::StatefulSet, "db")[0].action, Some(Action::Create));
}

#[test]
fn nothing_is_made_where_pods_would_have_two_or_a_strangers() {
    let everything = budget("all", &json!({}));
    assert_eq!(remedy(&[deployment(3), everything]).outcome, Outcome::Nothing);
    let by_expression =
        budget("e", &json!({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api", "x"]}]}));
    assert_eq!(remedy(&[deployment(3), by_expression]).outcome, Outcome::Nothing);
    let elsewhere = budget("web", &json!({"matchLabels": {"app": "web"}}));
    assert_eq!(remedy(&[deployment(3), elsewhere]).action, Some(Action::Create));
    // Labels of the pods that run count as well as those of the template.
    let pod = |labels: Value, owner: Option<(&str, &str)>| {
        let owners = owner.map(|(kind, name)| json!({"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "o", "controller": true}));
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod", "namespace": "shop", "uid": "pod",
            "labels": labels, "ownerReferences": owners.into_iter().collect::<Vec<_>>()}, "spec": {"containers": []},
            "status": {"phase": "Running"}})
    };
    let set = with(
        workload("ReplicaSet", "api-1", 3),
        "/metadata/ownerReferences",
        json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "api", "uid": "uid-api", "controller": true}]),
    );
    let labelled = pod(json!({"app": "api", "canary": "yes"}), Some(("ReplicaSet", "api-1")));
    let canary = budget("canary", &json!({"matchLabels": {"canary": "yes"}}));
    assert_eq!(remedy(&[deployment(3), set.clone(), labelled.clone(), canary]).outcome, Outcome::Nothing);
    assert_eq!(remedy(&[deployment(3), set, labelled.clone()]).action, Some(Action::Create));
    // Whose pod it is, is not known yet: it may be seen before its ReplicaSet.
    let early = remedy(&[deployment(3), labelled]);
    assert!(matches!(&early.outcome, Outcome::Pending(why) if why.contains("not known yet")), "{early:#?}");

    let of_other = pod(json!({"app": "api"}), Some(("Kafka", "events")));
    assert!(refused(&[deployment(3), of_other]).contains("Pod 'pod' of Kafka 'events'"));
    let bare = pod(json!({"app": "api"}), None);
    assert!(refused(&[deployment(3), bare]).contains("Pod 'pod'"));
    let twin =
        with(workload("Deployment", "twin", 1), "/spec/template/metadata/labels", json!({"app": "api"}));
    assert!(refused(&[deployment(3), twin]).contains("the pods of Deployment 'twin'"));
    let all = with(deployment(3), "/spec/selector", json!({}));
    assert!(refused(&[all]).contains("does not select its own pods alone"));
}

#[test]
fn the_platforms_namespaces_and_those_who_decline_get_nothing() {
    let no = json!({"seaworthy.dev/remediation": "Disabled"});
    assert!(
        refused(&[with(deployment(3), "/metadata/annotations", no.clone())])
            .contains("it has the annotation")
    );
    let declining = with(namespace("shop"), "/metadata/annotations", no);
    let remedies = of_api(&live(&[declining, deployment(3)]), &enabled());
    assert!(
        matches!(&remedies[0].outcome, Outcome::Refused(why) if why.contains("namespace 'shop' has the annotation"))
    );
    for name in ["kube-system", "seaworthy-system"] {
        let inventory = live(&[namespace(name), with(deployment(3), "/metadata/namespace", name.into())]);
        let id = WorkloadId { namespace: name.into(), kind: Kind::Deployment, name: "api".into() };
        let remedies =
            plan(&inventory, &enabled(), &SubjectKey::Workload(id), (&terms(), &Hold::Free), now());
        assert!(matches!(remedies[0].outcome, Outcome::Refused(_)) && remedies[0].action.is_none(), "{name}");
    }
}

#[test]
fn what_cannot_be_known_is_refused_and_what_stands_then_stays() {
    for kind in [Kind::PodDisruptionBudget, Kind::HorizontalPodAutoscaler, Kind::Pod, Kind::StatefulSet] {
        let blind = |objects: &[Value]| {
            let mut inventory = live(objects);
            inventory.set_sight(kind, Sight::None("they may not be listed".into()));
            of_api(&inventory, &enabled()).remove(0)
        };
        let none = blind(&[namespace("shop"), deployment(3)]);
        assert!(
            matches!(&none.outcome, Outcome::Refused(why) if why.contains("may not be listed")),
            "{kind}: {none:#?}"
        );
        let one = blind(&[namespace("shop"), deployment(3), ours()]);
        assert_eq!((one.outcome, one.action), (Outcome::Made, None), "{kind}");
    }
    let mut inventory = live(&[namespace("shop"), deployment(3)]);
    inventory.set_sight(Kind::ScaledObject, Sight::Absent);
    assert_eq!(of_api(&inventory, &enabled())[0].action, Some(Action::Create), "there are none");
}

#[test]
fn a_workload_gets_one_when_all_its_pods_are_there() {
    for (status, waits) in [
        (json!({"availableReplicas": 2}), true),
        (Value::Null, true),
        (json!({"availableReplicas": 3}), false),
    ] {
        let found = remedy(&[with(deployment(3), "/status", status)]);
        assert_eq!(
            matches!(found.outcome, Outcome::Pending(_)) && found.action.is_none(),
            waits,
            "{found:#?}"
        );
    }
}

#[test]
fn a_name_that_somebody_else_has_taken_is_theirs() {
    let taken = budget("seaworthy-deployment-api", &json!({"matchLabels": {"app": "web"}}));
    assert!(refused(&[deployment(3), taken]).contains("is not ours"));
}

#[test]
fn the_last_look_before_a_write_finds_what_came_meanwhile() {
    let desired = remedy(&[deployment(3)]).desired.unwrap();
    let workload = |json: Value| match decode(Kind::Deployment, &json.to_string(), "").unwrap() {
        Decoded::Record(Record::Workload(workload)) => *workload,
        other => panic!("{other:?}"),
    };
    let budget = |json: Value| match decode(Kind::PodDisruptionBudget, &json.to_string(), "").unwrap() {
        Decoded::Record(Record::Budget(budget)) => budget,
        other => panic!("{other:?}"),
    };
    let look = |json: Value, budgets: &[Value], own: Option<&str>| {
        let budgets: Vec<_> = budgets.iter().cloned().map(budget).collect();
        objection(&desired, &workload(json), &budgets, own.map(Text::new).as_ref())
    };
    let web = self::budget("web", &json!({"matchLabels": {"app": "web"}}));
    assert_eq!(look(deployment(3), &[web], None), None);
    for (changed, word) in [
        (with(deployment(3), "/metadata/uid", "new".into()), "gone"),
        (with(deployment(3), "/metadata/deletionTimestamp", ago(1).into()), "going"),
        (deployment(1), "fewer than two"),
        (with(deployment(3), "/spec/selector", json!({"matchLabels": {"app": "x"}})), "another selector"),
    ] {
        assert!(look(changed, &[], None).unwrap().contains(word), "{word}");
    }
    let theirs = self::budget("theirs", &json!({}));
    assert!(look(deployment(3), &[theirs], None).unwrap().contains("'theirs'"));
    assert_eq!(look(deployment(3), &[ours()], Some("uid-seaworthy-deployment-api")), None);
}
