//! Checks of pod security; each in a file of its own, with its page.

mod capabilities_not_dropped;
mod container_runtime_socket;
mod dangerous_capability;
mod host_namespace_shared;
mod host_path_volume;
mod host_port;
mod host_process;
mod namespace_without_pod_security;
mod non_root_not_enforced;
mod privilege_escalation;
mod privileged_container;
mod probe_names_host;
mod proc_mount_set;
mod restricted_volume_types;
mod root_not_excluded;
mod runs_as_root;
mod runs_as_root_group;
mod seccomp_unset;
mod security_module_disabled;
mod unmasked_proc;
mod unsafe_sysctl;
mod writable_root_filesystem;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &runs_as_root::CHECK,
    &root_not_excluded::CHECK,
    &runs_as_root_group::CHECK,
    &non_root_not_enforced::CHECK,
    &privileged_container::CHECK,
    &host_namespace_shared::CHECK,
    &container_runtime_socket::CHECK,
    &dangerous_capability::CHECK,
    &host_path_volume::CHECK,
    &host_process::CHECK,
    &host_port::CHECK,
    &unsafe_sysctl::CHECK,
    &unmasked_proc::CHECK,
    &proc_mount_set::CHECK,
    &security_module_disabled::CHECK,
    &probe_names_host::CHECK,
    &privilege_escalation::CHECK,
    &writable_root_filesystem::CHECK,
    &capabilities_not_dropped::CHECK,
    &seccomp_unset::CHECK,
    &restricted_volume_types::CHECK,
    &namespace_without_pod_security::CHECK,
];

#[cfg(test)]
mod tests {
    use crate::api::{ResultWord, Severity};
    use crate::engine::{InForce, Ruleset, evaluate};
    use crate::manifest::{self, Options, Source};

    /// What an ephemeral container cannot do, or may.
    const NOT_OF_A_CONTAINER: &[&str] = &[
        "host-namespace-shared",
        "container-runtime-socket",
        "host-path-volume",
        "unsafe-sysctl",
        "restricted-volume-types",
        // It is for containers that only a number keeps from being root, and this one is root.
        "non-root-not-enforced",
        // Debugging needs to write.
        "writable-root-filesystem",
    ];

    /// No page can show one: an ephemeral container is only ever added to a pod that runs.
    #[test]
    fn ephemeral_containers_count_where_pod_security_counts_them() {
        let text = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {\
            securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, \
            containers: [{name: a, image: a, securityContext: {allowPrivilegeEscalation: false, \
                readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}}], \
            ephemeralContainers: [{name: d, image: d, ports: [{containerPort: 1, hostPort: 1}], \
                livenessProbe: {tcpSocket: {host: h, port: 1}}, \
                securityContext: {runAsUser: 0, runAsGroup: 0, runAsNonRoot: false, privileged: true, \
                    capabilities: {add: [SYS_ADMIN]}, procMount: Unmasked, \
                    seccompProfile: {type: Unconfined}, windowsOptions: {hostProcess: true}}}]}}";
        let source = Source { name: "test".to_owned(), text: text.to_owned() };
        let inventory = manifest::load(vec![source], &Options::default()).inventory;
        let in_force = super::CHECKS.iter().map(|check| InForce {
            check,
            name: None,
            severity: None,
            params: check.rule.parse(&std::collections::BTreeMap::new()).unwrap(),
        });
        let ruleset =
            Ruleset { policy: "test".into(), threshold: Severity::High, checks: in_force.collect() };
        let key = inventory.subjects().into_iter().next().unwrap();
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let outcomes = evaluate(&inventory, &key, &[&ruleset], now).unwrap().outcomes;
        let judged: std::collections::BTreeSet<_> =
            outcomes.iter().map(|outcome| outcome.check.clone()).collect();
        assert_eq!(judged.len(), super::CHECKS.len() - 1, "all but the one for namespaces: {judged:?}");
        for outcome in outcomes {
            let exempt = NOT_OF_A_CONTAINER.contains(&&*outcome.check);
            let wanted = if exempt { ResultWord::Pass } else { ResultWord::Fail };
            assert_eq!(outcome.result, wanted, "{}: {}", outcome.check, outcome.message);
            if !exempt {
                let field = outcome.field.unwrap();
                assert!(field.starts_with("spec.ephemeralContainers[0]."), "{field}");
                assert!(outcome.message.contains("ephemeral container 'd'"), "{}", outcome.message);
            }
        }
    }
}
