//! secret-in-config-map: secrets where nobody guards them.

use crate::api::{Category, Level, Severity};
use crate::checks::support::references::references_of;
use crate::checks::support::secrets;
use crate::engine::{Check, Context, Finding, NoParams, PerWorkload, Sees, Verdict};
use crate::model::{ConfigMap, Kind, Text, Workload};

pub(super) static CHECK: Check = Check {
    id: "secret-in-config-map",
    title: "No ConfigMap holds a secret",
    category: Category::Configuration,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Manifest,
    sources: &["PE"],
    remediation: "Replace the secret, and keep the new one in a Secret that a tool makes.",
    rule: &PerWorkload(judge),
    page: include_str!("secret_in_config_map.md"),
};

fn judge(cx: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let mut references = references_of(workload);
    references.retain(|reference| reference.kind == Kind::ConfigMap);
    let named = |name: &Text| cx.named::<ConfigMap>(Kind::ConfigMap, name);
    let maps: Vec<_> = references.iter().filter_map(|reference| named(reference.name)).collect();
    if maps.is_empty() {
        return Verdict::not_applicable("it refers to no ConfigMap of the input");
    }
    let findings = maps.iter().flat_map(|map| {
        let entries = map.facts.data.iter();
        entries.filter_map(|(key, value)| {
            let finding = Finding::new(problem(&map.meta.name, key, value)?);
            Some(finding.object(Kind::ConfigMap, &map.meta.name).field(format!("data.{key}")))
        })
    });
    findings.collect::<Vec<_>>().into()
}

/// What is wrong with an entry, if anything. The value itself must never be part of it.
fn problem(map: &Text, key: &str, value: &str) -> Option<String> {
    const ADVICE: &str = "everyone who may read ConfigMaps or the repository knows it; replace it, and keep the new one in a Secret";
    if let Some(shape) = secrets::token_shape(key, value) {
        return Some(format!(
            "key '{key}' of ConfigMap '{map}' holds what has the shape of {shape}: {ADVICE}"
        ));
    }
    if let Some(name) = secret_line(key, value) {
        return Some(format!(
            "key '{key}' of ConfigMap '{map}' sets '{name}', whose name says that it is secret: {ADVICE}"
        ));
    }
    (secrets::names_secret(key) && !secrets::is_harmless(value)).then(|| {
        format!("the name of key '{key}' of ConfigMap '{map}' says that its value is secret: {ADVICE}")
    })
}

/// The name of a setting in a file of settings that is meant to be secret and has a value.
fn secret_line<'v>(key: &str, value: &'v str) -> Option<&'v str> {
    if ![".properties", ".env"].iter().any(|ending| key.ends_with(ending)) && key != ".env" {
        return None;
    }
    let settings = value.lines().filter(|line| !line.trim_start().starts_with(['#', '!']));
    settings.filter_map(|line| line.split_once('=')).find_map(|(name, set)| {
        let (name, set) = (name.trim(), set.trim().trim_matches(['"', '\'']));
        (secrets::names_secret(name) && !secrets::is_harmless(set)).then_some(name)
    })
}
