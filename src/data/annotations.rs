//! What annotations of load balancers and Ingress controllers mean.

use std::sync::LazyLock;

use super::Table;

pub(super) static TABLE: Table = Table {
    file: "annotations.txt",
    columns: &["key", "value", "means", "source"],
    text: include_str!("annotations.txt"),
};

/// An annotation that tells a load balancer or an Ingress controller something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnotationMeaning {
    /// Its key; one that ends with a dot stands for all that begin with it.
    pub key: &'static str,
    /// What its value has to contain; `*` is any value.
    value: &'static str,
    means: &'static str,
}

impl AnnotationMeaning {
    /// Whether a value says it.
    pub fn is_said_by(&self, value: &str) -> bool {
        let value = value.trim().to_lowercase();
        match self.value {
            "*" => !value.is_empty() && value != "false",
            wanted => value.contains(wanted),
        }
    }
}

static ROWS: LazyLock<Vec<AnnotationMeaning>> = LazyLock::new(|| {
    let meaning = |row: Vec<&'static str>| match row.as_slice() {
        [key, value, means, _] => Some(AnnotationMeaning { key, value, means }),
        _ => None,
    };
    TABLE.rows().filter_map(meaning).collect()
});

/// The annotations that mean something: `certificate`, `fallback`, `internal`.
pub fn annotations_meaning(what: &str) -> impl Iterator<Item = &'static AnnotationMeaning> {
    ROWS.iter().filter(move |row| row.means == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_means_something_and_values_are_compared_in_small_letters() {
        let known = ["certificate", "fallback", "internal"];
        assert!(ROWS.iter().all(|row| known.contains(&row.means) && row.value == row.value.to_lowercase()));
        let scheme =
            annotations_meaning("internal").find(|row| row.key.ends_with("aws-load-balancer-scheme"));
        let scheme = scheme.unwrap();
        assert!(scheme.is_said_by("Internal") && !scheme.is_said_by("internet-facing"));
    }
}
