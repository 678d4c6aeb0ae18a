//! hard-coded-configuration: settings that are copied into every manifest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{Container, EnvFrom, EnvSource, Projection, Role, Volume, VolumeSource, Workload};

pub(super) static CHECK: Check = Check {
    id: "hard-coded-configuration",
    title: "Settings come from a ConfigMap",
    category: Category::Configuration,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["ST-06", "ST-07", "ST-21", "SE-01", "SE-16"],
    remediation: "Move the settings into a ConfigMap, and refer to it by envFrom.",
    rule: &PerWorkload(judge),
    page: include_str!("hard_coded_configuration.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// maxLiterals is how many literal variables a container may have without any other source.
    #[schemars(range(min = 0, max = 1000))]
    max_literals: i32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { max_literals: 10 }
    }
}

fn judge(_: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    // Nobody configures a debugger for good.
    let containers = workload.template.spec.containers.iter().filter(|c| c.role != Role::Ephemeral);
    containers.filter_map(|c| problem(parameters, workload, c)).collect::<Vec<_>>().into()
}

fn problem(parameters: &Parameters, workload: &Workload, container: &Container) -> Option<Finding> {
    let literals = container.env.iter().filter(|variable| variable.source.is_none()).count();
    let most = usize::try_from(parameters.max_literals).unwrap_or(0);
    if literals <= most || has_source(workload, container) {
        return None;
    }
    let message = format!(
        "{} '{}' has {literals} literal variables (more than {most}) and nothing from a ConfigMap or Secret: each environment \
         needs a copy of the manifest, and the copies drift apart; move them to a ConfigMap",
        container.role.noun(),
        container.name
    );
    Some(Finding::new(message).container(workload, container, "env"))
}

/// Whether any variable or file comes from a ConfigMap or a Secret.
fn has_source(workload: &Workload, container: &Container) -> bool {
    let outside = |source: &EnvSource| matches!(source, EnvSource::Secret(_) | EnvSource::ConfigMap(_));
    let single = container.env.iter().any(|variable| variable.source.as_deref().is_some_and(outside));
    single
        || container.env_from.iter().any(|source| *source != EnvFrom::Other)
        || mounts_source(workload, container)
}

fn mounts_source(workload: &Workload, container: &Container) -> bool {
    let is_source = |volume: &&Volume| match &volume.source {
        VolumeSource::ConfigMap(_) | VolumeSource::Secret(_) => true,
        VolumeSource::Projected(parts) => parts.iter().any(|part| *part != Projection::Other),
        VolumeSource::Csi(csi) => csi.secret_provider_class.is_some(),
        _ => false,
    };
    let mut sources = workload.template.spec.volumes.iter().filter(is_source);
    sources.any(|volume| container.volume_mounts.iter().any(|mount| mount.name == volume.name))
}
