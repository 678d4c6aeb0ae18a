//! unapproved-image-registry: an image from a place that nobody approved.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::images::{self, Reference};
use crate::checks::support::words::first_few;
use crate::engine::{Check, Context, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "unapproved-image-registry",
    title: "Images come from approved registries",
    category: Category::Images,
    severity: Severity::High,
    profile: Level::None,
    sees: Sees::Template,
    sources: &["PE"],
    remediation: "Mirror the image into an approved registry and name it there.",
    rule: &PerWorkload(judge),
    page: include_str!("unapproved_image_registry.md"),
};

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Parameters {
    /// allowedRegistries are registries, or paths below one, that images may come from.
    #[schemars(
        length(min = 1, max = 64),
        inner(length(min = 1, max = 512), regex(pattern = r"^(localhost|[^/\s]*[.:][^/\s]*)(/[^/\s]+)*/?$")),
        extend("x-kubernetes-list-type" = "set")
    )]
    allowed_registries: Vec<String>,
}

fn judge(_: &Context<'_>, parameters: &Parameters, workload: &Workload) -> Verdict {
    let allowed = &parameters.allowed_registries;
    if allowed.is_empty() {
        return Verdict::unknown("no policy says which registries are approved; set allowedRegistries");
    }
    let findings = images::uses(workload).filter_map(|used| {
        let name = Reference::of(used.image).name;
        if allowed.iter().any(|registry| is_below(&name, registry)) {
            return None;
        }
        let message = format!(
            "{} uses image '{}' (that is '{name}') from outside the approved registries ({}): nobody has approved what \
             comes from there; use one of them",
            used.by,
            used.image,
            first_few(allowed)
        );
        Some(used.finding(workload, message))
    });
    findings.collect::<Vec<_>>().into()
}

/// Whether a full name is that of an allowed registry or path, or stands below it.
fn is_below(name: &str, allowed: &str) -> bool {
    let allowed = allowed.trim_end_matches('/');
    let (host, path) = allowed.split_once('/').unwrap_or((allowed, ""));
    let host = match host.to_ascii_lowercase() {
        hub if hub == "index.docker.io" => "docker.io".to_owned(),
        host => host,
    };
    let rest = name.strip_prefix(host.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let rest = rest.and_then(|rest| rest.strip_prefix(path));
    rest.is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_parts_of_a_name_count() {
        for (name, allowed, below) in [
            ("docker.io/library/nginx", "docker.io", true),
            ("docker.io/library/nginx", "docker.io/library/", true),
            ("docker.io/library/nginx", "docker.io/library/nginx", true),
            ("docker.io/library/nginx", "index.docker.io/library", true),
            ("docker.io/library/nginx", "docker.io/lib", false),
            ("ghcr.io/shop/api", "GHCR.io/shop", true),
            ("ghcr.io.example.com/shop/api", "ghcr.io", false),
            ("registry:5000/api", "registry:5000", true),
            ("registry:5000/api", "registry", false),
        ] {
            assert_eq!(is_below(name, allowed), below, "{name} below {allowed}");
        }
    }
}
