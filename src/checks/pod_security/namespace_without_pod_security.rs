//! namespace-without-pod-security: a namespace where every pod may be anything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerNamespace, Sees, Verdict};
use crate::model::Text;

pub(super) static CHECK: Check = Check {
    id: "namespace-without-pod-security",
    title: "Every namespace enforces a Pod Security level",
    category: Category::PodSecurity,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-55", "RE-15"],
    remediation: "Label the namespace with pod-security.kubernetes.io/enforce.",
    rule: &PerNamespace(judge),
    page: include_str!("namespace_without_pod_security.md"),
};

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// level is the least that a namespace must enforce.
    level: Enforced,
}

/// A level that forbids something, the stricter one later.
// Plain comments below, because a described value would make the schema one that no CRD may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Enforced {
    // What is known to lead to the node is refused.
    #[default]
    Baseline,
    // Only hardened pods are let in.
    Restricted,
}

impl Enforced {
    fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

fn judge(cx: &Context<'_>, parameters: &Parameters) -> Verdict {
    let labels = cx.namespace_labels();
    let wanted = parameters.level;
    let set = labels.get(ENFORCE).map(Text::as_str);
    let level =
        [Enforced::Baseline, Enforced::Restricted].into_iter().find(|level| set == Some(level.name()));
    if level.is_some_and(|level| level >= wanted) {
        return Verdict::Pass;
    }
    let (namespace, name) = (cx.namespace(), wanted.name());
    let said = match (set, level) {
        (None, _) => format!(
            "namespace '{namespace}' has no label '{ENFORCE}': a pod that takes over its node is let in like any other"
        ),
        (Some("privileged"), _) => format!(
            "namespace '{namespace}' enforces 'privileged', which forbids nothing: a pod that takes over its node is let in"
        ),
        (Some(_), Some(level)) => format!(
            "namespace '{namespace}' enforces '{}' and not '{name}': pods that are not hardened are let in",
            level.name()
        ),
        (Some(other), None) => format!(
            "namespace '{namespace}' enforces '{other}', which is no level: 'privileged', 'baseline' and 'restricted' are"
        ),
    };
    let finding = Finding::new(format!("{said}; set the label to '{name}'"));
    Verdict::fail(finding.field(format!("metadata.labels[{ENFORCE}]")))
}
