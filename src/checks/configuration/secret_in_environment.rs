//! secret-in-environment: a secret that everyone who reads the manifest knows.

use crate::api::{Category, Level, Severity};
use crate::checks::support::secrets;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, EnvVar, Workload};

pub(super) static CHECK: Check = Check {
    id: "secret-in-environment",
    title: "No manifest holds a secret as the literal value of a variable",
    category: Category::Configuration,
    severity: Severity::Critical,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-07", "RE-18", "PE"],
    remediation: "Put the value into a Secret, refer to it by valueFrom.secretKeyRef or mount it, and replace it.",
    rule: &PerWorkload(judge),
    page: include_str!("secret_in_environment.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let containers = workload.template.spec.containers.iter();
    let findings = containers.flat_map(|container| {
        let variables = container.env.iter().enumerate();
        variables.filter_map(|(index, variable)| {
            let message = problem(workload, container, variable)?;
            Some(Finding::new(message).container(workload, container, &format!("env[{index}].value")))
        })
    });
    findings.collect::<Vec<_>>().into()
}

/// What is wrong with a variable, if anything. The value itself must never be part of it.
fn problem(workload: &Workload, container: &Container, variable: &EnvVar) -> Option<String> {
    let value = variable.value.as_ref()?;
    let (noun, kind, name) = (container.role.noun(), workload.kind, &variable.name);
    if let Some(shape) = secrets::token_shape(name, value) {
        return Some(format!(
            "the value of variable '{name}' of {noun} '{}' has the shape of {shape}, and everyone who can read the {kind} or its repository can use it; replace it, and read the new one from a Secret",
            container.name
        ));
    }
    (secrets::names_secret(name) && !secrets::is_harmless(value)).then(|| {
        format!(
            "the value of variable '{name}' of {noun} '{}' stands in the manifest, and its name says that it is secret: everyone who can read the {kind} or its repository knows it; replace it, and read the new one from a Secret",
            container.name
        )
    })
}
