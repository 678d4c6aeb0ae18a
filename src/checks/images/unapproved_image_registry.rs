//! unapproved-image-registry: an image from a place that nobody approved.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Category, Level, Severity};
use crate::checks::support::images::{self, Reference};
use crate::checks::support::words::quoted_list;
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

/// How many registries a message has room for.
const NAMED: usize = 3;

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
            "{} uses image '{}', and '{name}' is not below {}: nobody has approved what comes from there; \
             use an approved registry",
            used.by,
            used.image,
            list(allowed)
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

fn list(allowed: &[String]) -> String {
    match allowed.len().saturating_sub(NAMED) {
        0 => quoted_list(allowed),
        more => format!(
            "{} or {more} more",
            allowed.iter().take(NAMED).map(|a| format!("'{a}'")).collect::<Vec<_>>().join(", ")
        ),
    }
    .replace(" and ", " or ")
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
