//! The names of time zones that Kubernetes knows.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Table;

pub(super) static TABLE: Table =
    Table { file: "time-zones.txt", columns: &["name"], text: include_str!("time-zones.txt") };

static NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| TABLE.rows().filter_map(|row| row.first().copied()).collect());

/// Whether Kubernetes knows a time zone of exactly this name.
pub fn is_time_zone(name: &str) -> bool {
    NAMES.contains(name)
}

/// The time zone whose name differs in the case of its letters alone.
pub fn time_zone_like(name: &str) -> Option<&'static str> {
    NAMES.iter().find(|known| known.eq_ignore_ascii_case(name)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_by_case() {
        assert!(is_time_zone("Europe/Berlin") && is_time_zone("UTC") && is_time_zone("Etc/GMT+5"));
        assert!(!is_time_zone("europe/berlin") && !is_time_zone("Europe") && !is_time_zone(""));
        assert_eq!(time_zone_like("europe/berlin"), Some("Europe/Berlin"));
    }
}
