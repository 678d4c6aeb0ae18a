//! Versions of Kubernetes, as far as they matter: major and minor.
//!
//! Not its job: which versions there are or which are supported (`data`).

use std::fmt;
use std::str::FromStr;

/// A minor version of Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    /// 1.
    pub major: u32,
    /// 36.
    pub minor: u32,
}

/// A text that names no version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no version of Kubernetes; write it as in 1.36")]
pub struct NoVersion(String);

impl FromStr for KubernetesVersion {
    type Err = NoVersion;

    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        match (number(), number()) {
            (Some(major), Some(minor)) => Ok(Self { major, minor }),
            _ => Err(NoVersion(text.to_owned())),
        }
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let version = |text: &str| text.parse::<KubernetesVersion>();
        assert!(version("1.9").unwrap() < version("v1.25.3").unwrap());
        assert_eq!(version("1.36").unwrap().to_string(), "1.36");
        assert!(version("36").is_err() && version("latest").is_err() && version("").is_err());
    }
}
