//! vulnerable-image: an image with known critical vulnerabilities.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::images::Reference;
use crate::checks::support::words::quoted_list;
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::{Container, Found, Kind, Text, Vulnerabilities, Workload};

pub(super) static CHECK: Check = Check {
    id: "vulnerable-image",
    title: "Images have no known critical vulnerabilities",
    category: Category::Images,
    severity: Severity::High,
    profile: Level::Standard,
    sees: Sees::Related,
    sources: &["ST-04", "ST-05", "SE-03", "SE-04"],
    remediation: "Rebuild the image on a base and with packages in which they are fixed, and roll it out.",
    rule: &PerWorkload(judge),
    page: include_str!("vulnerable_image.md"),
};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// maxCritical is how many critical vulnerabilities an image may have.
    #[schemars(range(min = 0, max = 100000))]
    max_critical: i32,
}

type Report<'a> = Found<'a, Vulnerabilities>;

fn judge(cx: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    if !cx.serves(Kind::VulnerabilityReport) {
        return Verdict::not_applicable(
            "there are no VulnerabilityReports here, as no Trivy operator makes any",
        );
    }
    let mut reports = cx.beside::<Vulnerabilities>(Kind::VulnerabilityReport);
    reports.retain(|report| is_of(cx, report, workload));
    let (mut findings, mut unscanned) = (Vec::new(), Vec::new());
    for container in workload.sized_containers() {
        match reports.iter().find(|report| is_about(report, container)) {
            Some(report) => findings.extend(finding(parameters, workload, container, report)),
            None => unscanned.push(&container.name),
        }
    }
    if findings.is_empty() && !unscanned.is_empty() {
        let noun = if unscanned.len() == 1 { "container" } else { "containers" };
        let names = quoted_list(unscanned);
        return Verdict::unknown(format!("no VulnerabilityReport of the image of {noun} {names} is there"));
    }
    findings.into()
}

/// Whether a report is about the pods of a workload: it names the workload, or the ReplicaSet or Job between them.
fn is_of(cx: &Context<'_>, report: &Report<'_>, workload: &Workload) -> bool {
    let label = |below: &str| report.meta.labels.get(&format!("trivy-operator.resource.{below}"));
    let (Some(kind), Some(name)) = (label("kind"), label("name")) else { return false };
    if *kind == workload.kind.name() {
        return *name == workload.meta.name;
    }
    let between = [Kind::ReplicaSet, Kind::Job].into_iter().find(|between| *kind == between.name());
    let Some(between) = between else { return false };
    match cx.owner_of(between, name) {
        Some((kind, name)) => kind == workload.kind && name == workload.meta.name,
        // Files do not show the ReplicaSets that a Deployment makes, but their names say whose they are.
        None => between == Kind::ReplicaSet && !cx.is_live() && is_made_by(name, workload),
    }
}

fn is_made_by(name: &Text, workload: &Workload) -> bool {
    let makes = matches!(workload.kind, Kind::Deployment | Kind::Rollout);
    let made = name.rsplit_once('-').is_some_and(|(maker, _)| workload.meta.name == *maker);
    makes && made
}

/// Whether a report is about the image that a container has now: an old ReplicaSet may still have one.
fn is_about(report: &Report<'_>, container: &Container) -> bool {
    let of = report.meta.labels.get("trivy-operator.container.name");
    let wanted = Reference::of(&container.image);
    let same_tag = match (report.tag.as_str(), wanted.tag) {
        ("", _) => true,
        (scanned, Some(tag)) => scanned == tag,
        (scanned, None) => wanted.digest.is_some() || scanned == "latest",
    };
    of.is_some_and(|name| *name == container.name) && same_tag
}

fn finding(
    parameters: &Parameters,
    workload: &Workload,
    container: &Container,
    report: &Report<'_>,
) -> Option<Finding> {
    let most = i64::from(parameters.max_critical);
    (report.critical > most).then(|| {
        let vulnerabilities =
            if report.critical == 1 { "critical vulnerability" } else { "critical vulnerabilities" };
        let message = format!(
            "image '{}' of {} '{}' has {} known {vulnerabilities} (VulnerabilityReport '{}'), and {most} may be: tools that \
             exploit them are public; rebuild it on a base in which they are fixed",
            container.image,
            container.role.noun(),
            container.name,
            report.critical,
            report.meta.name
        );
        Finding::new(message).container(workload, container, "image")
    })
}
