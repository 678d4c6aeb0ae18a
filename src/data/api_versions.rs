//! Versions of Kubernetes' own APIs that are deprecated or gone.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::Table;

pub(super) static TABLE: Table = Table {
    file: "api-versions.txt",
    columns: &["api", "deprecated", "removed", "instead"],
    text: include_str!("api-versions.txt"),
};

/// The newest minor release that the tables here know.
pub const NEWEST_KUBERNETES: &str = "1.36";

/// What becomes of a version of an API; releases as in `1.25`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiLife {
    /// The release that deprecated it.
    pub deprecated: &'static str,
    /// The first release that does not serve it any more, where that is decided.
    pub removed: Option<&'static str>,
    /// What to write in its place: an `apiVersion`, with the kind after it where that differs as well.
    pub instead: Option<&'static str>,
}

static ROWS: LazyLock<HashMap<(&'static str, &'static str), ApiLife>> = LazyLock::new(|| {
    let known = |cell: &'static str| (cell != "-").then_some(cell);
    let life = |row: Vec<&'static str>| match row.as_slice() {
        [api, deprecated, removed, instead] => Some((
            api.split_once(' ')?,
            ApiLife { deprecated, removed: known(removed), instead: known(instead) },
        )),
        _ => None,
    };
    TABLE.rows().filter_map(life).collect()
});

/// What becomes of an `apiVersion` of a kind; `None` when it is neither deprecated nor gone.
pub fn api_life(api_version: &str, kind: &str) -> Option<ApiLife> {
    let rows: &HashMap<(&str, &str), ApiLife> = &ROWS;
    rows.get(&(api_version, kind)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_goes_by_version_and_kind() {
        let ingress = api_life("extensions/v1beta1", "Ingress").unwrap();
        assert_eq!((ingress.removed, ingress.instead), (Some("1.22"), Some("networking.k8s.io/v1")));
        assert_eq!(api_life("extensions/v1beta1", "Deployment").unwrap().removed, Some("1.16"));
        assert_eq!(api_life("v1", "Endpoints").unwrap().removed, None);
        assert_eq!(api_life("apps/v1", "Deployment"), None);
    }

    #[test]
    fn releases_are_versions() {
        let version =
            |text: &str| text.split_once('.').is_some_and(|(_, minor)| minor.parse::<u32>().is_ok());
        for life in ROWS.values() {
            assert!(version(life.deprecated) && life.removed.is_none_or(version), "{life:?}");
        }
    }
}
