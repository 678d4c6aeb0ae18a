//! mutable-image-tag: an image that can change under a running version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::engine::{Check, Context, Finding, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "mutable-image-tag",
    title: "Images name a version that does not change",
    category: Category::Images,
    severity: Severity::High,
    profile: Level::Baseline,
    sees: Sees::Template,
    sources: &["ST-47", "SE-05", "HA-10", "PE"],
    remediation: "Name the version in the image's tag, or pin the image by digest.",
    rule: &PerWorkload(judge),
    page: include_str!("mutable_image_tag.md"),
};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// forbiddenTags are tags that move by habit.
    #[schemars(length(min = 1, max = 64), inner(length(min = 1, max = 128)), extend("x-kubernetes-list-type" = "set"))]
    forbidden_tags: Vec<String>,
}

impl Default for Parameters {
    fn default() -> Self {
        let tags = ["latest", "main", "master", "dev", "edge", "nightly"];
        Self { forbidden_tags: tags.map(str::to_owned).to_vec() }
    }
}

fn judge(_: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let spec = &workload.template.spec;
    let containers = spec.containers.iter().filter_map(|container| {
        let problem = problem(&container.image, &parameters.forbidden_tags)?;
        let message = format!("{} '{}' {problem}", container.role.noun(), container.name);
        Some(Finding::new(message).container(workload, container, "image"))
    });
    let volumes = spec.volumes.iter().enumerate().filter_map(|(index, volume)| {
        let image = volume.image()?;
        let problem = problem(&image.reference, &parameters.forbidden_tags)?;
        let path = workload.pod_field(format_args!("volumes[{index}].image.reference"));
        Some(Finding::new(format!("volume '{}' {problem}", volume.name)).field(path))
    });
    containers.chain(volumes).collect::<Vec<_>>().into()
}

/// What is wrong with an image reference, if anything.
fn problem(image: &str, forbidden: &[String]) -> Option<String> {
    if image.contains('@') {
        return None;
    }
    // A colon before the last slash is a registry's port.
    let name = image.rsplit_once('/').map_or(image, |(_, name)| name);
    match name.split_once(':') {
        None => Some(format!(
            "uses image '{image}' without a tag, which means 'latest' and can change at any restart; name a version or a digest"
        )),
        Some((_, tag)) if forbidden.iter().any(|f| f == tag) => Some(format!(
            "uses image '{image}' whose tag '{tag}' moves, so that two pods of one version may run different code; name a version or a digest"
        )),
        Some(_) => None,
    }
}
