//! Checks of images; each in a file of its own, with its page.

mod mutable_image_tag;

use crate::engine::Check;

/// In the order of the documents.
pub(super) const CHECKS: &[&Check] = &[&mutable_image_tag::CHECK];
