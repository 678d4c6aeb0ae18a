//! The content of the built-in profiles, by version: which check starts at which level.
//!
//! A published version never changes (`tests/profiles.rs`), so that upgrading the operator changes nobody's result.
//! A new version is a file with all of its checks, and its line in `VERSIONS`. Not its job: what a check is.

use super::Table;

pub(super) static V1_0: Table = Table {
    file: "profiles/v1.0.txt",
    columns: &["check", "level"],
    text: include_str!("profiles/v1.0.txt"),
};

/// A version of the profiles.
#[derive(Clone, Copy, Debug)]
pub struct ProfileVersion {
    /// Its name, as policies pin it: `v1.0`.
    pub name: &'static str,
    table: &'static Table,
}

/// Every version, the oldest first.
const VERSIONS: &[ProfileVersion] = &[ProfileVersion { name: "v1.0", table: &V1_0 }];

impl ProfileVersion {
    /// Each check, with the level where it starts.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.table.rows().filter_map(|row| match *row.as_slice() {
            [check, level] => Some((check, level)),
            _ => None,
        })
    }
}

/// Every version of the profiles, the oldest first.
pub fn profile_versions() -> &'static [ProfileVersion] {
    VERSIONS
}
