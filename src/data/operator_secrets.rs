//! Secrets that operators make for what they run.

use super::Table;

pub(super) static TABLE: Table = Table {
    file: "operator-secrets.txt",
    columns: &["part", "operator", "source"],
    text: include_str!("operator-secrets.txt"),
};

/// The operator that makes Secrets of such a name.
pub fn operator_of_secret(name: &str) -> Option<&'static str> {
    TABLE.rows().find_map(|row| match row.as_slice() {
        [part, operator, _] => {
            let found = if part.ends_with('-') { name.contains(part) } else { name.ends_with(part) };
            found.then_some(*operator)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_what_its_name_always_has() {
        assert_eq!(operator_of_secret("shop-pguser-app"), Some("the Crunchy Postgres operator"));
        assert_eq!(operator_of_secret("search-es-elastic-user"), Some("the Elastic operator"));
        assert_eq!(operator_of_secret("search-es-elastic-user-copy"), None);
        assert_eq!(operator_of_secret("db"), None);
    }
}
