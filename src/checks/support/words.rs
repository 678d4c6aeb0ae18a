//! Words for messages.

/// "a", "a and b", "a, b and c"; each in single quotes.
pub(crate) fn quoted_list<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = items.into_iter().map(|item| format!("'{item}'")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// "'a', 'b', 'c' and 2 more": a list that may be long.
pub(crate) fn first_few<T: std::fmt::Display>(items: &[T]) -> String {
    const NAMED: usize = 3;
    match items.len().saturating_sub(NAMED) {
        0 => quoted_list(items),
        more => {
            let named: Vec<String> = items.iter().take(NAMED).map(|item| format!("'{item}'")).collect();
            format!("{} and {more} more", named.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_well() {
        assert_eq!(quoted_list(["a"]), "'a'");
        assert_eq!(quoted_list(["a", "b", "c"]), "'a', 'b' and 'c'");
        assert_eq!(first_few(&["a", "b", "c"]), "'a', 'b' and 'c'");
        assert_eq!(first_few(&["a", "b", "c", "d"]), "'a', 'b', 'c' and 1 more");
    }
}
