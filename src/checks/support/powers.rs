//! Rights by which a program can get more rights than it has, after Kubernetes' own list of them
//! (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/#kubernetes-rbac-privilege-escalation-risks>).
//!
//! Not its job: who has them (`access`), and verdicts.

use crate::model::PolicyRule;

/// A right that leads to others, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Power {
    Bind,
    Escalate,
    Impersonate,
    ReachKubelets,
    ApproveCertificates,
    WriteWebhooks,
    MakeTokens,
    RunCommands,
    ReadSecrets,
    MakePods,
}

/// Verbs, API group and resources of a right; having any of the verbs on any of the resources is enough.
type Right = (&'static [&'static str], &'static str, &'static [&'static str]);

const WRITE: &[&str] = &["create", "update", "patch"];
const RBAC: &str = "rbac.authorization.k8s.io";
const WEBHOOKS: &[&str] = &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"];

/// Each power, whether it must hold cluster-wide since it is about no namespace, and the rights that give it.
const POWERS: &[(Power, bool, &[Right])] = &[
    (Power::Bind, false, &[(&["bind"], RBAC, &["roles", "clusterroles"])]),
    (Power::Escalate, false, &[(&["escalate"], RBAC, &["roles"])]),
    (Power::Escalate, true, &[(&["escalate"], RBAC, &["clusterroles"])]),
    (Power::Impersonate, false, &[(&["impersonate"], "", &["serviceaccounts"])]),
    (Power::Impersonate, true, &[(&["impersonate"], "", &["users", "groups"])]),
    (Power::ReachKubelets, true, &[(&["get", "create"], "", &["nodes/proxy"])]),
    (Power::WriteWebhooks, true, &[(WRITE, "admissionregistration.k8s.io", WEBHOOKS)]),
    (Power::MakeTokens, false, &[(&["create"], "", &["serviceaccounts/token"])]),
    (
        Power::RunCommands,
        false,
        // Since 1.35 create is asked for, also where the connection begins with a GET.
        &[
            (&["create"], "", &["pods/exec", "pods/attach"]),
            (&["update", "patch"], "", &["pods/ephemeralcontainers"]),
        ],
    ),
    (Power::ReadSecrets, false, &[(&["get", "list", "watch"], "", &["secrets"])]),
    (
        Power::MakePods,
        false,
        &[
            (WRITE, "", &["pods", "replicationcontrollers"]),
            (WRITE, "apps", &["deployments", "statefulsets", "daemonsets", "replicasets"]),
            (WRITE, "batch", &["jobs", "cronjobs"]),
            (WRITE, "argoproj.io", &["rollouts"]),
        ],
    ),
];

/// The powers that a role's rules give: cluster-wide, or within one namespace. A rule for objects of certain names
/// gives none.
pub(crate) fn powers_of(rules: &[&PolicyRule], cluster_wide: bool) -> Vec<Power> {
    let allows = |(verbs, group, resources): &Right| {
        let allows_one =
            |rule: &&PolicyRule, verb: &str| resources.iter().any(|r| rule.allows(verb, group, r));
        rules.iter().any(|rule| verbs.iter().any(|verb| allows_one(rule, verb)))
    };
    let holds = |(_, everywhere, rights): &&(Power, bool, &[Right])| {
        (cluster_wide || !everywhere) && rights.iter().any(allows)
    };
    let mut powers: Vec<Power> = POWERS.iter().filter(holds).map(|(power, ..)| *power).collect();
    if cluster_wide && approves_certificates(rules) {
        powers.push(Power::ApproveCertificates);
    }
    powers.sort_unstable();
    powers.dedup();
    powers
}

/// Whether it can approve a request and is let to for a signer of Kubernetes itself: both are asked for.
fn approves_certificates(rules: &[&PolicyRule]) -> bool {
    const GROUP: &str = "certificates.k8s.io";
    let approval = |rule: &&PolicyRule| {
        ["update", "patch"].iter().any(|verb| rule.allows(verb, GROUP, "certificatesigningrequests/approval"))
    };
    let signer = |rule: &&PolicyRule| {
        let mut names = rule.resource_names.iter();
        let own = rule.resource_names.is_empty() || names.any(|name| name.starts_with("kubernetes.io/"));
        own && rule.allows_named("approve", GROUP, "signers")
    };
    rules.iter().any(approval) && rules.iter().any(signer)
}

impl Power {
    /// What it allows to do.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Bind => "bind roles beyond its own",
            Self::Escalate => "write roles beyond its own (escalate)",
            Self::Impersonate => "impersonate others",
            Self::ReachKubelets => "reach kubelets (nodes/proxy)",
            Self::ApproveCertificates => "approve certificates",
            Self::WriteWebhooks => "write admission webhooks",
            Self::MakeTokens => "make tokens (serviceaccounts/token)",
            Self::RunCommands => "run commands in pods (pods/exec)",
            Self::ReadSecrets => "read all Secrets",
            Self::MakePods => "create or change pods and their controllers",
        }
    }
}

/// "a", "a and b", "a, b and c".
pub(crate) fn words_of(powers: &[Power]) -> String {
    match powers {
        [] => String::new(),
        [one] => one.words().to_owned(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(|power| power.words()).collect();
            format!("{} and {}", most.join(", "), last.words())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn powers(rules: &str, cluster_wide: bool) -> Vec<Power> {
        let rules: Vec<PolicyRule> = serde_json::from_str(rules).unwrap();
        powers_of(&rules.iter().collect::<Vec<_>>(), cluster_wide)
    }

    #[test]
    fn what_is_about_no_namespace_must_be_granted_cluster_wide() {
        let rules = r#"[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]"#;
        let (within, everywhere) = (powers(rules, false), powers(rules, true));
        assert_eq!(everywhere.len(), 10);
        assert_eq!(
            within,
            [
                Power::Bind,
                Power::Escalate,
                Power::Impersonate,
                Power::MakeTokens,
                Power::RunCommands,
                Power::ReadSecrets,
                Power::MakePods
            ]
        );
    }

    #[test]
    fn harmless_rules_give_none() {
        for rules in [
            r#"[{"verbs":["get","list","watch"],"apiGroups":[""],"resources":["pods","pods/log","configmaps"]}]"#,
            r#"[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["db"]}]"#,
            r#"[{"verbs":["get"],"apiGroups":[""],"resources":["pods/exec"]}]"#,
            r#"[{"verbs":["*"],"apiGroups":["apps"],"resources":["secrets","pods"]}]"#,
            r#"[{"verbs":["create"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["rolebindings"]}]"#,
            r#"[{"verbs":["patch"],"apiGroups":["apps"],"resources":["deployments/scale"]}]"#,
            r#"[{"verbs":["update"],"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests/approval"]},
                {"verbs":["approve"],"apiGroups":["certificates.k8s.io"],"resources":["signers"],"resourceNames":["issuers.cert-manager.io/*"]}]"#,
        ] {
            assert_eq!(powers(rules, true), [], "{rules}");
        }
    }

    #[test]
    fn a_certificate_needs_the_approval_and_the_signer() {
        let rules = r#"[{"verbs":["update"],"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests/approval"]},
            {"verbs":["approve"],"apiGroups":["certificates.k8s.io"],"resources":["signers"],"resourceNames":["kubernetes.io/kube-apiserver-client"]}]"#;
        assert_eq!(powers(rules, true), [Power::ApproveCertificates]);
    }
}
