//! Built-in profiles: which checks a level has in a version.
//!
//! A check says itself at which level it starts; a version is a promise that this never changes.

use crate::api::Level;
use crate::engine::{Catalogue, Check};

/// The newest version.
pub const LATEST: &str = "v1.0";
/// Every version that can be pinned.
pub const VERSIONS: &[&str] = &[LATEST];

/// The version that a policy means; `None` when there is no such version.
pub(super) fn version(written: &str) -> Option<&'static str> {
    if written == "latest" { Some(LATEST) } else { VERSIONS.iter().copied().find(|v| *v == written) }
}

/// The checks of a level, in the catalogue's order.
pub(super) fn checks(catalogue: &Catalogue, level: Level) -> impl Iterator<Item = &'static Check> + use<> {
    // A check of level None is opt-in: it is in no profile.
    catalogue.iter().filter(move |check| check.profile != Level::None && check.profile <= level)
}
