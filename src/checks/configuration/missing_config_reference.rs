//! missing-config-reference: pods that wait for configuration that is not there.

use crate::api::{Category, Level, Severity};
use crate::checks::support::findings::Findings;
use crate::checks::support::references::{Reference, is_made, references_of};
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{ConfigMap, Kind, Presence, Workload};

pub(super) static CHECK: Check = Check {
    id: "missing-config-reference",
    title: "Every ConfigMap and Secret that a workload needs exists",
    category: Category::Configuration,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Related,
    sources: &["ST-06", "ST-22", "SE-16", "PE"],
    remediation: "Create the object in the workload's namespace, correct its name, or set optional: true.",
    rule: &PerWorkload(judge),
    page: include_str!("missing_config_reference.md"),
};

/// ConfigMaps that the control plane puts into every namespace (the second one: OpenShift's).
const EVERYWHERE: &[&str] = &["kube-root-ca.crt", "openshift-service-ca.crt"];

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let references = references_of(workload);
    if references.is_empty() {
        return Verdict::not_applicable("it refers to no ConfigMap and to no Secret");
    }
    let mut findings = Findings::default();
    for reference in references.iter().filter(|reference| !reference.optional) {
        findings.look(cx, || problem(cx, workload, reference));
    }
    findings.verdict()
}

fn problem(cx: &Context<'_>, workload: &Workload, reference: &Reference<'_>) -> Option<Finding> {
    let (kind, name) = (reference.kind, reference.name);
    let there = match kind {
        Kind::ConfigMap => EVERYWHERE.contains(&name.as_str()) || cx.named::<ConfigMap>(kind, name).is_some(),
        // What makes Secrets first: that teams write, while the Secret itself is seldom in a manifest.
        _ => cx.seen(|| is_made(cx, name)) == Ok(true) || cx.named::<Presence>(kind, name).is_some(),
    };
    if there {
        return None;
    }
    let elsewhere = cx.beside_elsewhere(kind, name);
    let near = match elsewhere.as_slice() {
        [] => String::new(),
        [one] => format!(" (there is one in namespace '{one}')"),
        many => format!(" (there is one in namespaces {})", quoted_list(many.iter().take(3))),
    };
    let effect = if reference.is_volume() {
        "its pods wait in ContainerCreating until it is there"
    } else {
        "its containers do not start (CreateContainerConfigError)"
    };
    let message = format!(
        "{} needs {kind} '{name}', which namespace '{}' does not have{near}: {effect}; create it, correct the name, or set \
         optional: true",
        reference.by,
        cx.namespace()
    );
    Some(reference.finding(workload, message))
}
