//! Checks of pod security; each in a file of its own, with its page.

mod privilege_escalation;
mod privileged_container;
mod root_not_excluded;
mod runs_as_root;
mod writable_root_filesystem;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &runs_as_root::CHECK,
    &root_not_excluded::CHECK,
    &privileged_container::CHECK,
    &privilege_escalation::CHECK,
    &writable_root_filesystem::CHECK,
];

#[cfg(test)]
mod tests {
    use crate::api::{ResultWord, Severity};
    use crate::engine::{InForce, Ruleset, evaluate};
    use crate::manifest::{self, Options, Source};

    /// No page can show one: an ephemeral container is only ever added to a pod that runs.
    #[test]
    fn ephemeral_containers_count_where_pod_security_counts_them() {
        let text = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {\
            securityContext: {runAsNonRoot: true}, \
            containers: [{name: a, image: a, securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true}}], \
            ephemeralContainers: [{name: d, image: d, securityContext: {runAsUser: 0, runAsNonRoot: false, privileged: true}}]}}";
        let source = Source { name: "test".to_owned(), text: text.to_owned() };
        let inventory = manifest::load(vec![source], &Options::default()).inventory;
        let in_force = super::CHECKS.iter().map(|check| InForce {
            check,
            severity: None,
            params: check.rule.parse(&std::collections::BTreeMap::new()).unwrap(),
        });
        let ruleset =
            Ruleset { policy: "test".into(), threshold: Severity::High, checks: in_force.collect() };
        let key = inventory.subjects().into_iter().next().unwrap();
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let outcomes = evaluate(&inventory, &key, &[&ruleset], now).unwrap().outcomes;
        for outcome in outcomes {
            let exempt = outcome.check == "writable-root-filesystem";
            let wanted = if exempt { ResultWord::Pass } else { ResultWord::Fail };
            assert_eq!(outcome.result, wanted, "{}: {}", outcome.check, outcome.message);
            if !exempt {
                let field = outcome.field.unwrap();
                assert!(field.starts_with("spec.ephemeralContainers[0].securityContext."), "{field}");
                assert!(outcome.message.contains("ephemeral container 'd'"), "{}", outcome.message);
            }
        }
    }
}
