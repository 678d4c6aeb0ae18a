//! image-pull-policy-not-always: an image that a node gives to any pod that asks.

use crate::api::{Category, Level, Severity};
use crate::checks::support::images::{self, MOVING_TAGS, Reference};
use crate::engine::{Check, Context, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "image-pull-policy-not-always",
    title: "Images are pulled with the credentials of their pod",
    category: Category::Images,
    severity: Severity::Info,
    profile: Level::None,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Set imagePullPolicy: Always; layers that the node has are not downloaded again.",
    rule: &PerWorkload(judge),
    page: include_str!("image_pull_policy_not_always.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let findings = images::uses(workload).filter_map(|used| {
        let reference = Reference::of(used.image);
        // What the API server fills in; it looks at the tag alone, also beside a digest.
        let default = if reference.is_latest() { "Always" } else { "IfNotPresent" };
        let policy = used.pull_policy.filter(|policy| !policy.is_empty()).unwrap_or(default);
        if policy == "Always" {
            return None;
        }
        let (by, field, image) = (&used.by, used.pull_field, used.image);
        let moving = reference.tag.unwrap_or("latest");
        if reference.digest.is_none() && MOVING_TAGS.contains(&moving) {
            let moves = match reference.tag {
                Some(_) => format!("the tag of its image '{image}' moves"),
                None => format!("its image '{image}' has no tag, which means 'latest'"),
            };
            let message = format!(
                "{field} of {by} is {policy}, but {moves}: each node runs what it happened \
                 to pull first; set {field}: Always, or name a version"
            );
            return Some(used.finding_about_pulling(workload, message).severity(Severity::Medium));
        }
        let message = format!(
            "{field} of {by} is {policy}: on a node that has image '{image}' already, a pod gets it without the registry \
             being asked whether it may; set {field}: Always"
        );
        Some(used.finding_about_pulling(workload, message))
    });
    findings.collect::<Vec<_>>().into()
}
