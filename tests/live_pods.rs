//! What pods that run say of selectors and budgets, where a page cannot show it: their owners would have to exist.

use seaworthy::api::ResultWord;
use seaworthy::checks::CATALOGUE;
use seaworthy::engine::{InForce, Ruleset, evaluate};
use seaworthy::manifest::{self, Options, Source};
use seaworthy::model::{SubjectKey, Text};

const POD: &str = r"
apiVersion: v1
kind: Pod
metadata:
  name: db-1
  namespace: shop
  labels: {app: db}
  ownerReferences: [{apiVersion: example.com/v1, kind: Cluster, name: db, uid: '1', controller: true}]
spec: {containers: [{name: db, image: 'db:1'}]}
status: {phase: Running}
";

/// What a check of namespaces says of the pod beside another document.
fn says(id: &str, document: &str) -> Option<(ResultWord, String)> {
    let source = Source { name: "test".to_owned(), text: format!("{POD}---\n{document}") };
    let loaded = manifest::load(vec![source], &Options { complete: true, ..Options::default() });
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let check = CATALOGUE.get(id)?;
    let params = check.rule.parse(&std::collections::BTreeMap::new()).ok()?;
    let checks = vec![InForce { check, name: None, severity: None, params }];
    let ruleset = Ruleset { policy: "test".into(), threshold: seaworthy::api::Severity::High, checks };
    let key = SubjectKey::Namespace(Text::new("shop"));
    let now = "2026-11-21T00:00:00Z".parse().ok()?;
    let evaluation = evaluate(&loaded.inventory.into_live(), &key, &[&ruleset], now)?;
    let outcome = evaluation.outcomes.into_iter().next()?;
    Some((outcome.result, outcome.message.into_owned()))
}

fn budget(fields: &str) -> String {
    format!(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: db, namespace: shop}}\n\
         spec: {{selector: {{matchLabels: {{app: db}}}}, {fields}}}\n"
    )
}

fn service(selector: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: db, namespace: shop}}\n\
         spec: {{selector: {selector}, ports: [{{port: 80}}]}}\n"
    )
}

#[test]
fn a_service_that_selects_a_running_pod_is_not_dangling_whoever_owns_it() {
    assert_eq!(says("service-selects-nothing", &service("{app: db}")).unwrap().0, ResultWord::Pass);
    assert_eq!(says("service-selects-nothing", &service("{app: other}")).unwrap().0, ResultWord::Fail);
}

#[test]
fn the_scale_of_a_controller_that_nobody_watches_is_unknown() {
    for fields in ["maxUnavailable: 1", "minAvailable: 50%", "minAvailable: 1"] {
        let (result, message) = says("pdb-blocks-eviction", &budget(fields)).unwrap();
        assert_eq!(result, ResultWord::Unknown, "{fields}");
        assert!(message.contains("a Cluster"), "{message}");
    }
}

#[test]
fn what_allows_nothing_at_any_scale_needs_no_scale() {
    for fields in ["maxUnavailable: 0", "unhealthyPodEvictionPolicy: AlwaysAllow"] {
        assert_eq!(says("pdb-blocks-eviction", &budget(fields)).unwrap().0, ResultWord::Fail, "{fields}");
    }
    assert_eq!(says("pdb-blocks-eviction", &budget("minAvailable: 0")).unwrap().0, ResultWord::Pass);
}
