//! What becomes of what stands: left alone, updated, withdrawn.

use super::*;

#[test]
fn what_stands_as_it_should_is_left_alone_and_what_does_not_is_updated() {
    let found = remedy(&[deployment(3), ours()]);
    assert_eq!((found.outcome, found.action), (Outcome::Made, None));
    for (path, value) in [
        ("/spec/maxUnavailable", json!(2)),
        ("/spec/unhealthyPodEvictionPolicy", json!("IfHealthyBudget")),
        ("/spec/selector", json!({"matchLabels": {"app": "web"}})),
        ("/metadata/annotations/seaworthy.dev~1policy", json!("another")),
        ("/metadata/annotations/seaworthy.dev~1deletion-policy", json!("Retain")),
    ] {
        let mut changed = ours();
        *changed.pointer_mut(path).unwrap() = value.clone();
        assert_eq!(remedy(&[deployment(3), changed.clone()]).action, Some(Action::Update), "{path}");
        // Once somebody else has written it, it is theirs.
        let by_hand = json!({"manager": "kubectl-edit", "fieldsV1": {"f:spec": {}}});
        changed["metadata"]["managedFields"].as_array_mut().unwrap().push(by_hand);
        assert_eq!(remedy(&[deployment(3), changed]).action, None, "{path}");
    }
}

#[test]
fn ours_makes_room_at_once_for_what_it_would_harm() {
    let own = budget("theirs", &json!({"matchLabels": {"app": "api"}}));
    let found = remedy(&[deployment(3), ours(), own.clone()]);
    assert_eq!(withdrawn(&found), Some(("PodDisruptionBudget 'theirs' selects its pods", true)));
    let edited = with(
        ours(),
        "/metadata/managedFields",
        json!([{"manager": "seaworthy-remediation"},
        {"manager": "kubectl-edit", "fieldsV1": {"f:spec": {}}}]),
    );
    assert!(
        withdrawn(&remedy(&[deployment(3), edited.clone(), own])).is_some(),
        "also one that somebody edited"
    );

    let (why, urgent) = (remedy(&[deployment(1), ours()]), true);
    assert_eq!(withdrawn(&why), Some(("it may have fewer than two pods (1 replica)", urgent)));
    assert_eq!(remedy(&[deployment(1), edited]).action, None, "what somebody edited does what they want");
    let twin =
        with(workload("Deployment", "twin", 1), "/spec/template/metadata/labels", json!({"app": "api"}));
    assert!(withdrawn(&remedy(&[deployment(3), ours(), twin])).unwrap().1);
    // Of two of ours for one workload, the one that is called as it should be stays.
    let old = with(ours(), "/metadata/name", "an-older-name".into());
    let remedies = of_api(&live(&[namespace("shop"), deployment(3), ours(), old]), &enabled());
    let gone: Vec<_> =
        remedies.iter().filter(|r| withdrawn(r).is_some()).map(|r| r.place.name.to_string()).collect();
    assert_eq!((gone, remedies.len()), (vec!["an-older-name".to_owned()], 2));
}

#[test]
fn ours_goes_when_it_has_held_everybody_up_for_long() {
    let blocked = |reason: &str, since: i64| {
        let condition = json!([{"type": "DisruptionAllowed", "status": "False", "reason": reason, "lastTransitionTime": ago(since)}]);
        remedy(&[
            with(deployment(3), "/status/availableReplicas", 2.into()),
            with(ours(), "/status/conditions", condition),
        ])
    };
    let still = blocked("InsufficientPods", 200);
    assert_eq!((still.action, still.recheck_at), (None, Some(now() + SignedDuration::from_secs(100))));
    assert!(withdrawn(&blocked("InsufficientPods", 300)).unwrap().1);
    assert!(
        withdrawn(&blocked("SyncFailed", 29)).is_none() && withdrawn(&blocked("SyncFailed", 30)).is_some()
    );

    let unobserved = |written: i64| {
        let mut new = with(ours(), "/status", Value::Null);
        new["metadata"]["managedFields"][0]["time"] = ago(written).into();
        remedy(&[deployment(3), new])
    };
    assert!(withdrawn(&unobserved(59)).is_none() && withdrawn(&unobserved(60)).unwrap().1);
}

#[test]
fn once_nobody_asks_the_deletion_policy_decides() {
    let of = |objects: &[Value], policies: &PolicySet| {
        let all: Vec<Value> = objects.iter().cloned().chain([namespace("shop"), deployment(3)]).collect();
        of_api(&live(&all), policies).remove(0)
    };
    let mut retain_ours = ours();
    retain_ours["metadata"]["annotations"]["seaworthy.dev/deletion-policy"] = "Retain".into();
    let disabled = set(&[policy("p", &json!({"mode": "Disabled", "deletionPolicy": "Delete"}))]);
    for policies in [&PolicySet::default(), &disabled] {
        assert_eq!(withdrawn(&of(&[ours()], policies)), Some(("no policy asks for it any more", false)));
        let kept = of(&[retain_ours.clone()], policies);
        assert_eq!((kept.outcome, kept.action), (Outcome::Made, None));
        // And it still makes room.
        let own = budget("theirs", &json!({}));
        assert!(withdrawn(&of(&[retain_ours.clone(), own], policies)).unwrap().1);
    }
    let dry =
        set(&[policy("p", &json!({"mode": "DryRun", "deletionPolicy": "Delete", "maxUnavailable": 2}))]);
    assert_eq!(of(&[ours()], &dry).action, None, "a dry run changes nothing");
    let planned = of(&[], &dry);
    assert_eq!((planned.outcome, planned.action, planned.desired.is_some()), (Outcome::Planned, None, true));
}

#[test]
fn what_was_made_for_a_workload_that_is_gone_goes_after_it() {
    let gone = of_api(&live(&[namespace("shop"), ours()]), &enabled()).remove(0);
    let Some(Action::Withdraw { why, cause: Cause::Abandoned }) = gone.action else { panic!("{gone:#?}") };
    assert!(why.contains("is gone"));
    let another = with(deployment(3), "/metadata/uid", "uid-new".into());
    let remedies = of_api(&live(&[namespace("shop"), another, ours()]), &enabled());
    assert_eq!(remedies.iter().filter(|r| withdrawn(r).is_some()).count(), 1);
    assert!(
        remedies.iter().all(|r| r.action != Some(Action::Create)),
        "not while the old one stands: {remedies:#?}"
    );
    // One that is going is not gone, and in a namespace that goes nothing is done at all.
    let going = with(deployment(3), "/metadata/deletionTimestamp", ago(1).into());
    assert_eq!(of_api(&live(&[namespace("shop"), going, ours()]), &enabled()), []);
    let namespace = with(namespace("shop"), "/metadata/deletionTimestamp", ago(1).into());
    assert_eq!(of_api(&live(&[namespace, deployment(3), ours()]), &enabled()), []);
}

#[test]
fn without_the_controllers_flag_nothing_is_done_and_it_says_so() {
    let none = Terms { pod_disruption_budgets: false, ..terms() };
    let own = budget("theirs", &json!({}));
    for harmful in
        [live(&[namespace("shop"), deployment(3), ours(), own]), live(&[namespace("shop"), ours()])]
    {
        let remedies = plan(&harmful, &enabled(), &key(Kind::Deployment, "api"), (&none, &Hold::Free), now());
        assert!(!remedies.is_empty() && remedies.iter().all(|remedy| remedy.action.is_none()));
    }
    let inventory = live(&[namespace("shop"), deployment(3)]);
    let remedies = plan(&inventory, &enabled(), &key(Kind::Deployment, "api"), (&none, &Hold::Free), now());
    let Outcome::Refused(why) = &remedies[0].outcome else { panic!("{remedies:#?}") };
    assert!(why.contains("--remediation=pod-disruption-budgets") && remedies[0].action.is_none());
}
