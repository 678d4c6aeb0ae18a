//! Checks of images; each in a file of its own, with its page.

mod deprecated_image_registry;
mod image_not_pinned_by_digest;
mod image_pull_policy_not_always;
mod mutable_image_tag;
mod unapproved_image_registry;
mod vulnerable_image;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[
    &mutable_image_tag::CHECK,
    &image_not_pinned_by_digest::CHECK,
    &unapproved_image_registry::CHECK,
    &image_pull_policy_not_always::CHECK,
    &deprecated_image_registry::CHECK,
    &vulnerable_image::CHECK,
];
