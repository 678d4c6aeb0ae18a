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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_well() {
        assert_eq!(quoted_list(["a"]), "'a'");
        assert_eq!(quoted_list(["a", "b", "c"]), "'a', 'b' and 'c'");
    }
}
