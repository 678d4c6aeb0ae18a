//! duplicate-environment-variable: a variable that is set twice.

use std::collections::BTreeMap;

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{Container, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "duplicate-environment-variable",
    title: "Each variable is set once",
    category: Category::Configuration,
    severity: Severity::Medium,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Remove all but one of the entries.",
    rule: &PerWorkload(judge),
    page: include_str!("duplicate_environment_variable.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let containers = workload.template.spec.containers.iter();
    containers.flat_map(|c| problems(workload, c)).collect::<Vec<_>>().into()
}

fn problems(workload: &Workload, container: &Container) -> Vec<Finding> {
    let mut places: BTreeMap<&Text, Vec<usize>> = BTreeMap::new();
    for (at, variable) in container.env.iter().enumerate() {
        places.entry(&variable.name).or_default().push(at);
    }
    let twice = places.into_iter().filter_map(|(name, places)| match places.as_slice() {
        [_, .., last] => Some((name, places.len(), *last)),
        _ => None,
    });
    let finding = |(name, times, last): (&Text, usize, usize)| {
        let times = if times == 2 { "twice".to_owned() } else { format!("{times} times") };
        let message = format!(
            "{} '{}' sets variable '{name}' {times}: the last one, env[{last}], wins and the others do nothing, and a patch \
             or server-side apply drops or refuses them; keep one",
            container.role.noun(),
            container.name
        );
        Finding::new(message).container(workload, container, &format!("env[{last}]"))
    };
    twice.map(finding).collect()
}
