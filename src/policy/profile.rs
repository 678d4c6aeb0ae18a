//! Built-in profiles: which checks a level has in a version.
//!
//! The content is data (`data::profile_versions`); a version is a promise that it never changes.

use std::fmt;
use std::str::FromStr;

use crate::api::Level;
use crate::data::profile_versions;
use crate::engine::{Catalogue, Check};

/// What policies write for the newest version, whichever that is.
const LATEST: &str = "latest";

/// Every version that can be pinned, the oldest first.
pub fn versions() -> impl DoubleEndedIterator<Item = &'static str> {
    profile_versions().iter().map(|version| version.name)
}

/// A built-in profile: a level in a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// The level.
    pub level: Level,
    /// The version, never `latest`.
    pub version: &'static str,
}

/// Why there is no such profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProfile {
    /// There is no such level.
    #[error("there is no profile '{0}'; use Baseline, Standard or Strict")]
    Level(String),
    /// There is no such version.
    #[error("there is no version '{0}'; use latest or one of {all}", all = versions().collect::<Vec<_>>().join(", "))]
    Version(String),
    /// A check of it is not in the catalogue: an error of this program, and never left out in silence.
    #[error(
        "profile {0} has the check '{1}', which this version of Seaworthy does not know; pin another version"
    )]
    Check(BuiltIn, &'static str),
}

impl BuiltIn {
    /// The profile of a level and a version as policies write it.
    ///
    /// # Errors
    /// When there is no such version.
    pub fn find(level: Level, version: &str) -> Result<Self, NoProfile> {
        let wanted = |name: &&str| version == LATEST || *name == version;
        let found = versions().rev().find(wanted);
        let version = found.ok_or_else(|| NoProfile::Version(version.to_owned()))?;
        Ok(Self { level, version })
    }

    /// Its checks, each with the level where it starts, in the catalogue's order.
    ///
    /// # Errors
    /// When one of them is not in the catalogue.
    pub fn checks(self, catalogue: &Catalogue) -> Result<Vec<(&'static Check, Level)>, NoProfile> {
        let version = profile_versions().iter().find(|version| version.name == self.version);
        let rows = version.into_iter().flat_map(|version| version.rows());
        let mut checks = Vec::new();
        for (name, level) in rows.filter_map(|(name, level)| Some((name, level_of(level)?))) {
            let check = catalogue.get(name).ok_or(NoProfile::Check(self, name))?;
            if level <= self.level {
                checks.push((check, level));
            }
        }
        let place = |check: &Check| catalogue.iter().position(|other| other.id == check.id);
        checks.sort_by_cached_key(|(check, _)| place(check));
        Ok(checks)
    }
}

impl fmt::Display for BuiltIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.level.as_str(), self.version))
    }
}

/// As people write it: `standard`, `Standard/v1.0`, `strict/latest`.
impl FromStr for BuiltIn {
    type Err = NoProfile;
    fn from_str(written: &str) -> Result<Self, NoProfile> {
        let (level, version) = written.split_once('/').unwrap_or((written, LATEST));
        let level = level_of(level).ok_or_else(|| NoProfile::Level(level.to_owned()))?;
        Self::find(level, version)
    }
}

/// A level that has checks.
fn level_of(written: &str) -> Option<Level> {
    Level::WITH_CHECKS.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_found_as_people_write_them() {
        let newest = versions().next_back().unwrap();
        for (written, wanted) in [
            ("strict", Ok(BuiltIn { level: Level::Strict, version: newest })),
            ("Standard/v1.0", Ok(BuiltIn { level: Level::Standard, version: "v1.0" })),
            ("BASELINE/latest", Ok(BuiltIn { level: Level::Baseline, version: newest })),
            ("none", Err("there is no profile 'none'; use Baseline, Standard or Strict".to_owned())),
            ("strict/v9.9", Err(NoProfile::Version("v9.9".to_owned()).to_string())),
        ] {
            assert_eq!(written.parse::<BuiltIn>().map_err(|e| e.to_string()), wanted, "{written}");
        }
    }

    #[test]
    fn what_is_not_in_the_catalogue_is_said_and_not_left_out() {
        let profile: BuiltIn = "strict".parse().unwrap();
        let error = profile.checks(&Catalogue::new(&[])).unwrap_err().to_string();
        assert!(error.starts_with("profile Strict/v") && error.contains("does not know"), "{error}");
    }
}
