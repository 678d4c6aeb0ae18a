//! secret-as-environment-variable: a secret in the environment of every process.

use crate::api::{Category, Level, Severity};
use crate::checks::support::words::{first_few, quoted_list};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, EnvFrom, EnvSource, Workload};

pub(super) static CHECK: Check = Check {
    id: "secret-as-environment-variable",
    title: "Secrets are mounted as files",
    category: Category::Configuration,
    severity: Severity::Info,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Mount the Secret as a volume, and let the program read the file.",
    rule: &PerWorkload(judge),
    page: include_str!("secret_as_environment_variable.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    workload.template.spec.containers.iter().filter_map(|c| problem(workload, c)).collect::<Vec<_>>().into()
}

fn problem(workload: &Workload, container: &Container) -> Option<Finding> {
    let of_secret = |source: Option<&EnvSource>| match source {
        Some(EnvSource::Secret(key)) => Some(key.name.clone()),
        _ => None,
    };
    let variables: Vec<_> = container
        .env
        .iter()
        .enumerate()
        .filter_map(|(at, variable)| Some((at, &variable.name, of_secret(variable.source.as_deref())?)))
        .collect();
    let whole: Vec<_> = container
        .env_from
        .iter()
        .enumerate()
        .filter_map(|(at, source)| match source {
            EnvFrom::Secret(secret) => Some((at, &secret.name)),
            EnvFrom::ConfigMap(_) | EnvFrom::Other => None,
        })
        .collect();
    let field = match (variables.first(), whole.first()) {
        (Some((at, _, _)), _) => format!("env[{at}].valueFrom.secretKeyRef"),
        (None, Some((at, _))) => format!("envFrom[{at}].secretRef"),
        (None, None) => return None,
    };
    let names: Vec<_> = variables.iter().map(|(_, name, _)| name).collect();
    let mut parts = Vec::new();
    if !names.is_empty() {
        let noun = if names.len() == 1 { "variable" } else { "variables" };
        parts.push(format!("{noun} {}", first_few(&names)));
    }
    if !whole.is_empty() {
        let noun = if whole.len() == 1 { "Secret" } else { "Secrets" };
        parts.push(format!("all of {noun} {}", quoted_list(whole.iter().map(|(_, name)| name))));
    }
    let message = format!(
        "{} '{}' has secrets in its environment ({}): child processes inherit it, crash reports print it, and a changed \
         value never arrives; mount the Secret as files",
        container.role.noun(),
        container.name,
        parts.join("; ")
    );
    Some(Finding::new(message).container(workload, container, &field))
}
