//! image-not-pinned-by-digest: an image that its registry may replace.

use crate::api::{Category, Level, Severity};
use crate::checks::support::images::{self, Reference};
use crate::engine::{Check, Context, NoParams, PerWorkload, Sees, Verdict};
use crate::model::Workload;

pub(super) static CHECK: Check = Check {
    id: "image-not-pinned-by-digest",
    title: "Images are pinned by digest",
    category: Category::Images,
    severity: Severity::Low,
    profile: Level::Strict,
    sees: Sees::Template,
    sources: &["ST-47", "PE"],
    remediation: "Append the digest of the image that was tested: name:tag@sha256:... .",
    rule: &PerWorkload(judge),
    page: include_str!("image_not_pinned_by_digest.md"),
};

fn judge(_: &Context<'_>, _: &NoParams, workload: &Workload) -> Verdict {
    let findings = images::uses(workload).filter_map(|used| {
        let image = used.image;
        let problem = match Reference::of(image).digest {
            Some(digest) if is_well_formed(digest) => return None,
            Some(digest) => format!(
                "whose digest '{digest}' is malformed, so that no runtime can pull it; write sha256: and 64 hexadecimal digits"
            ),
            None => "without a digest: whoever can write to the registry can put other code under the same name; \
                     append @sha256:... of the image that was tested"
                .to_owned(),
        };
        Some(used.finding(workload, format!("{} uses image '{image}' {problem}", used.by)))
    });
    findings.collect::<Vec<_>>().into()
}

fn is_well_formed(digest: &str) -> bool {
    let Some((algorithm, hex)) = digest.split_once(':') else { return false };
    let wanted = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == wanted && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
