//! mutable-image-tag: an image that can change under a running version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::images::{self, MOVING_TAGS, Reference};
use crate::engine::{Check, Context, PerWorkload, Sees, Verdict};
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
        Self { forbidden_tags: MOVING_TAGS.map(str::to_owned).to_vec() }
    }
}

fn judge(_: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let findings = images::uses(workload).filter_map(|used| {
        let problem = problem(used.image, &parameters.forbidden_tags)?;
        Some(used.finding(workload, format!("{} {problem}", used.by)))
    });
    findings.collect::<Vec<_>>().into()
}

/// What is wrong with an image reference, if anything.
fn problem(image: &str, forbidden: &[String]) -> Option<String> {
    match Reference::of(image) {
        Reference { digest: Some(_), .. } => None,
        Reference { tag: None, .. } => Some(format!(
            "uses image '{image}' without a tag, which means 'latest' and can change at any restart; name a version or a digest"
        )),
        Reference { tag: Some(tag), .. } => forbidden.iter().any(|f| f == tag).then(|| format!(
            "uses image '{image}' whose tag '{tag}' moves, so that two pods of one version may run different code; name a version or a digest"
        )),
    }
}
