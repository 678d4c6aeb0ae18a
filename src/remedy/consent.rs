//! Who agreed: the policy that asks, and those who may say no.
//!
//! Three have to agree before anything is made: whoever runs the controller (`Terms`), a policy, and the namespace and
//! the workload, by not saying no. Not its job: what is made.

use jiff::Timestamp;

use crate::api::{NetworkPolicyRemediation, PodDisruptionBudgetRemediation, RemediationMode};
use crate::model::{Annotations, Kind, Text};
use crate::policy::Policy;

/// The annotation by which a namespace or a workload declines. Whatever it says but `Enabled` is a no.
pub const CONSENT: &str = "seaworthy.dev/remediation";

/// Namespaces of the platform: these prefixes are reserved for it.
const PLATFORM: &[&str] = &["kube-", "openshift-"];

/// What whoever runs the controller agreed to.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// The controller's own namespace; `None` where there is no controller.
    pub home: Option<Text>,
    /// Whether PodDisruptionBudgets may be written at all.
    pub pod_disruption_budgets: bool,
    /// Whether NetworkPolicies may be written at all.
    pub network_policies: bool,
}

impl Terms {
    /// Whether objects of a kind may be written.
    pub(super) fn permit(&self, kind: Kind) -> bool {
        match kind {
            Kind::PodDisruptionBudget => self.pod_disruption_budgets,
            Kind::NetworkPolicy => self.network_policies,
            _ => false,
        }
    }
}

/// What a policy says of one kind of object.
pub trait Ask: PartialEq {
    /// How far it goes.
    fn mode(&self) -> RemediationMode;
}

impl Ask for PodDisruptionBudgetRemediation {
    fn mode(&self) -> RemediationMode {
        self.mode
    }
}

impl Ask for NetworkPolicyRemediation {
    fn mode(&self) -> RemediationMode {
        self.mode
    }
}

/// The policy that decides about one kind of object.
#[derive(Debug)]
pub(super) struct Asked<'p, T> {
    pub(super) policy: &'p Policy,
    pub(super) ask: &'p T,
    /// The policies that ask for something else, and do not get it.
    pub(super) conflicting: Vec<Text>,
}

/// Of the policies that cover a subject the one that decides: the oldest that asks for anything, and of several as old
/// the first by name.
pub(super) fn asked<'p, T: Ask>(
    covering: &[&'p Policy],
    of: impl Fn(&'p Policy) -> &'p T,
) -> Option<Asked<'p, T>> {
    let mut asking: Vec<&'p Policy> =
        covering.iter().copied().filter(|policy| of(policy).mode() != RemediationMode::Disabled).collect();
    asking.sort_by(|a, b| (age(a), a.name()).cmp(&(age(b), b.name())));
    let (&policy, others) = asking.split_first()?;
    let ask = of(policy);
    let differing = others.iter().filter(|other| of(other) != ask);
    Some(Asked { policy, ask, conflicting: differing.map(|other| other.name().clone()).collect() })
}

/// One that is in no cluster yet is younger than all that are.
fn age(policy: &Policy) -> (bool, Option<Timestamp>) {
    (policy.created.is_none(), policy.created)
}

/// Why nothing is made in a namespace, whoever asks.
pub(super) fn platform_namespace(name: &Text, terms: &Terms) -> Option<String> {
    if terms.home.as_ref() == Some(name) {
        return Some(format!("namespace '{name}' is the controller's own"));
    }
    let of_platform = PLATFORM.iter().any(|prefix| name.starts_with(prefix));
    of_platform.then(|| format!("namespace '{name}' is the platform's"))
}

/// Who declines, of those whose annotations these are.
pub(super) fn declined(who: &str, annotations: Option<&Annotations>) -> Option<String> {
    let said = annotations?.get(CONSENT)?;
    (*said != "Enabled").then(|| format!("{who} has the annotation {CONSENT}: {said}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ProductionPolicy;
    use crate::policy::resolve;

    fn policy(name: &str, created: Option<&str>, most: i64, mode: &str) -> Policy {
        let json = serde_json::json!({
            "metadata": {"name": name, "creationTimestamp": created},
            "spec": {"match": {"namespaceSelector": {}},
                     "remediation": {"podDisruptionBudgets": {"mode": mode, "maxUnavailable": most}}},
        });
        let policy: ProductionPolicy = serde_json::from_value(json).unwrap();
        resolve(&policy, &crate::checks::CATALOGUE).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    fn decides(all: &[Policy]) -> (String, Vec<String>) {
        let covering: Vec<&Policy> = all.iter().collect();
        let asked = asked(&covering, |policy| &policy.remediation.pod_disruption_budgets).unwrap();
        let conflicting = asked.conflicting.iter().map(ToString::to_string).collect();
        (asked.policy.name().to_string(), conflicting)
    }

    #[test]
    fn the_oldest_that_asks_decides_and_those_that_differ_conflict() {
        let (old, new) = (Some("2026-01-01T00:00:00Z"), Some("2026-01-02T00:00:00Z"));
        let all = [
            policy("a", new, 2, "Enabled"),
            policy("b", old, 9, "Disabled"),
            policy("c", new, 1, "Enabled"),
            policy("z", old, 1, "Enabled"),
            policy("offline", None, 1, "Enabled"),
        ];
        assert_eq!(decides(&all), ("z".to_owned(), vec!["a".to_owned()]));
        assert_eq!(decides(&all[..3]).0, "a", "of two as old the first by name");
        assert_eq!(decides(&[policy("x", old, 1, "DryRun"), policy("a", new, 1, "Enabled")]).1, ["a"]);
        let nobody = asked(&[&all[1]], |policy| &policy.remediation.pod_disruption_budgets);
        assert!(nobody.is_none());
    }

    #[test]
    fn the_platforms_namespaces_and_our_own_are_left_alone() {
        let terms = Terms { home: Some("seaworthy-system".into()), ..Terms::default() };
        let is_left = |name: &str| platform_namespace(&name.into(), &terms).is_some();
        for name in ["kube-system", "kube-public", "openshift-dns", "seaworthy-system"] {
            assert!(is_left(name), "{name}");
        }
        assert!(!is_left("shop") && !is_left("kubeflow"));
    }
}
