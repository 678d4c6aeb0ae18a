//! Registries that get no new images any more.

use std::sync::LazyLock;

use super::Table;

pub(super) static TABLE: Table = Table {
    file: "frozen-registries.txt",
    columns: &["name", "instead", "date", "source"],
    text: include_str!("frozen-registries.txt"),
};

/// A registry, or a part of one, that gets no new images any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrozenRegistry {
    /// Its name, and what all names of its images begin with.
    pub name: &'static str,
    /// What to use instead.
    pub instead: &'static str,
    /// Since when, `2023-04-03`.
    pub since: &'static str,
}

static ROWS: LazyLock<Vec<FrozenRegistry>> = LazyLock::new(|| {
    let registry = |row: Vec<&'static str>| match row.as_slice() {
        [name, instead, since, _] => Some(FrozenRegistry { name, instead, since }),
        _ => None,
    };
    TABLE.rows().filter_map(registry).collect()
});

/// The frozen registry that an image of this full name (`docker.io/library/nginx`) comes from.
pub fn frozen_registry(image: &str) -> Option<FrozenRegistry> {
    let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
    ROWS.iter().find(|registry| image.strip_prefix(registry.name).is_some_and(below)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_found_by_whole_parts_of_the_name() {
        assert_eq!(frozen_registry("k8s.gcr.io/pause").unwrap().instead, "registry.k8s.io");
        assert_eq!(frozen_registry("docker.io/bitnamilegacy/redis").unwrap().name, "docker.io/bitnamilegacy");
        assert_eq!(frozen_registry("docker.io/bitnamilegacy2/redis"), None);
        assert_eq!(frozen_registry("k8s.gcr.io.example.com/pause"), None);
    }
}
