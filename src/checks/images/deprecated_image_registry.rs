//! deprecated-image-registry: an image from a registry that gets no fixes any more.

use crate::api::{Category, Level, Severity};
use crate::checks::support::images::{self, Reference};
use crate::data::frozen_registry;
use crate::engine::{Check, Context, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "deprecated-image-registry",
    title: "Images come from registries that are kept up",
    category: Category::Images,
    severity: Severity::Medium,
    profile: Level::Standard,
    sees: Sees::Template,
    sources: &["SE-04", "PE"],
    remediation: "Name the image in the registry that took over.",
    rule: &PerWorkload(judge),
    page: include_str!("deprecated_image_registry.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let findings = images::uses(workload).filter_map(|used| {
        let frozen = frozen_registry(&Reference::of(used.image).name)?;
        let message = format!(
            "{} uses image '{}' from '{}', which is frozen since {}: it gets no security fixes, and one day cannot be \
             pulled; use {}",
            used.by, used.image, frozen.name, frozen.since, frozen.instead
        );
        Some(used.finding(workload, message))
    });
    findings.collect::<Vec<_>>().into()
}
